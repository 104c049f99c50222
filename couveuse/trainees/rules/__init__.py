"""What is allowed and what it is called, without a database."""
