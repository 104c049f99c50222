"""Persons, their dated memberships, their papers, and how they sign in."""
