"""The body answers: check-ins, pain, the way back, exercises, and which mails speak of them."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

UTC = sa.DateTime(timezone=True)
TABLES = (
    "question",
    "exercise_choice",
    "exercise_tick",
    "run_walk",
    "comeback_plan",
    "episode",
    "check_in",
)


def upgrade() -> None:
    _pain()
    _way_back()
    _routine()
    false = sa.text("false")
    op.add_column("delivery", sa.Column("of_health", sa.Boolean(), server_default=false, nullable=False))
    op.add_column("runner", sa.Column("check_in_ask", sa.String(10), server_default="rules", nullable=False))
    op.add_column("runner", sa.Column("routine_at", sa.Time(), nullable=True))


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer(), nullable=False)


def _runner() -> sa.Column[int]:
    return sa.Column("runner_id", sa.Integer(), nullable=False)


def _day(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Date(), nullable=nullable)


def _of(table: str, column: str, other: str, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=ondelete)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _once(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{columns[0]}"))


def _pain() -> None:
    op.create_table(
        "check_in",
        _id(),
        _runner(),
        sa.Column("said_at", UTC, nullable=False),
        _day("on_day"),
        sa.Column("moment", sa.String(10), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(15), nullable=True),
        sa.Column("side", sa.String(5), nullable=True),
        sa.Column("kind", sa.String(10), nullable=True),
        sa.Column("signs", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        _of("check_in", "runner_id", "runner"),
        _key("check_in", "id"),
    )
    op.create_index(op.f("ix_check_in_runner_on_day"), "check_in", ["runner_id", "on_day"])
    op.create_table(
        "episode",
        _id(),
        _runner(),
        sa.Column("place", sa.String(15), nullable=False),
        sa.Column("side", sa.String(5), nullable=False),
        _day("opened_on"),
        sa.Column("known", sa.JSON(), nullable=False),
        sa.Column("said_over_at", UTC, nullable=True),
        _of("episode", "runner_id", "runner"),
        _key("episode", "id"),
        _once("episode", "runner_id", "place", "side", "opened_on"),
    )


def _way_back() -> None:
    op.create_table(
        "comeback_plan",
        _id(),
        _runner(),
        _day("began_on"),
        _day("opened_on"),
        sa.Column("why", sa.String(10), nullable=False),
        sa.Column("usual_m", sa.Float(), nullable=True),
        sa.Column("longest_m", sa.Float(), nullable=True),
        *(_day(name, nullable=True) for name in ("gate_on", "left_on", "done_on")),
        sa.Column("edits", sa.JSON(), nullable=False),
        _of("comeback_plan", "runner_id", "runner"),
        _key("comeback_plan", "id"),
        _once("comeback_plan", "runner_id", "began_on"),
        sa.CheckConstraint("why IN ('break', 'pain')", name=op.f("ck_comeback_plan_why_known")),
    )
    op.create_table(
        "run_walk",
        sa.Column("activity_id", sa.Integer(), nullable=False),
        _runner(),
        sa.Column("running_s", sa.Float(), nullable=False),
        sa.Column("walking_s", sa.Float(), nullable=False),
        sa.Column("bouts", sa.Integer(), nullable=False),
        sa.Column("longest_s", sa.Float(), nullable=False),
        _of("run_walk", "activity_id", "activity"),
        _of("run_walk", "runner_id", "runner"),
        _key("run_walk", "activity_id"),
    )
    op.create_index(op.f("ix_run_walk_runner_id"), "run_walk", ["runner_id"])


def _routine() -> None:
    op.create_table(
        "exercise_tick",
        _runner(),
        _day("on_day"),
        sa.Column("exercise", sa.String(20), nullable=False),
        sa.Column("said_at", UTC, nullable=False),
        _of("exercise_tick", "runner_id", "runner"),
        _key("exercise_tick", "runner_id", "on_day", "exercise"),
    )
    op.create_table(
        "exercise_choice",
        _runner(),
        sa.Column("exercise", sa.String(20), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        _of("exercise_choice", "runner_id", "runner"),
        _key("exercise_choice", "runner_id", "exercise"),
    )
    op.create_table(
        "question",
        _runner(),
        _day("on_day"),
        sa.Column("about", sa.String(10), nullable=False),
        sa.Column("asked_at", UTC, nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=True),
        _of("question", "runner_id", "runner"),
        _of("question", "delivery_id", "delivery", "SET NULL"),
        _key("question", "runner_id", "on_day", "about"),
    )


def downgrade() -> None:
    """What was said of the body has no place in the older schema."""
    for table in TABLES:
        op.drop_table(table)
    for column in ("check_in_ask", "routine_at"):
        op.drop_column("runner", column)
    op.drop_column("delivery", "of_health")
