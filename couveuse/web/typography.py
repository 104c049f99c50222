"""Spaces as French prints them, put in at the last moment: in what pages show, nowhere else.

The source, the journal, mails and files keep plain spaces. English has nothing to change: it puts
no space before these signs.
"""

import re
from functools import lru_cache

NO_BREAK = "\u00a0"
NARROW = "\u202f"


@lru_cache(maxsize=8192)
def typeset(text: str) -> str:
    """No line begins with a double sign, nor ends with an opening quote."""
    text = re.sub(r" (?=[;?!])", NARROW, text)
    return re.sub(r" (?=[:»])|(?<=«) ", NO_BREAK, text)


def unbroken(text: str) -> str:
    """A number with its unit, or the digits of a telephone: all on one line."""
    return text.replace(" ", NO_BREAK)
