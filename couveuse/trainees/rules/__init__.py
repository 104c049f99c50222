"""What is allowed and what it is called, without a database."""

from couveuse.trainees.rules.agreements import (
    PeriodFacts,
    early_end_problems,
    last_of_all,
    last_of_period,
    period_problems,
)
from couveuse.trainees.rules.kinds import (
    PARTS,
    ContentFacts,
    NoticeFacts,
    PieceFacts,
    content_keys,
    contents_of,
    kind_on,
    limits_in_words,
    notices_of,
    pieces_of,
    span_in_words,
)
from couveuse.trainees.rules.months import (
    DAY,
    Span,
    decide_by,
    first_day_before,
    last_day_after,
    months_in,
)
from couveuse.trainees.rules.standing import (
    AgreementState,
    Standing,
    current_agreement,
    period_on,
    standing,
    state_of,
)

__all__ = [
    "DAY",
    "PARTS",
    "AgreementState",
    "ContentFacts",
    "NoticeFacts",
    "PeriodFacts",
    "PieceFacts",
    "Span",
    "Standing",
    "content_keys",
    "contents_of",
    "current_agreement",
    "decide_by",
    "early_end_problems",
    "first_day_before",
    "kind_on",
    "last_day_after",
    "last_of_all",
    "last_of_period",
    "limits_in_words",
    "months_in",
    "notices_of",
    "period_on",
    "period_problems",
    "pieces_of",
    "span_in_words",
    "standing",
    "state_of",
]
