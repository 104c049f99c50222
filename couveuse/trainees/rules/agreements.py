"""What the law of a kind refuses: too long, too often, signed too late, not for this person."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from couveuse.core.errors import Reason
from couveuse.core.i18n import N_, gettext
from couveuse.trainees.models import AgreementKind
from couveuse.trainees.rules.kinds import renewable
from couveuse.trainees.rules.months import DAY, last_day_after

ENDS_TOO_EARLY = N_("Le dernier jour vient avant le premier. Corrigez l'une des deux dates.")
TOO_LONG = N_(
    "« %(kind)s » : une période dure %(months)s mois au plus. À partir du %(first)s, le dernier "
    "jour possible est le %(last)s."
)
TOO_LONG_IN_ALL = N_(
    "« %(kind)s » : %(months)s mois au plus en tout, dont %(carried)s déjà faits ailleurs. Le "
    "dernier jour possible est le %(last)s."
)
NOTHING_LEFT = N_(
    "« %(kind)s » : %(months)s mois au plus en tout, et %(carried)s sont déjà faits ailleurs. Il "
    "n'en reste pas."
)
TOO_MANY = N_(
    "« %(kind)s » : %(times)s. Cette période était la dernière : préparez la suite avec la "
    "personne."
)
NOT_THE_DAY_AFTER = N_(
    "Un renouvellement commence le lendemain de la période d'avant : le %(day)s."
)
SIGNED_AFTER_START = N_(
    "Signée le %(signed)s, après le premier jour : cette période serait nulle. Signez avant de "
    "commencer, et reculez le premier jour."
)
RENEWED_TOO_LATE = N_(
    "Un renouvellement se signe avant la fin de la période d'avant : le %(day)s au plus tard."
)
FULL_TIME = N_(
    "« %(kind)s » n'est pas ouvert à une personne salariée à temps plein. Attendez la fin de son "
    "emploi, ou choisissez un autre type."
)


@dataclass(frozen=True, slots=True)
class PeriodFacts:
    """A period as it is asked for, with what is known of the agreement. Days as people say them."""

    kind: AgreementKind
    """As the law stands on the first day."""
    first: dt.date
    last: dt.date
    signed_on: dt.date | None
    number: int = 0
    """0 for the first period, then the renewals."""
    before: dt.date | None = None
    """The last day of the period before; None for the first."""
    began_on: dt.date | None = None
    """The first day of the first period; None for the first itself."""
    carried_months: int = 0
    is_full_time: bool = False


def period_problems(asked: PeriodFacts) -> Iterator[Reason]:
    """Everything that is against this period."""
    if asked.last < asked.first:
        yield Reason("end_before_start", ENDS_TOO_EARLY, field="ends_on")
    yield from _length_problems(asked)
    yield from _renewal_problems(asked)
    yield from _signature_problems(asked)
    if asked.is_full_time and asked.kind.forbids_full_time:
        yield Reason("employed_full_time", FULL_TIME, _said(asked), field="is_full_time")


def _said(asked: PeriodFacts) -> dict[str, object]:
    return {"kind": gettext(asked.kind.label)}


def last_of_period(kind: AgreementKind, first: dt.date) -> dt.date | None:
    """The last day that one period may have; None when the law says nothing."""
    return last_day_after(first, kind.max_months) if kind.max_months else None


def last_of_all(kind: AgreementKind, began_on: dt.date, carried_months: int) -> dt.date | None:
    """The last day of all periods together; the eve of the first when no month is left."""
    if not kind.max_total_months:
        return None
    return last_day_after(began_on, max(0, kind.max_total_months - carried_months))


def _length_problems(asked: PeriodFacts) -> Iterator[Reason]:
    kind, latest = asked.kind, last_of_period(asked.kind, asked.first)
    if latest and asked.last > latest:
        values = _said(asked) | {"months": kind.max_months, "first": asked.first, "last": latest}
        yield Reason("period_too_long", TOO_LONG, values, field="ends_on")
    began_on = asked.began_on or asked.first
    ceiling = last_of_all(kind, began_on, asked.carried_months)
    if ceiling and asked.last > ceiling:
        values = _said(asked) | {
            "months": kind.max_total_months,
            "carried": asked.carried_months,
            "last": ceiling,
        }
        sentence = TOO_LONG_IN_ALL if ceiling >= asked.first else NOTHING_LEFT
        yield Reason("too_long_in_all", sentence, values, field="ends_on")


def _renewal_problems(asked: PeriodFacts) -> Iterator[Reason]:
    most = asked.kind.max_renewals
    if most is not None and asked.number > most:
        yield Reason("too_many_renewals", TOO_MANY, _said(asked) | {"times": renewable(most)})
    if asked.before and asked.first != asked.before + DAY:
        values = {"day": asked.before + DAY}
        yield Reason("not_the_day_after", NOT_THE_DAY_AFTER, values, field="starts_on")


def _signature_problems(asked: PeriodFacts) -> Iterator[Reason]:
    signed = asked.signed_on
    if signed is None or not asked.kind.signed_before_start:
        return
    if asked.before is None and signed > asked.first:
        values = {"signed": signed}
        yield Reason("signed_after_start", SIGNED_AFTER_START, values, field="signed_on")
    if asked.before and signed > asked.before:
        values = {"day": asked.before}
        yield Reason("renewed_too_late", RENEWED_TOO_LATE, values, field="signed_on")


def early_end_problems(first: dt.date, last: dt.date, ends_on: dt.date) -> Iterator[Reason]:
    """What is against ending on a day an agreement that runs from the first to the last one."""
    if ends_on < first:
        sentence = N_(
            "Cette convention commence le %(day)s. Choisissez ce jour ou un jour d'après."
        )
        yield Reason("ends_before_start", sentence, {"day": first}, field="ends_on")
    if ends_on >= last:
        sentence = N_(
            "Cette convention se termine de toute façon le %(day)s. Une fin anticipée vient avant."
        )
        yield Reason("not_early", sentence, {"day": last}, field="ends_on")
