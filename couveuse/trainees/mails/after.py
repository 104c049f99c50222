"""The mail that asks for news, with a link that needs no account."""

from couveuse.core.letters import letter
from couveuse.people.models import Person

NEWS_PATH = "/nouvelles/"
"""Said again here because a job sends it without a web page."""


def news_mail(person: Person, months: int, token: str, base_url: str) -> tuple[str, str]:
    """Subject and body."""
    return letter(
        "trainees/mails/news.txt",
        person.language,
        name=person.name,
        months=months,
        url=base_url.rstrip("/") + NEWS_PATH + token,
        base_url=base_url,
    )
