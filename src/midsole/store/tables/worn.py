"""Pairs and inserts, which of them an activity wore, and every change of that."""

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from midsole.store.tables.base import Utc, id_, metadata, of_runner, one_of

shoe = Table(
    "shoe",
    metadata,
    id_(),
    of_runner(),
    Column("name", String(100), nullable=False),
    Column("model", String(100)),
    Column("kind", String(20), nullable=False),
    Column("limit_m", Float, nullable=False),
    Column("start_m", Float),
    Column("start_how", String(10), nullable=False),
    Column("bought_on", Date),
    Column("first_used_on", Date),
    Column("price", Float),
    Column("retired_on", Date),
    Column("retired_reason", Text),
    Column("everyday_share", Float, nullable=False, server_default="0"),
    Column("everyday_from", Date),
    Column("created_at", Utc, nullable=False),
    UniqueConstraint("runner_id", "name"),
    one_of("start_how", "known", "estimated", "unknown"),
    CheckConstraint("limit_m > 0", name="limit_above_zero"),
    CheckConstraint("everyday_share >= 0 AND everyday_share <= 1", name="everyday_share_of_one"),
)

shoe_default = Table(
    "shoe_default",
    metadata,
    of_runner(),
    Column("sport", String(20), nullable=False),
    Column("surface", String(20), nullable=False),
    Column("from_date", Date, nullable=False),
    Column("shoe_id", ForeignKey("shoe.id", ondelete="CASCADE")),
    PrimaryKeyConstraint("runner_id", "sport", "surface", "from_date"),
)

shoe_rule = Table(
    "shoe_rule",
    metadata,
    id_(),
    of_runner(index=True),
    Column("place", Integer, nullable=False),
    Column("shoe_id", ForeignKey("shoe.id", ondelete="CASCADE"), nullable=False),
    Column("conditions", JSON, nullable=False),
    Column("from_date", Date, nullable=False),
    Column("created_at", Utc, nullable=False),
)

wearing = Table(
    "wearing",
    metadata,
    Column("activity_id", ForeignKey("activity.id", ondelete="CASCADE"), nullable=False),
    Column("part", Integer, nullable=False),
    Column("shoe_id", ForeignKey("shoe.id", ondelete="RESTRICT"), index=True),
    of_runner(index=True),
    Column("share", Float, nullable=False),
    Column("set_by", String(10), nullable=False),
    Column("set_at", Utc, nullable=False),
    Column("probability", Float),
    PrimaryKeyConstraint("activity_id", "part"),
    one_of("set_by", "runner", "source", "rule", "guess", "default"),
    CheckConstraint("share > 0 AND share <= 1", name="share_of_one"),
)

guess = Table(
    "guess",
    metadata,
    Column("activity_id", ForeignKey("activity.id", ondelete="CASCADE"), nullable=False),
    Column("shoe_id", ForeignKey("shoe.id", ondelete="CASCADE"), nullable=False, index=True),
    of_runner(index=True),
    Column("probability", Float, nullable=False),
    Column("made_at", Utc, nullable=False),
    PrimaryKeyConstraint("activity_id", "shoe_id"),
)

change_set = Table(
    "change_set",
    metadata,
    id_(),
    of_runner(index=True),
    Column("made_at", Utc, nullable=False),
    Column("what", Text, nullable=False),
    Column("undoes", ForeignKey("change_set.id", ondelete="SET NULL")),
    Column("undone_at", Utc),
    Column("alerts", JSON, nullable=False),
)

change = Table(
    "change",
    metadata,
    Column("change_set_id", ForeignKey("change_set.id", ondelete="CASCADE"), nullable=False),
    Column("activity_id", ForeignKey("activity.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("before", JSON, nullable=False),
    Column("after", JSON, nullable=False),
    PrimaryKeyConstraint("change_set_id", "activity_id"),
)

shoe_insert = Table(
    "shoe_insert",
    metadata,
    id_(),
    of_runner(),
    Column("name", String(100), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("limit_m", Float, nullable=False),
    Column("start_m", Float, nullable=False, server_default="0"),
    Column("price", Float),
    Column("retired_on", Date),
    Column("created_at", Utc, nullable=False),
    UniqueConstraint("runner_id", "name"),
    one_of("kind", "insole", "orthotic", "pad"),
    CheckConstraint("limit_m > 0", name="limit_above_zero"),
)

fitting = Table(
    "fitting",
    metadata,
    Column("insert_id", ForeignKey("shoe_insert.id", ondelete="CASCADE"), nullable=False),
    Column("shoe_id", ForeignKey("shoe.id", ondelete="CASCADE"), nullable=False, index=True),
    of_runner(index=True),
    Column("from_date", Date, nullable=False),
    Column("until_date", Date),
    PrimaryKeyConstraint("insert_id", "from_date"),
    CheckConstraint("until_date IS NULL OR until_date >= from_date", name="in_order"),
)
