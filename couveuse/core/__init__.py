"""What every slice stands on. Knows no slice and no web framework."""
