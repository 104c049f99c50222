"""couveuse: the daily software of agricultural test-spaces."""

__version__ = "0.1.0"
