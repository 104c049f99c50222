"""The yardstick: the same weeks and the same booking, as bare as Python can serve them.

Tables of its own in the schema ``bare``, a raw asyncpg pool, HTML put together as text. No
session, no permission, no form token, no rule: what remains is the work that nobody can avoid.
"""

import datetime as dt
import gc
import os
from collections.abc import Awaitable, Callable, Iterable
from html import escape
from itertools import groupby
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import asyncpg

PARIS = ZoneInfo("Europe/Paris")
WEEKDAYS = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")
ITEMS = "SELECT id, name, category FROM bare.item ORDER BY category, name"
ITEM = "SELECT * FROM bare.item WHERE id = $1"
WEEK = """
    SELECT claim.item_id, claim.id, lower(during), upper(during), person.name
    FROM bare.claim JOIN bare.person ON person.id = claim.person_id
    WHERE during && tstzrange($1, $2) ORDER BY claim.item_id, lower(during)
"""
ITEM_WEEK = WEEK.replace("WHERE", "WHERE claim.item_id = $3 AND")
NEXT = """
    SELECT claim.id, lower(during), upper(during), person.name, purpose
    FROM bare.claim JOIN bare.person ON person.id = claim.person_id
    WHERE claim.item_id = $1 AND during && tstzrange($2, $3) ORDER BY lower(during) LIMIT 2
"""
LOCK = "SELECT id FROM bare.item WHERE id = $1 FOR NO KEY UPDATE"
CLAIM = """
    INSERT INTO bare.claim (item_id, person_id, during, purpose)
    VALUES ($1, $2, tstzrange($3, $4), $5) ON CONFLICT DO NOTHING RETURNING id
"""
NOTE = "INSERT INTO bare.journal (claim_id, person_id, verb) VALUES ($1, $2, 'made')"
QUEUE = "INSERT INTO bare.job (name, payload) VALUES ('tell', $1)"

# Made from the product's tables, so that both show the same people on the same hours.
SCHEMA = """
    CREATE SCHEMA bare;
    CREATE TABLE bare.item AS
        SELECT item.id, item.name, category, code, site.name AS site, structure.name AS structure,
            given_name || ' ' || family_name AS manager, person.phone, min_minutes, max_minutes,
            notice_minutes, opens_at, closes_at, item.notes
        FROM item JOIN site ON site.id = site_id
        JOIN structure ON structure.id = item.structure_id
        LEFT JOIN person ON person.id = manager_id;
    CREATE TABLE bare.person AS
        SELECT id, given_name || ' ' || family_name AS name FROM person;
    CREATE TABLE bare.claim AS
        SELECT booking.id, booking.item_id, person_id, booking.during, purpose
        FROM booking JOIN item_claim ON item_claim.booking_id = booking.id;
    ALTER TABLE bare.item ADD PRIMARY KEY (id);
    ALTER TABLE bare.person ADD PRIMARY KEY (id);
    ALTER TABLE bare.claim ADD PRIMARY KEY (id);
    CREATE SEQUENCE bare.claim_id START 10000000 OWNED BY bare.claim.id;
    ALTER TABLE bare.claim ALTER id SET DEFAULT nextval('bare.claim_id');
    ALTER TABLE bare.claim ADD CONSTRAINT claim_no_overlap
        EXCLUDE USING gist (item_id WITH =, during WITH &&);
    CREATE INDEX ON bare.claim USING gist (during);
    CREATE TABLE bare.journal (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, claim_id bigint NOT NULL,
        person_id bigint NOT NULL, verb text NOT NULL, at timestamptz NOT NULL DEFAULT now());
    CREATE TABLE bare.job (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL,
        payload text NOT NULL, at timestamptz NOT NULL DEFAULT now());
"""

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]


def week_of(query: bytes) -> tuple[dt.date, dt.datetime, dt.datetime]:
    year, _, week = dict(parse_qsl(query.decode()))["semaine"].partition("-W")
    monday = dt.date.fromisocalendar(int(year), int(week), 1)
    start = dt.datetime.combine(monday, dt.time(), PARIS)
    return monday, start, dt.datetime.combine(monday + dt.timedelta(7), dt.time(), PARIS)


def page(title: str, path: str, monday: dt.date, rows: Iterable[str], above: str = "") -> str:
    before, after = (monday + dt.timedelta(days) for days in (-7, 7))
    links = "".join(
        f'<a href="{path}?semaine={day:%G-W%V}">{word}</a> '
        for day, word in ((before, "Semaine précédente"), (after, "Semaine suivante"))
    )
    days = "".join(
        f"<th>{word} {(monday + dt.timedelta(n)).day}</th>" for n, word in enumerate(WEEKDAYS)
    )
    return (
        f'<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body><h1>{title}</h1>{above}<p>{links}</p><table><tr><th>Matériel</th>{days}</tr>"
        + "".join(rows)
        + "</table></body></html>"
    )


def row(item: asyncpg.Record, claims: Iterable[asyncpg.Record]) -> str:
    days: list[list[str]] = [[] for _ in range(7)]
    for _, claim_id, lower, upper, name in claims:
        start, end = lower.astimezone(PARIS), upper.astimezone(PARIS)
        days[start.weekday()].append(
            f'<li><a href="/reservations/{claim_id}" data-booking="{claim_id}">'
            f"{start.hour:02}:{start.minute:02} – {end.hour:02}:{end.minute:02} "
            f"{escape(name)}</a></li>"
        )
    cells = "".join(f"<td><ul>{''.join(day)}</ul></td>" for day in days)
    return (
        f'<tr data-item="{item[0]}"><th><a href="/materiel/{item[0]}">{escape(item[1])}</a></th>'
        f"{cells}</tr>"
    )


