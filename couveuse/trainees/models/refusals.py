"""What the database refuses about agreements, in words."""

from couveuse.core.errors import Conflict, Reason, promise
from couveuse.core.i18n import N_


class AgreementOverlap(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Cette personne a déjà une convention à ces dates. Changez les dates, ou terminez "
            "d'abord la convention en cours."
        )
        super().__init__(Reason("agreement_overlap", sentence, field="starts_on"))


class RenewedMeanwhile(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Quelqu'un vient de renouveler cette convention. Rechargez la page pour voir où elle "
            "en est."
        )
        super().__init__(Reason("renewed_meanwhile", sentence))


class EndedMeanwhile(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Quelqu'un vient de mettre fin à cette convention. Rechargez la page pour voir où elle "
            "en est."
        )
        super().__init__(Reason("ended_meanwhile", sentence))


class PeriodTooLong(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Cette période dépasse ce que permet ce type de convention. Choisissez un dernier "
            "jour plus tôt."
        )
        super().__init__(Reason("period_too_long", sentence, field="ends_on"))


class TooManyRenewals(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Cette convention ne peut plus être renouvelée. Préparez la suite avec la personne : "
            "sortie, ou convention d'un autre type."
        )
        super().__init__(Reason("too_many_renewals", sentence))


class PeriodsApart(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Les périodes d'une convention se suivent sans trou. Un renouvellement commence le "
            "lendemain de la période d'avant."
        )
        super().__init__(Reason("periods_apart", sentence, field="starts_on"))


class SignedTooLate(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Cette convention se signe au plus tard le premier jour, et un renouvellement avant la "
            "fin de la période d'avant. Corrigez une des deux dates."
        )
        super().__init__(Reason("signed_too_late", sentence, field="signed_on"))


class EmployedFullTime(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Ce type de convention n'est pas ouvert à une personne salariée à temps plein. "
            "Attendez la fin de son emploi, ou choisissez un autre type."
        )
        super().__init__(Reason("employed_full_time", sentence, field="is_full_time"))


class NoSuchKind(Conflict):
    def __init__(self) -> None:
        sentence = N_("Ce type de convention n'existe pas à cette date. Choisissez-en un autre.")
        super().__init__(Reason("no_such_kind", sentence, field="kind"))


class KeptOnceSigned(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Ce qui est signé ne change plus. Notez un avenant, un renouvellement ou une fin "
            "anticipée."
        )
        super().__init__(Reason("kept_once_signed", sentence))


class OnceReusedForAgreement(Conflict):
    def __init__(self) -> None:
        sentence = N_("Ce formulaire a déjà servi pour une autre convention. Rechargez la page.")
        super().__init__(Reason("once_reused", sentence))


class ContentsMissing(Conflict):
    def __init__(self) -> None:
        sentence = N_("Le contrat n'est pas complet. Écrivez chaque point, puis recommencez.")
        super().__init__(Reason("contents_missing", sentence))


class SignedAlready(Conflict):
    def __init__(self) -> None:
        sentence = N_("Ce document est déjà signé de ce côté. Rechargez la page.")
        super().__init__(Reason("signed_already", sentence))


class PaperReplaced(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Ce papier ou ce qu'il dit a changé entre-temps. Préparez-le à nouveau, et relisez la "
            "dernière version avant de signer."
        )
        super().__init__(Reason("paper_replaced", sentence))


class SuspendedAlready(Conflict):
    def __init__(self) -> None:
        sentence = N_(
            "Une suspension est déjà notée à ces dates. Changez les dates, ou terminez celle qui "
            "court."
        )
        super().__init__(Reason("suspended_already", sentence, field="starts_on"))


promise("agreement_period_no_overlap", AgreementOverlap)
promise("agreement_period_number_once", RenewedMeanwhile)
promise("agreement_once", OnceReusedForAgreement)
promise("agreement_period_within_kind", PeriodTooLong)
promise("agreement_renewals_within_kind", TooManyRenewals)
promise("agreement_periods_follow", PeriodsApart)
promise("agreement_signed_in_time", SignedTooLate)
promise("agreement_not_full_time", EmployedFullTime)
promise("agreement_kind_in_force", NoSuchKind)
promise("agreement_kept_once_signed", KeptOnceSigned)
promise("agreement_period_once", OnceReusedForAgreement)
promise("agreement_contents_complete", ContentsMissing)
promise("agreement_signature_once", SignedAlready)
promise("agreement_suspension_no_overlap", SuspendedAlready)
