"""What the runner said of two recordings, and how a recording was run."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

HOW = ("cadence_spm", "stance_time_ms", "vertical_oscillation_mm")


def upgrade() -> None:
    for name in HOW:
        op.add_column("recording", sa.Column(name, sa.Float(), nullable=True))
    op.add_column("activity", sa.Column("timer_s", sa.Float(), nullable=True))
    op.create_table(
        "link",
        sa.Column("runner_id", sa.Integer(), nullable=False),
        sa.Column("one", sa.String(length=80), nullable=False),
        sa.Column("other", sa.String(length=80), nullable=False),
        sa.Column("together", sa.Boolean(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("one < other", name=op.f("ck_link_in_order")),
        sa.ForeignKeyConstraint(
            ["runner_id"], ["runner.id"], name=op.f("fk_link_runner_id_runner"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("runner_id", "one", "other", name=op.f("pk_link")),
    )


def downgrade() -> None:
    op.drop_table("link")
    with op.batch_alter_table("activity") as batch:
        batch.drop_column("timer_s")
    with op.batch_alter_table("recording") as batch:
        for name in HOW:
            batch.drop_column(name)
