"""What people type about paths, agreements and groups."""
