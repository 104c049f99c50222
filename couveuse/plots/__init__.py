"""The land: plots, their outlines, their lineage, and what stays with them."""
