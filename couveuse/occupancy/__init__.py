"""Who holds which ground, from when to when."""
