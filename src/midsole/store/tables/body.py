"""What the runner says of their body, and what follows from it: all of it is health data."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from midsole.store.tables.base import Utc, id_, metadata, of_runner, one_of

check_in = Table(
    "check_in",
    metadata,
    id_(),
    of_runner(),
    Column("said_at", Utc, nullable=False),
    Column("on_day", Date, nullable=False),
    Column("moment", String(10), nullable=False),
    Column("level", Integer, nullable=False),
    Column("place", String(15)),
    Column("side", String(5)),
    Column("kind", String(10)),
    Column("signs", JSON, nullable=False),
    Column("note", Text),
    Index("ix_check_in_runner_on_day", "runner_id", "on_day"),
)

episode = Table(
    "episode",
    metadata,
    id_(),
    of_runner(),
    Column("place", String(15), nullable=False),
    Column("side", String(5), nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("known", JSON, nullable=False),
    Column("said_over_at", Utc),
    UniqueConstraint("runner_id", "place", "side", "opened_on"),
)

comeback_plan = Table(
    "comeback_plan",
    metadata,
    id_(),
    of_runner(),
    Column("began_on", Date, nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("why", String(10), nullable=False),
    Column("usual_m", Float),
    Column("longest_m", Float),
    Column("gate_on", Date),
    Column("left_on", Date),
    Column("done_on", Date),
    Column("edits", JSON, nullable=False),
    UniqueConstraint("runner_id", "began_on"),
    one_of("why", "break", "pain"),
)

run_walk = Table(
    "run_walk",
    metadata,
    Column("activity_id", ForeignKey("activity.id", ondelete="CASCADE"), primary_key=True),
    of_runner(index=True),
    Column("running_s", Float, nullable=False),
    Column("walking_s", Float, nullable=False),
    Column("bouts", Integer, nullable=False),
    Column("longest_s", Float, nullable=False),
)

exercise_tick = Table(
    "exercise_tick",
    metadata,
    of_runner(),
    Column("on_day", Date, nullable=False),
    Column("exercise", String(20), nullable=False),
    Column("said_at", Utc, nullable=False),
    PrimaryKeyConstraint("runner_id", "on_day", "exercise"),
)

exercise_choice = Table(
    "exercise_choice",
    metadata,
    of_runner(),
    Column("exercise", String(20), nullable=False),
    Column("wanted", Boolean, nullable=False),
    PrimaryKeyConstraint("runner_id", "exercise"),
)

question = Table(
    "question",
    metadata,
    of_runner(),
    Column("on_day", Date, nullable=False),
    Column("about", String(10), nullable=False),
    Column("asked_at", Utc, nullable=False),
    Column("delivery_id", ForeignKey("delivery.id", ondelete="SET NULL")),
    PrimaryKeyConstraint("runner_id", "on_day", "about"),
)