def about(item: asyncpg.Record, coming: Iterable[asyncpg.Record]) -> str:
    """What an item's page tells besides its week: who has it next, a form, and what it is."""
    now = dt.datetime.now(PARIS)
    start = (now + dt.timedelta(hours=1)).replace(minute=0)
    fields = (
        ("starts_at", "Début", "datetime-local", f"{start:%Y-%m-%dT%H:%M}"),
        ("ends_at", "Fin", "datetime-local", f"{start + dt.timedelta(hours=1):%Y-%m-%dT%H:%M}"),
        ("purpose", "Pour quoi faire", "text", ""),
    )
    facts = (
        ("Code", item["code"]),
        ("Site", item["site"]),
        ("Structure", item["structure"]),
        ("Personne en charge", item["manager"]),
        ("Téléphone", item["phone"]),
        ("Durée", f"de {item['min_minutes']} à {item['max_minutes']} min"),
        ("À l'avance", f"{item['notice_minutes']} min" if item["notice_minutes"] else None),
        ("Heures", f"{item['opens_at']} – {item['closes_at']}" if item["opens_at"] else None),
        ("Notes", item["notes"]),
    )
    return (
        "<ul>"
        + "".join(
            f"<li>{lower.astimezone(PARIS):%d/%m %H:%M} – {upper.astimezone(PARIS):%H:%M} "
            f'<a href="/reservations/{claim_id}">{escape(name)}</a> '
            f"{'en ce moment' if lower <= now else 'ensuite'} {escape(purpose or '')}</li>"
            for claim_id, lower, upper, name, purpose in coming
        )
        + f'</ul><form method="post" action="/materiel/{item[0]}/reservations">'
        + "".join(
            f'<p><label for="{name}">{label}</label> '
            f'<input id="{name}" name="{name}" type="{kind}" value="{value}"></p>'
            for name, label, kind, value in fields
        )
        + "<button>Réserver</button></form><dl>"
        + "".join(f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in facts if text)
        + "</dl>"
    )


class Bare:
    """``GET /materiel``, ``GET /materiel/{id}`` and ``POST /materiel/{id}/reservations``.

    ``GET /semaine/{id}`` is the week of one item with nothing around it.
    """

    pool: asyncpg.Pool

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.live(receive, send)
            return
        parts = scope["path"].split("/")
        if scope["path"] == "/sante":
            await self.answer(send, "ok")
        elif scope["method"] == "POST":
            await self.book(int(parts[2]), receive, send)
        elif len(parts) == 3:
            show = self.item_week if parts[1] == "semaine" else self.item_page
            await self.answer(send, await show(int(parts[2]), scope["query_string"]))
        else:
            await self.answer(send, await self.week(scope["query_string"]))

    async def live(self, receive: Receive, send: Send) -> None:
        await receive()
        self.pool = await asyncpg.create_pool(os.environ["BARE_DSN"], min_size=5, max_size=10)
        gc.collect()
        gc.freeze()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.pool.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def week(self, query: bytes) -> str:
        monday, start, end = week_of(query)
        async with self.pool.acquire() as db:
            items = await db.fetch(ITEMS)
            claims = await db.fetch(WEEK, start, end)
        of = {key: list(some) for key, some in groupby(claims, lambda claim: claim[0])}
        rows = [
            f"<tr><th>{escape(category.capitalize())}</th></tr>"
            + "".join(row(item, of.get(item[0], ())) for item in some)
            for category, some in groupby(items, lambda item: item[2])
        ]
        return page("Semaine du matériel", "/materiel", monday, rows)

    async def item_week(self, item_id: int, query: bytes) -> str:
        monday, start, end = week_of(query)
        async with self.pool.acquire() as db:
            item = await db.fetchrow(ITEM, item_id)
            claims = await db.fetch(ITEM_WEEK, start, end, item_id)
        return page(escape(item[1]), f"/materiel/{item_id}", monday, [row(item, claims)])

    async def item_page(self, item_id: int, query: bytes) -> str:
        monday, start, end = week_of(query)
        now = dt.datetime.now(PARIS)
        async with self.pool.acquire() as db:
            item = await db.fetchrow(ITEM, item_id)
            claims = await db.fetch(ITEM_WEEK, start, end, item_id)
            coming = await db.fetch(NEXT, item_id, now, now + dt.timedelta(days=14))
        title, path = escape(item[1]), f"/materiel/{item_id}"
        return page(title, path, monday, [row(item, claims)], about(item, coming))

    async def book(self, item_id: int, receive: Receive, send: Send) -> None:
        form = dict(parse_qsl((await receive())["body"].decode()))
        start, end = (
            dt.datetime.fromisoformat(form[name]).replace(tzinfo=PARIS)
            for name in ("starts_at", "ends_at")
        )
        person_id = int(form["person_id"])
        async with self.pool.acquire() as db, db.transaction():
            await db.fetchval(LOCK, item_id)
            made = await db.fetchval(CLAIM, item_id, person_id, start, end, form.get("purpose"))
            if made:
                await db.execute(NOTE, made, person_id)
                await db.execute(QUEUE, f'{{"claim": {made}}}')
        if made:
            await self.answer(send, "", 303, (b"location", f"/reservations/{made}".encode()))
        else:
            await self.answer(send, "<p>Ce créneau est déjà pris.</p>", 422)

    @staticmethod
    async def answer(
        send: Send, html: str, status: int = 200, *headers: tuple[bytes, bytes]
    ) -> None:
        body = html.encode()
        usual = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
        ]
        await send({"type": "http.response.start", "status": status, "headers": [*usual, *headers]})
        await send({"type": "http.response.body", "body": body})


app = Bare()
