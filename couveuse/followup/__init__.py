"""Visits of mentors, what was seen, said and agreed, and who may read it."""
