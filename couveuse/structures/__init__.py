"""The partner organisations, their sites and what they hold."""
