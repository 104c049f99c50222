"""The app, made as this module is imported: in the process that web processes are forked from."""

import gc

from couveuse.running import app_from_environment

app = app_from_environment()

gc.collect()
gc.freeze()  # what all of them share stays untouched by their collectors
gc.set_threshold(20_000, 10, 10)  # a page makes some thousand objects, and leaves no circle
