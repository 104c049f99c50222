"""Data to try the product with: the demonstration's network, and the load of the benchmark."""

from couveuse.seeds.bench import seed_bench
from couveuse.seeds.demo import refresh_demo, seed_demo
from couveuse.seeds.marks import is_demo, is_empty

__all__ = ["is_demo", "is_empty", "refresh_demo", "seed_bench", "seed_demo"]
