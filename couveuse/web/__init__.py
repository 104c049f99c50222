"""What every page stands on: Litestar, forms, rendering, errors. Knows no slice."""
