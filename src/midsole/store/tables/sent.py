"""Alerts, the mails that carry them, and the clock's slots."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from midsole.store.tables.base import Utc, id_, metadata, of_runner, one_of

alert = Table(
    "alert",
    metadata,
    id_(),
    of_runner(index=True),
    Column("rule", String(10), nullable=False),
    Column("subject", String(120), nullable=False),
    Column("level", String(10), nullable=False),
    Column("state", String(15), nullable=False),
    Column("happened_on", Date, nullable=False),
    Column("opened_at", Utc, nullable=False),
    Column("last_seen_on", Date, nullable=False),
    Column("snoozed_until", Utc),
    Column("resolved_at", Utc),
    Column("pushed_at", Utc),
    Column("in_weekly", Boolean, nullable=False),
    Column("held_back", String(10)),
    Column("text", Text, nullable=False),
    Column("advice", Text, nullable=False),
    Column("numbers", JSON, nullable=False),
    one_of("level", "note", "warn", "alarm"),
    one_of("state", "open", "snoozed", "acknowledged", "resolved", "seen"),
    Index(
        "uq_alert_standing",
        "runner_id",
        "rule",
        "subject",
        unique=True,
        sqlite_where=text("resolved_at IS NULL"),  # PostgreSQL's, too; named here it loads its dialect, 30 ms
    ),
)

delivery = Table(
    "delivery",
    metadata,
    id_(),
    of_runner(index=True),
    Column("kind", String(10), nullable=False),
    Column("channel", String(10), nullable=False),
    Column("address", String(320), nullable=False),
    Column("message_id", String(200), nullable=False),
    Column("subject", Text, nullable=False),
    Column("eml", LargeBinary, nullable=False),
    Column("state", String(10), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("news_until", Utc),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", Utc, nullable=False),
    Column("claimed_by", String(64)),
    Column("sent_at", Utc),
    Column("error", Text),
    Column("counts_in_budget", Boolean, nullable=False),
    Column("target_id", ForeignKey("target.id", ondelete="SET NULL"), index=True),
    Column("of_health", Boolean, nullable=False, server_default=text("false")),
    UniqueConstraint("message_id"),
    one_of("state", "due", "sent", "failed", "given_up", "withdrawn"),
    Index("ix_delivery_state_next_at", "state", "next_at"),
)

delivery_alert = Table(
    "delivery_alert",
    metadata,
    Column("delivery_id", ForeignKey("delivery.id", ondelete="CASCADE"), nullable=False),
    Column("alert_id", ForeignKey("alert.id", ondelete="CASCADE"), nullable=False, index=True),
    PrimaryKeyConstraint("delivery_id", "alert_id"),
)

weekly = Table(
    "weekly",
    metadata,
    of_runner(),
    Column("week_start", Date, nullable=False),
    Column("verdict", String(12), nullable=False),
    Column("delivery_id", ForeignKey("delivery.id", ondelete="SET NULL")),
    Column("made_at", Utc, nullable=False),
    PrimaryKeyConstraint("runner_id", "week_start"),
)

slot = Table(
    "slot",
    metadata,
    Column("job", String(40), nullable=False),
    Column("slot", Utc, nullable=False),
    PrimaryKeyConstraint("job", "slot"),
)
