"""Shared items, who holds them and when."""
