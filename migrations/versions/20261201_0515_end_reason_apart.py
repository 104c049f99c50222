"""why a claim ended early stands beside its remark; what goes on elsewhere did not end early

The release before this one still runs while this executes: add first, move the data, and remove in
the release after. Names follow the convention of couveuse.core.db; no import of our models.
"""

import sqlalchemy as sa
from alembic import op

revision = "0076"
down_revision = "0075"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("plot_period", sa.Column("end_reason", sa.Text(), nullable=True))
    op.execute(
        """
        UPDATE plot_period SET end_reason = reason, reason = NULL
        WHERE planned_end_on IS NOT NULL AND EXISTS (
            SELECT FROM journal_line
            WHERE verb = 'plot.claim_ended' AND subject_id = plot_id
            AND details ->> 'reason' = plot_period.reason
        )
        """
    )
    op.execute(
        """
        UPDATE plot_period AS next SET end_reason = next.reason, reason = NULL
        FROM plot_lineage JOIN plot_period AS before ON before.plot_id = parent_id
        WHERE child_id = next.plot_id AND happened_on = lower(next.during)
        AND happened_on = upper(before.during) AND next.planned_end_on IS NOT NULL
        AND before.end_reason = next.reason
        AND next.stay_id IS NOT DISTINCT FROM before.stay_id
        """
    )
    op.execute(
        """
        UPDATE plot_period SET planned_end_on = NULL, end_reason = NULL
        WHERE planned_end_on IS NOT NULL AND EXISTS (
            SELECT FROM plot_lineage JOIN plot_period AS next ON next.plot_id = child_id
            WHERE parent_id = plot_period.plot_id
            AND happened_on = upper(plot_period.during) AND happened_on = lower(next.during)
            AND next.kind = plot_period.kind
            AND next.stay_id IS NOT DISTINCT FROM plot_period.stay_id
        )
        """
    )


def downgrade() -> None:
    op.execute(
        "UPDATE plot_period SET reason = concat_ws(' · ', reason, end_reason) "
        "WHERE end_reason IS NOT NULL"
    )
    op.drop_column("plot_period", "end_reason")
