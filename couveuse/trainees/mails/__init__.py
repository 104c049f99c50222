"""Mails about paths, in the language of who receives them."""
