"""The whole incubator at a glance. Reads every slice, and settles what touches several."""
