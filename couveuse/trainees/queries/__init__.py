"""Reading paths, groups and agreements, always through the person who asks."""

from couveuse.trainees.queries.agreements import (
    covers,
    find_agreement_by_once,
    find_kind,
    find_period_by_once,
    get_agreement,
    kind_of,
    list_agreements,
    list_in_the_way,
    list_kinds,
    list_structures_to_sign_for,
    standing_of,
)
from couveuse.trainees.queries.documents import (
    get_document,
    list_documents,
)
from couveuse.trainees.queries.groups import (
    list_group,
)
from couveuse.trainees.queries.notices import (
    get_notice,
    last_addressee,
    list_notices_of,
    list_open_notices,
)
from couveuse.trainees.queries.papers import (
    MissingPaper,
    list_papers_missing,
)
from couveuse.trainees.queries.paths import (
    Board,
    BoardRow,
    can_open_path,
    get_path,
    last_step_day,
    list_steps,
    list_who_may_act,
    read_board,
)
from couveuse.trainees.queries.people import (
    find_open_path,
    get_trainee,
    has_file,
)
from couveuse.trainees.queries.readings import (
    list_readings,
)
from couveuse.trainees.queries.referrals import (
    Option,
    Referrals,
    find_referral_by_once,
    get_referral,
    list_referral_options,
    list_referrals,
    list_referrals_of,
)
from couveuse.trainees.queries.welcome import (
    Alike,
    count_sent_from,
    find_alike,
    find_introduction_by_once,
    find_welcome,
    find_welcome_by_once,
    get_introduction,
    get_welcome,
    list_coordination,
    list_in_charge,
    list_introductions,
    list_welcoming_structures,
)

__all__ = [
    "Alike",
    "Board",
    "BoardRow",
    "MissingPaper",
    "Option",
    "Referrals",
    "can_open_path",
    "count_sent_from",
    "covers",
    "find_agreement_by_once",
    "find_alike",
    "find_introduction_by_once",
    "find_kind",
    "find_open_path",
    "find_period_by_once",
    "find_referral_by_once",
    "find_welcome",
    "find_welcome_by_once",
    "get_agreement",
    "get_document",
    "get_introduction",
    "get_notice",
    "get_path",
    "get_referral",
    "get_trainee",
    "get_welcome",
    "has_file",
    "kind_of",
    "last_addressee",
    "last_step_day",
    "list_agreements",
    "list_coordination",
    "list_documents",
    "list_group",
    "list_in_charge",
    "list_in_the_way",
    "list_introductions",
    "list_kinds",
    "list_notices_of",
    "list_open_notices",
    "list_papers_missing",
    "list_readings",
    "list_referral_options",
    "list_referrals",
    "list_referrals_of",
    "list_steps",
    "list_structures_to_sign_for",
    "list_welcoming_structures",
    "list_who_may_act",
    "read_board",
    "standing_of",
]
