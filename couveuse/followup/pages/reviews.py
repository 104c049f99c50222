"""One person on a progress committee: what prepares it, her own words, the minutes."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.response import File
from sqlalchemy.ext.asyncio import AsyncSession

from couveuse.core import clock, journal
from couveuse.core.actor import Actor
from couveuse.core.errors import NotVisible, Refused
from couveuse.core.files import PDF
from couveuse.core.i18n import N_
from couveuse.core.typesetting import typeset
from couveuse.followup import actions, queries
from couveuse.followup import committee_policy as policy
from couveuse.followup.committee_forms import ClosingForm, MinutesForm, SelfReviewForm
from couveuse.followup.drawing import HEIGHT, SIZE, WIDTH
from couveuse.followup.forms import NoteForm, PaperSignatureForm, SignatureForm, StepDraft
from couveuse.followup.models import MinutesChanged, ProgressReview, Side
from couveuse.followup.pages.assessments import lines_of, radar_of
from couveuse.followup.pages.choices import new_once, options
from couveuse.followup.pages.signing import scan_file, to_file
from couveuse.followup.pages.step_fields import draft_values, line_numbers, read_steps
from couveuse.followup.papers import minutes_paper
from couveuse.followup.policy import Standing
from couveuse.followup.rules import (
    DECISIONS,
    MODES,
    PRESENCES,
    QUESTIONS,
    SUBJECTS,
    warnings,
)
from couveuse.followup.signed import hash_of, minutes_text
from couveuse.trainees.queries import has_file
from couveuse.trainees.rules import span_in_words
from couveuse.web.deps import Db, Files, Me, RowId, Web, own_transaction
from couveuse.web.forms import Form, bind, blank, uploaded
from couveuse.web.guards import require
from couveuse.web.render import notices, page, see_other

notices(
    {
        "self_review_kept": N_("Votre bilan est enregistré."),
        "minutes_kept": N_("Le compte rendu est enregistré. Il reste à le clore."),
        "minutes_closed": N_(
            "Le compte rendu est clos et signé. La personne et les membres le lisent."
        ),
        "minutes_signed": N_("C'est signé. Le texte ne change plus."),
        "signed_paper_filed": N_("La feuille signée est déposée. Le texte ne change plus."),
        "addition_kept": N_("C'est ajouté, avec la date et votre nom."),
    }
)
DRAWN = {"size": SIZE, "width": WIDTH, "height": HEIGHT}


class ReviewPages(Controller):
    path = "/comites-de-suivi/bilans/{review_id:int}"

    @get(name="followup.reviews.show")
    async def show(self, request: Web, db: Db, me: Me, review_id: RowId) -> Response[str]:
        async with own_transaction(request) as beside:
            await actions.note_review_reading(beside, me, review_id)
        review, standing = await _load(db, me, review_id)
        return await _show(request, db, me, review, standing)

    @post("/bilan", name="followup.self_reviews.update")
    async def say(self, request: Web, db: Db, me: Me, review_id: RowId) -> Response[Any]:
        review, standing = await _load(db, me, review_id)
        require(standing.is_person)
        form = await bind(SelfReviewForm, request)
        if form.is_valid:
            try:
                await actions.say_self_review(db, me, review, form.data)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, review_id, "self_review_kept")
        return await _again(request, db, me, review_id, saying=form)

    @post("/ajouts", name="followup.minutes_additions.create")
    async def add(self, request: Web, db: Db, me: Me, review_id: RowId) -> Response[Any]:
        review, standing = await _load(db, me, review_id)
        require(policy.can_add_to_minutes(me, standing, review))
        form = await bind(NoteForm, request)
        if form.is_valid:
            try:
                await actions.add_to_minutes(db, me, review, form.data)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, review_id, "addition_kept")
        return await _again(request, db, me, review_id, adding=form)


class MinutesSignatures(Controller):
    path = "/comites-de-suivi/bilans/{review_id:int}"

    @post("/signature", name="followup.minutes_signatures.create")
    async def sign(self, request: Web, db: Db, me: Me, review_id: RowId) -> Response[Any]:
        review, standing = await _load(db, me, review_id)
        require(review.is_closed)
        require(standing.is_person or review.closed_by_id == me.person_id)
        form = await bind(SignatureForm, request)
        if form.is_valid:
            try:
                await actions.sign_minutes(db, me, review, form.data.text_hash)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, review_id, "minutes_signed")
        return await _again(request, db, me, review_id, closing=form)

    @post("/signature-papier", name="followup.minutes_paper_signatures.create")
    async def file(
        self, request: Web, db: Db, me: Me, files: Files, review_id: RowId
    ) -> Response[Any]:
        review, standing = await _load(db, me, review_id)
        require(policy.may_file_signed_minutes(me, standing, review))
        form = await bind(PaperSignatureForm, request)
        if form.is_valid:
            try:
                scan = await uploaded(request, "scan")
                data = await scan.read() if scan else None
                await actions.file_signed_minutes(db, me, files, review, form.data, data)
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, review_id, "signed_paper_filed")
        return await _again(request, db, me, review_id, filing=form)

    @get("/signature-papier/{signer_id:int}", name="followup.minutes_paper_signatures.show")
    async def scan(
        self, request: Web, db: Db, me: Me, files: Files, review_id: RowId, signer_id: RowId
    ) -> File:
        """The paper itself, for those who read the minutes."""
        async with own_transaction(request) as beside:
            await actions.note_review_reading(beside, me, review_id)
        review, standing = await _load(db, me, review_id)
        if not policy.can_read_minutes(me, standing, review):
            raise NotVisible
        return await scan_file(db, files, review.signatures, signer_id, review.committee.day)


class MinutesPages(Controller):
    path = "/comites-de-suivi/bilans/{review_id:int}"

    @get("/compte-rendu/modifier", name="followup.minutes.edit")
    async def edit(self, request: Web, db: Db, me: Me, review_id: RowId) -> Response[str]:
        review, standing = await _load(db, me, review_id)
        require(policy.can_write_minutes(me, standing, review))
        return await _form_page(request, db, review, _minutes_form(review))

    @post("/compte-rendu", name="followup.minutes.update")
    async def write(self, request: Web, db: Db, me: Me, review_id: RowId) -> Response[Any]:
        review, standing = await _load(db, me, review_id)
        require(policy.may_write_minutes(me, standing, review))
        form = await bind(MinutesForm, request)
        stored = None
        if form.is_valid:
            try:
                await actions.write_minutes(db, me, review, form.data, read_steps(form.values))
            except MinutesChanged as changed:
                form.refuse(changed)
                stored = await queries.get_review(db, me, review_id)
                form.values["version"] = [str(stored.version)]
            except Refused as refused:
                form.refuse(refused)
            else:
                return _to(request, review_id, "minutes_kept")
        review = await queries.get_review(db, me, review_id)
        return await _form_page(request, db, review, form, stored=stored, status=422)

    @post("/cloture", name="followup.minutes_closings.create")
    async def close(self, request: Web, db: Db, me: Me, review_id: RowId) -> Response[Any]:
        review, standing = await _load(db, me, review_id)
        require(policy.may_write_minutes(me, standing, review))
        form = await bind(ClosingForm, request)
        if form.is_valid:
            try:
                await actions.close_minutes(db, me, review, form.data.version)
            except Refused as refused:
                form.refuse(refused)
                form.problems += [one for many in form.field_errors.values() for one in many]
            else:
                return _to(request, review_id, "minutes_closed")
        return await _again(request, db, me, review_id, closing=form)

    @get("/compte-rendu.pdf", name="followup.minutes_papers.show")
    async def paper(self, db: Db, me: Me, review_id: RowId) -> Response[bytes]:
        """The minutes to print and to keep; a draft only for those who write it."""
        review, standing = await _load(db, me, review_id)
        if review.minutes is None or not policy.can_read_minutes(me, standing, review):
            raise NotVisible
        owners = dict(await queries.list_step_owners(db, review))
        steps = await queries.list_steps_of_review(db, review)
        pdf = await typeset(minutes_paper(review, steps, owners))
        name = f"comite-de-suivi-{review.committee.day}.pdf"
        headers = {"content-disposition": f'inline; filename="{name}"', "cache-control": "no-store"}
        return Response(pdf, media_type=PDF, headers=headers)


async def _load(db: AsyncSession, me: Actor, review_id: int) -> tuple[ProgressReview, Standing]:
    review = await queries.get_review(db, me, review_id)
    return review, await queries.get_standing(db, me, review.person_id)


async def _again(
    request: Web, db: AsyncSession, me: Actor, review_id: int, **forms: Form[Any]
) -> Response[str]:
    """The review as it is now, with what was refused."""
    review, standing = await _load(db, me, review_id)
    return await _show(request, db, me, review, standing, forms, status=422)


async def _show(
    request: Web,
    db: AsyncSession,
    me: Actor,
    review: ProgressReview,
    standing: Standing,
    forms: dict[str, Form[Any]] | None = None,
    *,
    status: int = 200,
) -> Response[str]:
    ready = policy.can_read_grids(standing, review)
    preparation = await queries.read_preparation(db, review, with_grids=ready)
    saying = blank(
        SelfReviewForm,
        **review.said,
        shows_grids=review.shows_grids,
        is_ready=review.is_ready,
    )
    first: dict[str, Form[Any]] = {
        "saying": saying,
        "closing": blank(ClosingForm),
        "adding": blank(NoteForm, once=new_once()),
        "filing": blank(PaperSignatureForm),
    }
    shown = first | (forms or {})
    steps = await queries.list_steps_of_review(db, review)
    text = review.signed_text or (minutes_text(review, steps) if review.is_closed else "")
    parties = [one for one in (review.person, review.closed_by) if one]
    files = policy.may_file_signed_minutes(me, standing, review)
    return page(
        request,
        "followup/committees/review.html",
        status=status,
        review=review,
        committee=review.committee,
        standing=standing,
        preparation=preparation,
        drawn=[(one, radar_of(one.newest), lines_of(one)) for one in preparation.grids],
        steps=steps,
        text=text,
        text_hash=hash_of(text),
        to_file=to_file(me, parties, review.signatures) if files else [],
        drafts=[StepDraft.model_validate(one) for one in review.steps],
        owners=dict(await queries.list_step_owners(db, review)),
        forms=shown,
        warnings=warnings({name: shown["saying"].value(name) for name in QUESTIONS}),
        subjects=SUBJECTS,
        opens_file=await has_file(db, me, review.person_id),
        lines=await journal.lines_about(db, "review", review.id),
        said=span_in_words,
        questions=QUESTIONS,
        decisions=DECISIONS,
        presences=PRESENCES,
        modes=MODES,
        sides=Side,
        today=clock.today(),
        policy=policy,
        **DRAWN,
    )


def _minutes_form(review: ProgressReview) -> Form[MinutesForm]:
    form = blank(
        MinutesForm,
        minutes=review.minutes,
        decision=review.decision,
        reasons=review.reasons,
        conditions=review.conditions,
        next_on=review.next_on,
        version=review.version,
    )
    form.values |= draft_values(StepDraft.model_validate(one) for one in review.steps)
    return form


async def _form_page(
    request: Web,
    db: AsyncSession,
    review: ProgressReview,
    form: Form[MinutesForm],
    *,
    stored: ProgressReview | None = None,
    status: int = 200,
) -> Response[str]:
    texts = ("minutes", "reasons", "conditions")
    return page(
        request,
        "followup/committees/minutes.html",
        status=status,
        review=review,
        stored=stored,
        form=form,
        owners=await queries.list_step_owners(db, review),
        decisions=options(DECISIONS),
        decision_names=DECISIONS,
        lines=line_numbers(form.values),
        warnings=warnings({name: form.value(name) for name in texts}),
        subjects=SUBJECTS,
    )


def _to(request: Web, review_id: int, notice: str) -> Response[None]:
    return see_other(request, "followup.reviews.show", notice=notice, review_id=review_id)
