"""What functions, sites and rights are called, and what the law asks of a right on land."""

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from dateutil.relativedelta import relativedelta

from couveuse.core.errors import Reason
from couveuse.core.i18n import N_, gettext, ngettext
from couveuse.core.sheets import fold
from couveuse.structures.models import Function, LandForm, RightState, SiteKind

FUNCTION_NAMES = {
    Function.INCUBATION: N_("Couveuse"),
    Function.MEANS: N_("Pépinière"),
    Function.SUPPORT: N_("Accompagnement"),
    Function.COORDINATION: N_("Animation-coordination"),
}
FUNCTION_HELP = {
    Function.INCUBATION: N_("cadre juridique, fiscal et social du test"),
    Function.MEANS: N_("terre, bâtiments, eau, matériel"),
    Function.SUPPORT: N_("suivi technique, humain et du projet"),
    Function.COORDINATION: N_("accueil, partenariat, financements"),
}
WITHOUT = {
    Function.INCUBATION: N_("sans couveuse"),
    Function.MEANS: N_("sans pépinière"),
    Function.SUPPORT: N_("sans accompagnement"),
    Function.COORDINATION: N_("sans animation-coordination"),
}
_FUNCTION_WORDS = {
    "couveuse": Function.INCUBATION,
    "incubation": Function.INCUBATION,
    "hebergement juridique": Function.INCUBATION,
    "legal hosting": Function.INCUBATION,
    "pepiniere": Function.MEANS,
    "moyens de production": Function.MEANS,
    "means": Function.MEANS,
    "means of production": Function.MEANS,
    "accompagnement": Function.SUPPORT,
    "suivi": Function.SUPPORT,
    "support": Function.SUPPORT,
    "animation coordination": Function.COORDINATION,
    "animation et coordination": Function.COORDINATION,
    "animation": Function.COORDINATION,
    "coordination": Function.COORDINATION,
}
"""As a spreadsheet may write them, folded."""

SITE_KINDS = {
    SiteKind.PERMANENT: N_("Lieu-test permanent (à quitter à la fin du test)"),
    SiteKind.TEMPORARY: N_("Lieu-test temporaire (une personne, sur sa future installation)"),
    SiteKind.ARCHIPELAGO: N_("Archipel (plusieurs lieux dispersés)"),
}
SITE_KIND_WORDS = {
    SiteKind.PERMANENT: N_("permanent"),
    SiteKind.TEMPORARY: N_("temporaire"),
    SiteKind.ARCHIPELAGO: N_("archipel"),
}

RIGHT_STATES = {
    RightState.TO_COME: (N_("à venir"), "info"),
    RightState.IN_FORCE: (N_("en cours"), "ok"),
    RightState.ENDING: (N_("se termine dans l'année"), "warn"),
    RightState.ENDED: (N_("terminé"), ""),
}
"""In words, with the tone of the badge."""
WARNINGS = {
    12: (N_("fin dans moins d'un an"), "info"),
    6: (N_("fin dans moins de 6 mois"), "warn"),
    3: (N_("fin dans moins de 3 mois"), "stop"),
}

FORM_LABELS = (
    N_("Propriété de la structure"),
    N_("Bail rural"),
    N_("Bail rural environnemental"),
    N_("Prêt à usage (commodat)"),
    N_("Convention d'occupation précaire"),
    N_("Mise à disposition SAFER"),
    N_("Occupation du domaine public (AOT, COT)"),
    N_("Domaine privé d'une collectivité"),
    N_("Petite parcelle"),
    N_("Moyen mis à disposition par le contrat d'appui"),
)
FORM_REMARKS = (
    N_("Loyer dans les limites fixées par arrêté préfectoral."),
    N_("Clauses environnementales à vérifier à la sortie."),
    N_("Strictement gratuit : une contrepartie en ferait un bail rural. À écrire."),
    N_("Trois cas seulement : succession en litige, bail expiré, terre vouée à un autre usage."),
    N_("Au-delà de six ans en tout, le propriétaire doit d'abord proposer un bail à qui l'occupe."),
    N_("Temporaire et révocable."),
    N_("Règles du bail rural ; préavis de 18 mois pour refuser le renouvellement."),
    N_("Sous la surface fixée par arrêté préfectoral, non divisée depuis neuf ans."),
    N_("La structure tient la terre ; la personne en test n'a pas de droit sur elle."),
)
"""What the rows of ``land_form`` are called and say: here so that they are translated."""

