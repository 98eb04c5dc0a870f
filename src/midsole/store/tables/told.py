"""What accounts and exports tell of activities, pairs and steps."""

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
    text,
)

from midsole.store.tables.base import Utc, metadata, of_runner, one_of

remote_activity = Table(
    "remote_activity",
    metadata,
    of_runner(),
    Column("external_id", String(40), nullable=False),
    Column("origin", String(10), nullable=False, server_default="garmin"),
    Column("owner", String(40)),
    Column("started_at", Utc),
    Column("listed", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("detail", Text),
    Column("detail_at", Utc),
    Column("told", JSON, nullable=False),
    Column("has_file", Boolean, nullable=False),
    Column("listed_file_id", ForeignKey("raw_file.id", ondelete="SET NULL"), index=True),
    Column("original_id", ForeignKey("raw_file.id", ondelete="SET NULL"), index=True),
    Column("gear_at", Utc),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", Utc),
    Column("error", Text),
    Column("gone_at", Utc),
    PrimaryKeyConstraint("runner_id", "external_id"),
)

gear = Table(
    "gear",
    metadata,
    of_runner(),
    Column("external_id", String(40), nullable=False),
    Column("origin", String(10), nullable=False, server_default="garmin"),
    Column("shoe_id", ForeignKey("shoe.id", ondelete="SET NULL"), index=True),
    Column("added", Boolean, nullable=False, server_default=text("false")),
    Column("state", String(10), nullable=False),
    Column("name", String(100), nullable=False),
    Column("brand", String(100)),
    Column("model", String(100)),
    Column("limit_m", Float),
    Column("first_used_on", Date),
    Column("retired_on", Date),
    Column("total_m", Float),
    Column("runs", Integer),
    Column("told", Text, nullable=False),
    Column("told_at", Utc, nullable=False),
    Column("read_total_m", Float),
    Column("read_runs", Integer),
    Column("read_at", Utc),
    PrimaryKeyConstraint("runner_id", "external_id"),
    one_of("state", "proposed", "linked", "declined", "gone"),
)

gear_use = Table(
    "gear_use",
    metadata,
    of_runner(),
    Column("gear_id", String(40), nullable=False),
    Column("activity_id", String(40), nullable=False),
    Column("metres", Float),
    PrimaryKeyConstraint("runner_id", "gear_id", "activity_id"),
    Index("ix_gear_use_activity", "runner_id", "activity_id"),
)

daily_steps = Table(
    "daily_steps",
    metadata,
    of_runner(),
    Column("day", Date, nullable=False),
    Column("steps", Integer, nullable=False),
    PrimaryKeyConstraint("runner_id", "day"),
)
