"""What the structures do together: grants, and the hours of support that each of them pays once."""
