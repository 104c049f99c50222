"""Importing outlines."""

from litestar import Controller


class ImportPages(Controller):
    path = "/parcelles/import"
