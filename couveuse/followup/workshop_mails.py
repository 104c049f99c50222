"""Mails about workshops, in the language of who receives them."""

from collections.abc import Sequence

from couveuse.core import i18n
from couveuse.core.letters import letter
from couveuse.followup.models import Workshop, WorkshopSlot
from couveuse.people.models import Person

WORKSHOPS_PATH = "/ateliers"
"""Said again here because jobs send it without a web page."""


def workshop_mail(
    workshop: Workshop,
    what: str,
    reader: Person,
    by: str,
    base_url: str,
    *,
    slots: Sequence[WorkshopSlot] | None = None,
) -> tuple[str, str]:
    """What happened to a workshop or to the reader's place in it; ``slots`` narrows the hours."""
    spoken = i18n.language()
    i18n.set_language(reader.language)
    hours = [
        i18n.slot(slot.starts_at.astimezone(workshop.zone), slot.ends_at.astimezone(workshop.zone))
        for slot in (slots or workshop.slots)
    ]
    i18n.set_language(spoken)
    return letter(
        "followup/mails/workshop.txt",
        reader.language,
        name=reader.name,
        base_url=base_url,
        url=f"{base_url}{WORKSHOPS_PATH}/{workshop.id}",
        what=what,
        workshop=workshop,
        by=by,
        hours=hours,
        leads=reader.id in workshop.trainer_ids,
    )
