"""The words of follow-up: kinds, themes, states; and which words ask for a second look."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from couveuse.core.i18n import N_
from couveuse.followup.models import (
    CommitteeState,
    Level,
    Presence,
    ProgressDecision,
    StepState,
    VisitMode,
    VisitState,
)
from couveuse.trainees.rules.groups import FOLLOW_UP_KINDS

KINDS = FOLLOW_UP_KINDS
MODES = {
    VisitMode.PLACE: N_("Sur place"),
    VisitMode.PHONE: N_("Au téléphone"),
    VisitMode.VIDEO: N_("En visio"),
}
STATES = {
    VisitState.PLANNED: N_("prévue"),
    VisitState.HELD: N_("faite"),
    VisitState.MISSED: N_("manquée"),
    VisitState.CANCELLED: N_("annulée"),
}
PRESENCES = {
    Presence.EXPECTED: N_("attendu·e"),
    Presence.PRESENT: N_("présent·e"),
    Presence.ABSENT: N_("absent·e"),
    Presence.EXCUSED: N_("excusé·e"),
}
LEVELS = {
    Level.DRAFT: N_("brouillon, lu par vous seul·e"),
    Level.GROUP: N_("lu par le groupe de suivi"),
    Level.SHARED: N_("lu par la personne et le groupe de suivi"),
}
STEP_STATES = {
    StepState.OPEN: N_("à faire"),
    StepState.DONE: N_("fait"),
    StepState.DROPPED: N_("abandonné"),
}
COMMITTEE_STATES = {
    CommitteeState.PLANNED: N_("prévu"),
    CommitteeState.HELD: N_("tenu"),
    CommitteeState.CANCELLED: N_("annulé"),
}
DECISIONS = {
    ProgressDecision.CONTINUE: N_("Continuer"),
    ProgressDecision.CONTINUE_IF: N_("Continuer, à des conditions"),
    ProgressDecision.RENEW: N_("Renouveler la convention"),
    ProgressDecision.PREPARE_EXIT: N_("Préparer la sortie"),
    ProgressDecision.STOP: N_("Arrêter le test"),
}
QUESTIONS = {
    "went_well": N_("Ce qui a bien marché"),
    "hard": N_("Ce qui est difficile"),
    "need": N_("Ce dont j'ai besoin"),
    "next": N_("La suite, comme je la vois"),
}
"""What the person says before a progress committee, in her own words."""
THEMES = {
    "soil": N_("Sol"),
    "sowing": N_("Semis et plants"),
    "crop_plan": N_("Plan de culture"),
    "weeds": N_("Désherbage"),
    "pests": N_("Ravageurs et maladies"),
    "water": N_("Eau"),
    "harvest": N_("Récolte et conservation"),
    "animals": N_("Animaux"),
    "machines": N_("Machines"),
    "tunnels": N_("Serres et tunnels"),
    "safety": N_("Sécurité"),
    "organisation": N_("Organisation du travail"),
    "sales": N_("Vente"),
    "prices": N_("Prix et marges"),
    "accounts": N_("Comptes et trésorerie"),
    "paperwork": N_("Papiers"),
    "training": N_("Formation"),
    "land": N_("Recherche de terre"),
    "settlement": N_("Projet d'installation"),
    "site_life": N_("Vie du lieu"),
    "livability": N_("Vivabilité"),
}
TEXTS = {
    "seen": N_("Vu"),
    "said": N_("Dit par la personne"),
    "advice": N_("Conseils"),
    "mood": N_("Comment ça va, avec ses mots"),
}
SUBJECTS = {
    "health": N_("la santé"),
    "belief": N_("la religion ou les croyances"),
    "origin": N_("l'origine"),
    "opinion": N_("les opinions ou le syndicat"),
    "private_life": N_("la vie privée"),
    "justice": N_("la justice"),
    "judgement": N_("un jugement sur la personne"),
}
"""What a follow-up note does without, unless it is strictly needed."""
_WORDS = Path(__file__).parent / "sensitive_words.txt"


@cache
def watched_words() -> dict[str, list[str]]:
    """By subject, the words of the list, folded; a final ``*`` stands for any ending."""
    found: dict[str, list[str]] = {}
    for line in _WORDS.read_text(encoding="utf-8").splitlines():
        subject, colon, words = line.partition(":")
        if colon and not line.startswith("#"):
            found[subject] = [folded(word.strip()) for word in words.split(",")]
    return found


@cache
def _watched() -> list[tuple[re.Pattern[str], str]]:
    return [
        (re.compile(rf"\b(?:{'|'.join(map(_root, words))})\b"), subject)
        for subject, words in watched_words().items()
    ]


def _root(word: str) -> str:
    return re.escape(word.rstrip("*")) + (r"\w*" if "*" in word else "")


def folded(text: str) -> str:
    """Without accents or capitals, each letter at its place."""
    flat = "".join(unicodedata.normalize("NFKD", letter)[0] for letter in text)
    return flat.lower() if len(flat.lower()) == len(flat) else flat


def sensitive_words(text: str | None) -> list[tuple[str, str]]:
    """Words that ask for a second look, as written, each once with its subject."""
    if not text:
        return []
    flat = folded(text)
    found = {
        (match.start(), match.end()): subject
        for pattern, subject in _watched()
        for match in pattern.finditer(flat)
    }
    seen: dict[str, tuple[str, str]] = {}
    for (start, end), subject in sorted(found.items()):
        seen.setdefault(flat[start:end], (text[start:end], subject))
    return list(seen.values())


def warnings(texts: Mapping[str, str | None]) -> dict[str, list[tuple[str, str]]]:
    """By field, for those that hold such words."""
    return {name: words for name, text in texts.items() if (words := sensitive_words(text))}


def known_themes(chosen: Iterable[str]) -> list[str]:
    """Those of the list, in its order."""
    wanted = set(chosen)
    return [theme for theme in THEMES if theme in wanted]
