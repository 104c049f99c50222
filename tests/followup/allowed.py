"""Who may be told what is hidden around lea, and behind which doors: one table, read by the test.

Of her follow-up group marc is the lead and denis a member; odile left and still reads; hans was in
it once. Luc manages her structure; ines coordinates and calls her committees, where rosa sits. Tom
is reviewed on one of them; paul manages his structure. Hans and rosa mentor at home.
"""

from couveuse.followup.models import Level

READERS = ("lea", "marc", "denis", "odile", "hans", "rosa", "luc", "paul", "ines", "tom", "zoe")
EVERYBODY = ("nobody", *READERS)
READS = {
    "lea": [Level.SHARED],
    "marc": [Level.DRAFT, Level.GROUP, Level.SHARED],
    "denis": [Level.GROUP, Level.SHARED],
    "odile": [Level.GROUP, Level.SHARED],
}
"""Reports of which levels."""
KNOWS_OF_THE_VISIT = {"lea", "marc", "denis", "odile", "luc", "ines"}

SOME = {
    "GROUP": "marc denis odile",
    "FOLLOW": "lea marc denis odile",
    "FILE": "lea marc denis odile luc ines",
    "REVIEW": "lea marc denis odile luc ines rosa",
    "MINUTES": "marc denis luc ines",
    "RUN": "marc luc ines",
    "REPORT": "reports.show report_papers.show",
    "STEPS": "steps.index visits.show coordination.files.show",
    "SESSION": "committees.index committees.show reviews.show",
    "PAPER": "reviews.show minutes_papers.show",
    "OWN": (
        "figure_exports.show shared_figure_exports.show figure_headings.index figure_months.edit"
        " figure_plans.edit heading_plans.edit"
    ),
    "HOURS": "network.hours.index network.hour_exports.show network.sessions.index",
}
"""Several readers or several doors by one word."""

TABLE = """
texte-draft       marc           REPORT reports.edit
texte-group       GROUP          REPORT
texte-group       marc           reports.edit
texte-shared      FOLLOW         REPORT
texte-shared      marc           reports.edit
lieu-draft        marc           REPORT
lieu-group        GROUP          REPORT
lieu-shared       FOLLOW         REPORT
photo-draft       marc           report_photos.show
photo-group       GROUP          report_photos.show
photo-shared      FOLLOW         report_photos.show
note-shared       FOLLOW         REPORT
comité-shared     FOLLOW         reports.show
comité-shared     FILE           visits.show
comité-shared     REVIEW         reviews.show
action-draft      marc           REPORT STEPS reports.edit tours.show coordination.home
action-group      GROUP          REPORT STEPS
action-group      marc           reports.edit tours.show coordination.home
action-shared     FOLLOW         REPORT STEPS
action-shared     marc           reports.edit tours.show
action-shared     lea            coordination.home
action-shared     REVIEW         reviews.show
grille-person     FOLLOW         assessments.show
grille-mentor     FOLLOW         assessments.show

vente-novembre    lea            OWN
vente-octobre     lea            OWN
mots-novembre     lea            figure_months.edit shared_figures.show
mots-octobre      lea            figure_months.edit figures.index
vente-novembre    marc           shared_figure_exports.show
mots-novembre     marc           shared_figures.show

salle-draft       REVIEW         SESSION
salle-ready       REVIEW         SESSION
salle-ready       tom,paul       SESSION
salle-open        REVIEW         SESSION
salle-open        MINUTES        minutes_papers.show
salle-closed      REVIEW         SESSION PAPER
salle-past        FILE           SESSION PAPER
salle-draft       lea,marc,denis,rosa,ines       coordination.home
salle-ready       lea,marc,denis,rosa,ines,tom   coordination.home
courriel-guest    luc,ines       committees.show
bilan-draft       lea            reviews.show
bilan-ready       REVIEW         reviews.show
bilan-tom         tom,paul,rosa,ines             reviews.show
procès-open       MINUTES        PAPER minutes.edit
motif-open        MINUTES        PAPER minutes.edit
condition-open    MINUTES        PAPER minutes.edit
étape-open        MINUTES        PAPER minutes.edit
procès-closed     REVIEW         PAPER
motif-closed      REVIEW         PAPER
condition-closed  REVIEW         PAPER
ajout-closed      REVIEW         PAPER
étape-closed      REVIEW         PAPER
étape-closed      FOLLOW         STEPS
étape-closed      marc           reports.edit tours.show coordination.home
étape-closed      denis          reports.show
procès-past       FILE           PAPER
motif-past        FILE           PAPER
condition-past    FILE           PAPER
motif-past        rosa           reviews.show
condition-past    rosa           reviews.show

atelier-planned   FILE,hans,rosa workshops.index workshops.show
atelier-planned   FILE           coordination.files.show
atelier-planned   lea,marc       coordination.home
atelier-planned   RUN,lea        attendance.show
atelier-planned   RUN            workshops.edit sheet_papers.show
Témoin-planned    RUN            workshops.show workshops.edit sheet_papers.show attendance.show
atelier-held      FILE,hans,rosa workshops.index workshops.show
atelier-held      FILE           coordination.files.show network.sessions.index
atelier-held      RUN,lea        attendance.show
atelier-held      RUN            workshops.edit sheet_papers.show
Témoin-held       RUN            workshops.show workshops.edit sheet_papers.show attendance.show
Témoin-held       RUN            HOURS
Témoin-held       marc,ines      network.session_charges.edit
note-feuille      RUN            attendance.show
feuille-signée    RUN            sheet_scans.show

financement-home  FILE           coordination.files.show
financement-home  FOLLOW,ines    HOURS
financement-home  lea            coordination.home
financement-home  marc,ines      network.charges.new network.session_charges.edit
financement-home  luc,ines       network.grants.index network.grants.show
financement-home  ines           network.grants.edit network.funded_actions.new
financement-home  ines           network.funded_actions.edit
action-payée      FILE           coordination.files.show
action-payée      FOLLOW,ines    HOURS
action-payée      lea            coordination.home
action-payée      marc,ines      network.charges.new network.session_charges.edit
action-payée      luc,ines       network.grants.index network.grants.show
action-payée      ines           network.funded_actions.edit
"""
"""Word, readers, doors. Doors of ``followup`` go without that name.

The visit that is paid is of no structure: who manages one does not count it. Denis could begin the
report whose draft he does not see, and reads there what is open. What was decided the time before
prepares the session where rosa sits.
"""


def allowed(name: str) -> dict[str, set[str]]:
    """By word, the doors behind which this reader finds it."""
    told: dict[str, set[str]] = {}
    for line in filter(None, TABLE.splitlines()):
        word, readers, *doors = line.split()
        if name in _spelt(readers.split(",")):
            told.setdefault(word, set()).update(map(_named, _spelt(doors)))
    return told


def _spelt(words: list[str]) -> list[str]:
    return " ".join(SOME.get(word, word) for word in words).split()


def _named(door: str) -> str:
    return door if door.startswith(("network.", "coordination.")) else f"followup.{door}"