TOO_MANY_RENEWALS = N_(
    "« %(form)s » : %(times)s. Notez un nouveau droit, d'une autre forme.%(law)s"
)
END_NEEDED = N_("« %(form)s » : %(limit)s. Notez son dernier jour.%(law)s")
TOO_LONG = N_(
    "« %(form)s » : %(limit)s, à partir du %(first)s. Le dernier jour possible est le "
    "%(last)s.%(law)s"
)
TOO_SHORT = N_(
    "« %(form)s » : %(limit)s, à partir du %(first)s. Le dernier jour est au plus tôt le "
    "%(last)s.%(law)s"
)
NO_FEE = N_(
    "« %(form)s » est gratuit : laissez la redevance vide. Une contrepartie, même en services ou "
    "en récoltes, le ferait devenir un bail rural.%(law)s"
)


def function_name(function: str) -> str:
    return gettext(FUNCTION_NAMES[Function(function)])


def without(function: str) -> str:
    """How a gap is told: "sans couveuse"."""
    return gettext(WITHOUT[Function(function)])


def functions_named(words: Iterable[str]) -> tuple[list[Function], list[str]]:
    """The functions a spreadsheet names, and the words that are none."""
    known = {word: _FUNCTION_WORDS.get(fold(word)) for word in words}
    found = dict.fromkeys(function for function in known.values() if function)
    return list(found), [word for word, function in known.items() if function is None]


def site_kind(kind: str) -> str:
    return gettext(SITE_KIND_WORDS[SiteKind(kind)])


def right_state(state: RightState) -> tuple[str, str]:
    """The state in the reader's language, and the tone of its badge."""
    text, tone = RIGHT_STATES[state]
    return gettext(text), tone


def warning(months: int) -> tuple[str, str]:
    text, tone = WARNINGS[months]
    return gettext(text), tone


def limits_in_words(form: LandForm) -> list[str]:
    """What the law allows: "6 ans au plus", "renouvelable 1 fois", "gratuit"."""
    told = [_at_least(form.min_years)] if form.min_years else []
    told += [_at_most(form.max_years)] if form.max_years else []
    told += [_renewable(form.max_renewals)] if form.max_renewals is not None else []
    return told if form.allows_fee else [*told, gettext(N_("gratuit"))]


def _at_least(years: int) -> str:
    return ngettext("%(n)s an au moins", "%(n)s ans au moins", years) % {"n": years}


def _at_most(years: int) -> str:
    return ngettext("%(n)s an au plus", "%(n)s ans au plus", years) % {"n": years}


def _renewable(times: int) -> str:
    if not times:
        return gettext(N_("pas de renouvellement"))
    sentence = ngettext("renouvelable %(n)s fois au plus", "renouvelable %(n)s fois au plus", times)
    return sentence % {"n": times}


def land_right_problems(
    form: LandForm, first: dt.date, last: dt.date | None, renewals: int, fee: Decimal | None
) -> Iterator[Reason]:
    """Everything that the law refuses, each with its article."""
    said = {"form": gettext(form.label), "law": f" ({form.reference})" if form.reference else ""}
    if fee is not None and not form.allows_fee:
        yield Reason("fee_on_free_form", NO_FEE, said, field="yearly_fee")
    if form.max_renewals is not None and renewals > form.max_renewals:
        values = said | {"times": _renewable(form.max_renewals)}
        yield Reason("too_many_renewals", TOO_MANY_RENEWALS, values, field="renewals")
    yield from _length_problems(form, first, last, renewals, said | {"first": first})


def _length_problems(
    form: LandForm, first: dt.date, last: dt.date | None, renewals: int, said: dict[str, Any]
) -> Iterator[Reason]:
    if form.min_years and last:
        soonest = _last_after(first, form.min_years)
        if last < soonest:
            values = said | {"limit": _at_least(form.min_years), "last": soonest}
            yield Reason("right_too_short", TOO_SHORT, values, field="ends_on")
    if form.max_years:
        # One length for the right itself, and one more for each renewal.
        latest = _last_after(first, form.max_years * (1 + min(renewals, form.max_renewals or 0)))
        values = said | {"limit": ", ".join(limits_in_words(form)), "last": latest}
        if last is None:
            yield Reason("end_needed", END_NEEDED, values, field="ends_on")
        elif last > latest:
            yield Reason("right_too_long", TOO_LONG, values, field="ends_on")


def _last_after(first: dt.date, years: int) -> dt.date:
    """The last day of so many years: from 1 November to 31 October."""
    return first + relativedelta(years=years) - dt.timedelta(days=1)
