"""The command ``couveuse import``: show what a file would do, ask, do it."""

import asyncio
from pathlib import Path
from types import ModuleType

import click

from couveuse.core.db import Sessions, unit_of_work
from couveuse.core.i18n import N_, gettext
from couveuse.core.plans import plan_lines
from couveuse.equipment.actions import importing as items
from couveuse.plots.actions import importing as plots
from couveuse.structures import importing as structures

KINDS: dict[str, ModuleType] = {"items": items, "structures": structures, "plots": plots}
QUESTION = N_("Enregistrer ? [o/N]")
YES = {"o", "oui", "y", "yes"}
TO_CORRECT = N_(
    "Des lignes sont à corriger : rien n'est enregistré. Corrigez le fichier, puis recommencez."
)
NOTHING_SAVED = N_("Rien n'est enregistré.")


async def import_file(sessions: Sessions, kind: str, file: Path, *, yes: bool) -> None:
    """Nothing is written before the answer, and nothing at all while a row has a problem."""
    importing = KINDS[kind]
    async with sessions() as db:
        data = await asyncio.to_thread(file.read_bytes)
        plan = await importing.plan_import(db, data, file.name)
    for line in plan_lines(plan):
        click.echo(line)
    if plan.has_problems:
        raise click.ClickException(gettext(TO_CORRECT))
    if plan.is_done:
        return
    if not yes and not _agreed():
        click.echo(gettext(NOTHING_SAVED))
        return
    async with unit_of_work(sessions) as db:
        summary = await importing.apply_import(db, None, plan)
    click.echo(str(summary))


def _agreed() -> bool:
    """Whether the person at the keyboard says yes, in French or in English."""
    answer = click.prompt(gettext(QUESTION), default="", show_default=False, prompt_suffix=" ")
    return answer.strip().lower() in YES
