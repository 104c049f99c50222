"""Adding items, changing them, taking them out of service and back."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal
from couveuse.core.actor import Actor
from couveuse.core.changes import for_journal
from couveuse.core.db import atomic
from couveuse.core.errors import Conflict, Reason, Refused
from couveuse.core.i18n import N_, gettext
from couveuse.equipment import catalogue, claims, consequences, describing
from couveuse.equipment.actions.changing import clear_the_way
from couveuse.equipment.catalogue import Choices, Pairs
from couveuse.equipment.consequences import Prospect
from couveuse.equipment.item_forms import ItemForm, RetirementForm
from couveuse.equipment.models import Item, item_companion, item_requirement
from couveuse.people.models import Qualification
from couveuse.structures.models import Site

journal.words(
    {
        "item.created": N_("a ajouté le matériel"),
        "item.changed": N_("a modifié : %(changes)s"),
        "item.retired": N_("a retiré le matériel du service"),
        "item.retired_because": N_("a retiré le matériel du service : %(reason)s"),
        "item.returned": N_("a remis le matériel en service"),
    }
)

RETIRED = N_("Ce matériel est retiré du service.")
NOT_IN_LIST = N_("Choisissez dans la liste : elle a peut-être changé entre-temps.")
IN_THE_WAY = N_(
    "%(who)s a réservé %(slot)s. Cochez la case pour annuler les réservations à venir et prévenir "
    "les personnes."
)
CATALOGUE_LOCK = 0x636F7576
"""One change of the catalogue at a time; bookings do not wait for it."""

COLUMNS = (
    *(name for name in describing.COLUMNS if name != "photo"),
    *("site_id", "structure_id", "manager_id", "deputy_id"),
)


class ItemChanged(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Quelqu'un a modifié cette fiche entre-temps. Relisez-la : enregistrer maintenant "
            "remplace ses changements par les vôtres."
        )
        super().__init__(Reason("item_changed", sentence))


class AlreadySo(Conflict):
    def __init__(self) -> None:
        sentence = N_("C'était déjà fait. Rechargez la page pour voir où en est ce matériel.")
        super().__init__(Reason("already_so", sentence))


async def lock_catalogue(db: AsyncSession) -> None:
    """Taken before any item: until the end of the transaction nobody else changes the catalogue."""
    await db.execute(sa.select(sa.func.pg_advisory_xact_lock(CATALOGUE_LOCK)))


@atomic
async def add_item(db: AsyncSession, actor: Actor, data: ItemForm, photo: str | None) -> Item:
    await lock_catalogue(db)
    _refuse_unlisted(data, await catalogue.list_choices(db, actor, None))
    item = Item(photo=photo)
    _write_columns(item, data)
    db.add(item)
    await db.flush()  # what it goes with refers to its id
    await _write_lists(db, item, data.companions, [*data.requirements, *data.new_requirements])
    journal.record(db, actor, "item.created", item.id)
    return item


@atomic
async def edit_item(
    db: AsyncSession, actor: Actor, item: Item, data: ItemForm, photo: str | None
) -> Item:
    """Change an item. Refused, with each booking concerned, when bookings to come rest on it."""
    await _lock(db, item)
    item = await catalogue.read_again(db, item)
    before = describing.facts_of(item)
    if data.seen and data.seen != describing.digest_of(before):
        raise ItemChanged
    _refuse_unlisted(data, await catalogue.list_choices(db, actor, item))
    await _refuse_upsetting(db, item, await _prospect(db, data))
    has_other_units = data.capacity != item.capacity
    _write_columns(item, data)
    item.photo = photo or (None if data.remove_photo else item.photo)
    if has_other_units:
        await claims.fit_outages(db, item)
    kept = [one.id for one in item.companions if one.id in data.companions]
    companions = kept + [one for one in data.companions if one not in kept]
    await _write_lists(db, item, companions, [*data.requirements, *data.new_requirements])
    await db.flush()  # to be read again below
    after = describing.facts_of(await catalogue.read_again(db, item))
    if changes := describing.WORDING.between(before, after):
        said = for_journal(changes)
        journal.record(db, actor, "item.changed", item.id, changes=said)
    return item


@atomic
async def retire_item(db: AsyncSession, actor: Actor, item: Item, asked: RetirementForm) -> None:
    """From today on nobody books it. Bookings to come are named, or cancelled when asked for."""
    await _lock(db, item)
    if item.retired_on is not None:
        raise AlreadySo
    coming = await consequences.list_bookings_to_come(db, item)
    if coming and not asked.cancel_bookings:
        raise Refused(*consequences.named(IN_THE_WAY, coming))
    await clear_the_way(db, actor, coming, asked.reason or gettext(RETIRED))
    item.retired_on = clock.today(clock.zone_named(item.site.time_zone))
    verb = "item.retired_because" if asked.reason else "item.retired"
    journal.record(db, actor, verb, item.id, reason=asked.reason)


@atomic
async def return_item(db: AsyncSession, actor: Actor, item: Item) -> None:
    await _lock(db, item)
    if item.retired_on is None:
        raise AlreadySo
    item.retired_on = None
    journal.record(db, actor, "item.returned", item.id)


async def _lock(db: AsyncSession, item: Item) -> None:
    await lock_catalogue(db)
    await claims.lock_items(db, [item.id])
    await db.refresh(item, ["retired_on"])


def _refuse_unlisted(data: ItemForm, choices: Choices) -> None:
    """What the form names must be among what it offers: nothing else, however it was sent."""
    named: list[tuple[str, int | None, Pairs]] = [
        ("site_id", data.site_id, choices.sites),
        ("structure_id", data.structure_id, choices.structures),
        ("manager_id", data.manager_id, choices.people),
        ("deputy_id", data.deputy_id, choices.people),
        *(("companions", one, choices.companions) for one in data.companions),
    ]
    wrong = {
        field: Reason("not_in_list", NOT_IN_LIST, field=field)
        for field, key, pairs in named
        if key is not None and all(key != known for known, _ in pairs)
    }
    if wrong:
        raise Refused(*wrong.values())


async def _prospect(db: AsyncSession, data: ItemForm) -> Prospect:
    site = await db.get_one(Site, data.site_id)
    return Prospect(
        capacity=data.capacity,
        zone=site.time_zone,
        companion_ids=frozenset(data.companions),
        structure_id=data.structure_id,
        audience=data.audience,
    )


async def _refuse_upsetting(db: AsyncSession, item: Item, then: Prospect) -> None:
    if reasons := await consequences.reasons_against(db, item, then):
        raise Refused(*reasons)


def _write_columns(item: Item, data: ItemForm) -> None:
    for name in COLUMNS:
        setattr(item, name, getattr(data, name))


async def _write_lists(
    db: AsyncSession, item: Item, companions: Sequence[int], requirements: Collection[str]
) -> None:
    await write_companions(db, item.id, companions)
    await write_requirements(db, item.id, requirements)


async def write_companions(db: AsyncSession, item_id: int, companions: Sequence[int]) -> None:
    """The items it goes with, in their order."""
    await db.execute(sa.delete(item_companion).where(item_companion.c.item_id == item_id))
    rows = [
        {"item_id": item_id, "companion_id": one, "position": place}
        for place, one in enumerate(dict.fromkeys(companions))
    ]
    if rows:
        await db.execute(sa.insert(item_companion), rows)


async def write_requirements(db: AsyncSession, item_id: int, names: Collection[str]) -> None:
    """The qualifications it asks for, by name however their capitals are; made when new."""
    await db.execute(sa.delete(item_requirement).where(item_requirement.c.item_id == item_id))
    if not names:
        return
    rows = [{"name": name} for name in {name.lower(): name for name in names}.values()]
    await db.execute(insert(Qualification).values(rows).on_conflict_do_nothing())
    wanted = sa.select(sa.literal(item_id), Qualification.id).where(
        sa.func.lower(Qualification.name).in_([sa.func.lower(name) for name in names])
    )
    await db.execute(
        sa.insert(item_requirement).from_select(["item_id", "qualification_id"], wanted)
    )
