"""Applications and decisions in words."""

from collections.abc import Iterable, Sequence

from couveuse.core.i18n import N_, gettext
from couveuse.trainees.models import (
    Application,
    ApplicationPieceKind,
    Decision,
    Level,
    PathState,
    Presence,
)

LEVELS = {
    Level.NOT_DISCUSSED: N_("pas abordé"),
    Level.STARTING: N_("à construire"),
    Level.GROWING: N_("en chemin"),
    Level.SOLID: N_("solide"),
}
DECISIONS = {
    Decision.YES: N_("oui"),
    Decision.YES_IF: N_("oui, à une condition"),
    Decision.WAIT: N_("plus tard, faute de place"),
    Decision.NO: N_("pas cette fois"),
}
PRESENCES = {
    Presence.EXPECTED: N_("attendu·e"),
    Presence.PRESENT: N_("présent·e"),
    Presence.EXCUSED: N_("excusé·e"),
    Presence.ABSENT: N_("absent·e"),
}
LEADS_TO = {
    Decision.YES: PathState.SELECTED,
    Decision.YES_IF: PathState.SELECTED,
    Decision.WAIT: PathState.WAITING_LIST,
    Decision.NO: PathState.REFUSED,
}
"""What a decision makes of the path."""

KINDS_AND_CRITERIA = (
    N_("Projet écrit : ce qui est à tester, pourquoi, comment"),
    N_("Curriculum vitæ"),
    N_("Budget et plan de trésorerie"),
    N_("De quoi vivre la première année"),
    N_("Ventes prévues"),
    N_("Diplômes et formations"),
    N_("Permis de conduire"),
    N_("Certiphyto"),
    N_("Attestation d'assurance"),
    N_("Clarté de ce qui est à tester"),
    N_("Expérience et envie d'apprendre"),
    N_("Débouchés et économie du projet"),
    N_("Vie personnelle : temps, entourage, revenus"),
    N_("Place dans le collectif du lieu"),
    N_("Ce que le lieu peut apporter"),
)
"""What the rows of the two tables say: here so that they are translated."""


def level_options() -> list[tuple[str, str]]:
    return [(level.value, gettext(text)) for level, text in LEVELS.items()]


def level_name(level: str) -> str:
    return gettext(LEVELS[Level(level)])


def decision_options() -> list[tuple[str, str]]:
    return [(one.value, gettext(text)) for one, text in DECISIONS.items()]


def decision_name(decision: str) -> str:
    return gettext(DECISIONS[Decision(decision)])


def presence_options() -> list[tuple[str, str]]:
    return [(one.value, gettext(text)) for one, text in PRESENCES.items()]


def presence_name(presence: str) -> str:
    return gettext(PRESENCES[Presence(presence)])


def missing_pieces(
    application: Application, kinds: Iterable[ApplicationPieceKind]
) -> list[ApplicationPieceKind]:
    """The needed papers that have not come in."""
    there = {piece.kind for piece in application.pieces}
    return [kind for kind in kinds if kind.is_needed and kind.code not in there]


def read_levels(values: dict[str, list[str]], codes: Sequence[str]) -> dict[str, str]:
    """The levels of a posted grid, by criterion; what is not said is not discussed."""
    found: dict[str, str] = {}
    for code in codes:
        said = (values.get(f"level-{code}") or [""])[0]
        found[code] = said if said in set(Level) else Level.NOT_DISCUSSED.value
    return found
