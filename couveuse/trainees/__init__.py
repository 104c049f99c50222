"""The path of a person in test: welcome, agreements, follow-up group, and life afterwards."""
