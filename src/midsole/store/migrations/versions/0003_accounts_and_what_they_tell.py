"""Accounts: how a connection stands, and what it tells of activities, pairs and steps."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

UTC = sa.DateTime(timezone=True)
STATES = "'disconnected', 'mfa_pending', 'connected', 'degraded', 'rate_limited', 'login_needed'"


def upgrade() -> None:
    op.add_column("activity", sa.Column("rpe", sa.Float(), nullable=True))
    op.add_column("activity", sa.Column("feel", sa.Integer(), nullable=True))
    with op.batch_alter_table("connection") as batch:
        for column in _of_connections():
            batch.add_column(column)
        batch.create_check_constraint(op.f("ck_connection_state_known"), f"state IN ({STATES})")
    _remote_activity()
    _gear()
    op.create_table(
        "daily_steps",
        _runner(),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        _of_runner("daily_steps"),
        sa.PrimaryKeyConstraint("runner_id", "day", name=op.f("pk_daily_steps")),
    )


def _of_connections() -> list[sa.Column[object]]:
    return [
        sa.Column("state", sa.String(length=15), server_default="connected", nullable=False),
        sa.Column("next_at", UTC, nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("busy_until", UTC, nullable=True),
        sa.Column("busy_by", sa.String(length=64), nullable=True),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("secret_until", UTC, nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("login_after", UTC, nullable=True),
        sa.Column("logins_refused", sa.Integer(), server_default="0", nullable=False),
        sa.Column("notes", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
    ]


def _runner() -> sa.Column[int]:
    return sa.Column("runner_id", sa.Integer(), nullable=False)


def _of_runner(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_runner_id_runner")
    return sa.ForeignKeyConstraint(["runner_id"], ["runner.id"], name=name, ondelete="CASCADE")


def _of(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete="SET NULL")


def _remote_activity() -> None:
    op.create_table(
        "remote_activity",
        _runner(),
        sa.Column("external_id", sa.String(length=40), nullable=False),
        sa.Column("owner", sa.String(length=40), nullable=True),
        sa.Column("started_at", UTC, nullable=True),
        sa.Column("listed", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("detail_at", UTC, nullable=True),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("has_file", sa.Boolean(), nullable=False),
        sa.Column("listed_file_id", sa.Integer(), nullable=True),
        sa.Column("original_id", sa.Integer(), nullable=True),
        sa.Column("gear_at", UTC, nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", UTC, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("gone_at", UTC, nullable=True),
        _of_runner("remote_activity"),
        _of("remote_activity", "listed_file_id", "raw_file"),
        _of("remote_activity", "original_id", "raw_file"),
        sa.PrimaryKeyConstraint("runner_id", "external_id", name=op.f("pk_remote_activity")),
    )
    for column in ("listed_file_id", "original_id"):
        op.create_index(op.f(f"ix_remote_activity_{column}"), "remote_activity", [column])


def _gear() -> None:
    op.create_table(
        "gear",
        _runner(),
        sa.Column("external_id", sa.String(length=40), nullable=False),
        sa.Column("shoe_id", sa.Integer(), nullable=True),
        sa.Column("added", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("brand", sa.String(length=100), nullable=True),
        sa.Column("model", sa.String(length=100), nullable=True),
        sa.Column("limit_m", sa.Float(), nullable=True),
        sa.Column("first_used_on", sa.Date(), nullable=True),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.Column("total_m", sa.Float(), nullable=True),
        sa.Column("runs", sa.Integer(), nullable=True),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("told_at", UTC, nullable=False),
        sa.Column("read_total_m", sa.Float(), nullable=True),
        sa.Column("read_runs", sa.Integer(), nullable=True),
        sa.Column("read_at", UTC, nullable=True),
        sa.CheckConstraint(
            "state IN ('proposed', 'linked', 'declined', 'gone')", name=op.f("ck_gear_state_known")
        ),
        _of_runner("gear"),
        _of("gear", "shoe_id", "shoe"),
        sa.PrimaryKeyConstraint("runner_id", "external_id", name=op.f("pk_gear")),
    )
    op.create_index(op.f("ix_gear_shoe_id"), "gear", ["shoe_id"])
    op.create_table(
        "gear_use",
        _runner(),
        sa.Column("gear_id", sa.String(length=40), nullable=False),
        sa.Column("activity_id", sa.String(length=40), nullable=False),
        sa.Column("metres", sa.Float(), nullable=True),
        _of_runner("gear_use"),
        sa.PrimaryKeyConstraint("runner_id", "gear_id", "activity_id", name=op.f("pk_gear_use")),
    )
    op.create_index("ix_gear_use_activity", "gear_use", ["runner_id", "activity_id"])


def downgrade() -> None:
    for table in ("daily_steps", "gear_use", "gear", "remote_activity"):
        op.drop_table(table)
    with op.batch_alter_table("connection") as batch:
        batch.drop_constraint(op.f("ck_connection_state_known"), type_="check")
        for column in _of_connections():
            batch.drop_column(column.name)
    with op.batch_alter_table("activity") as batch:
        batch.drop_column("feel")
        batch.drop_column("rpe")
