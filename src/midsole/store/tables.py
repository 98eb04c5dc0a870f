"""Every table of Midsole; times are aware UTC, distances metres, durations seconds."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    Time,
    TypeDecorator,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Utc(TypeDecorator[datetime]):
    """An aware datetime in UTC, also where the database knows no zones (SQLite)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True)


def _of_runner(**options: Any) -> Column[int]:
    return Column("runner_id", ForeignKey("runner.id", ondelete="CASCADE"), nullable=False, **options)


def _one_of(column: str, *values: str) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(v) for v in values)})", name=f"{column}_known")


runner = Table(
    "runner",
    metadata,
    _id(),
    Column("name", String(100), nullable=False),
    Column("email", String(320)),
    Column("email_refused", Text),
    Column("units", String(2), nullable=False, server_default="km"),
    Column("first_weekday", Integer, nullable=False, server_default="0"),
    Column("weekly_mail", String(10), nullable=False, server_default="every"),
    Column("quiet_from", Time),
    Column("quiet_until", Time),
    Column("limits", JSON, nullable=False),
    Column("start_said_on", Date),
    Column("start_longest_m", Float),
    Column("start_usual_week_m", Float),
    Column("pain_now", Boolean, nullable=False, server_default=text("false")),
    Column("catching_up", String(10)),
    Column("taking_in_until", Utc),
    Column("created_at", Utc, nullable=False),
    UniqueConstraint("name"),
    _one_of("units", "km", "mi"),
    _one_of("catching_up", "first", "silent"),
    _one_of("weekly_mail", "every", "warnings", "off"),
)

runner_zone = Table(
    "runner_zone",
    metadata,
    _of_runner(),
    Column("from_date", Date, nullable=False),
    Column("zone", String(64), nullable=False),
    PrimaryKeyConstraint("runner_id", "from_date"),
)

connection = Table(
    "connection",
    metadata,
    _id(),
    _of_runner(),
    Column("kind", String(20), nullable=False),
    Column("place", Text, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("first_look_done_at", Utc),
    Column("last_look_at", Utc),
    Column("last_success_at", Utc),
    Column("error", Text),
    Column("state", String(15), nullable=False, server_default="connected"),
    Column("next_at", Utc),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("busy_until", Utc),
    Column("busy_by", String(64)),
    Column("secret", Text),
    Column("secret_until", Utc),
    Column("expires_on", Date),
    Column("login_after", Utc),
    Column("logins_refused", Integer, nullable=False, server_default="0"),
    Column("notes", JSON, nullable=False, server_default=text("'{}'")),
    UniqueConstraint("runner_id", "kind", "place"),
    _one_of("state", "disconnected", "mfa_pending", "connected", "degraded", "rate_limited", "login_needed"),
)

seen_file = Table(
    "seen_file",
    metadata,
    Column("connection_id", ForeignKey("connection.id", ondelete="CASCADE"), nullable=False),
    Column("path", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    PrimaryKeyConstraint("connection_id", "path"),
)

raw_file = Table(
    "raw_file",
    metadata,
    _id(),
    _of_runner(),
    Column("connection_id", ForeignKey("connection.id", ondelete="SET NULL")),
    Column("sha256", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("received_at", Utc, nullable=False),
    Column("state", String(10), nullable=False),
    Column("reason", Text),
    Column("format", String(20)),
    Column("decoder_version", Integer),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", Utc, nullable=False),
    Column("claimed_by", String(64)),
    UniqueConstraint("runner_id", "sha256"),
    _one_of("state", "new", "done", "ignored", "bad"),
    Index("ix_raw_file_state_next_at", "state", "next_at"),
)

recording = Table(
    "recording",
    metadata,
    _id(),
    _of_runner(),
    Column("raw_file_id", ForeignKey("raw_file.id", ondelete="CASCADE"), nullable=False),
    Column("activity_id", ForeignKey("activity.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("leg", Integer, nullable=False),
    Column("key", String(80), nullable=False),
    Column("sport", String(20), nullable=False),
    Column("surface", String(20), nullable=False),
    Column("started_at", Utc, nullable=False),
    Column("utc_offset_s", Integer),
    Column("distance_m", Float, nullable=False),
    Column("distance_from", String(10), nullable=False),
    Column("timer_s", Float, nullable=False),
    Column("moving_s", Float, nullable=False),
    Column("elapsed_s", Float, nullable=False),
    Column("ascent_m", Float),
    Column("descent_m", Float),
    Column("steps", Integer),
    Column("heart_rate_mean_bpm", Integer),
    Column("heart_rate_max_bpm", Integer),
    Column("cadence_spm", Float),
    Column("stance_time_ms", Float),
    Column("vertical_oscillation_mm", Float),
    Column("start_lat", Float),
    Column("start_lon", Float),
    Column("foot_pod", Text),
    Column("rpe", Float),
    Column("feel", Integer),
    Column("is_race", Boolean, nullable=False),
    Column("title", Text),
    Column("device", Text),
    Column("recovered", Boolean, nullable=False),
    Column("jump_m", Float, nullable=False),
    Column("best_30min_m_per_s", Float),
    Column("fastest_s", JSON, nullable=False),
    Column("speed_s", JSON, nullable=False),
    UniqueConstraint("raw_file_id", "leg"),
    Index("ix_recording_runner_started_at", "runner_id", "started_at"),
)

activity = Table(
    "activity",
    metadata,
    _id(),
    _of_runner(),
    Column("leader_id", Integer),
    Column("key", String(80), nullable=False),
    Column("local_date", Date, nullable=False),
    Column("started_at", Utc, nullable=False),
    Column("sport", String(20), nullable=False),
    Column("surface", String(20), nullable=False),
    Column("distance_m", Float, nullable=False),
    Column("counted_m", Float, nullable=False),
    Column("distance_from", String(10), nullable=False),
    Column("steps", Integer),
    Column("is_race", Boolean, nullable=False),
    Column("title", Text),
    Column("excluded", Boolean, nullable=False),
    Column("confirmed", Boolean, nullable=False),
    Column("flags", JSON, nullable=False),
    Column("timer_s", Float),
    Column("rpe", Float),
    Column("feel", Integer),
    Index("ix_activity_runner_local_date", "runner_id", "local_date"),
    Index("ix_activity_runner_started_at", "runner_id", "started_at"),
)

edit = Table(
    "edit",
    metadata,
    Column("activity_id", ForeignKey("activity.id", ondelete="CASCADE"), nullable=False),
    _of_runner(index=True),
    Column("field", String(20), nullable=False),
    Column("value", JSON, nullable=False),
    Column("said_at", Utc, nullable=False),
    PrimaryKeyConstraint("activity_id", "field"),
)

link = Table(
    "link",
    metadata,
    _of_runner(),
    Column("one", String(80), nullable=False),
    Column("other", String(80), nullable=False),
    Column("together", Boolean, nullable=False),
    Column("said_at", Utc, nullable=False),
    PrimaryKeyConstraint("runner_id", "one", "other"),
    CheckConstraint("one < other", name="in_order"),
)

shoe = Table(
    "shoe",
    metadata,
    _id(),
    _of_runner(),
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
    _one_of("start_how", "known", "estimated", "unknown"),
    CheckConstraint("limit_m > 0", name="limit_above_zero"),
    CheckConstraint("everyday_share >= 0 AND everyday_share <= 1", name="everyday_share_of_one"),
)

shoe_default = Table(
    "shoe_default",
    metadata,
    _of_runner(),
    Column("sport", String(20), nullable=False),
    Column("surface", String(20), nullable=False),
    Column("from_date", Date, nullable=False),
    Column("shoe_id", ForeignKey("shoe.id", ondelete="CASCADE")),
    PrimaryKeyConstraint("runner_id", "sport", "surface", "from_date"),
)

shoe_rule = Table(
    "shoe_rule",
    metadata,
    _id(),
    _of_runner(index=True),
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
    _of_runner(index=True),
    Column("share", Float, nullable=False),
    Column("set_by", String(10), nullable=False),
    Column("set_at", Utc, nullable=False),
    Column("probability", Float),
    PrimaryKeyConstraint("activity_id", "part"),
    _one_of("set_by", "runner", "source", "rule", "guess", "default"),
    CheckConstraint("share > 0 AND share <= 1", name="share_of_one"),
)

guess = Table(
    "guess",
    metadata,
    Column("activity_id", ForeignKey("activity.id", ondelete="CASCADE"), nullable=False),
    Column("shoe_id", ForeignKey("shoe.id", ondelete="CASCADE"), nullable=False, index=True),
    _of_runner(index=True),
    Column("probability", Float, nullable=False),
    Column("made_at", Utc, nullable=False),
    PrimaryKeyConstraint("activity_id", "shoe_id"),
)

change_set = Table(
    "change_set",
    metadata,
    _id(),
    _of_runner(index=True),
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
    _id(),
    _of_runner(),
    Column("name", String(100), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("limit_m", Float, nullable=False),
    Column("start_m", Float, nullable=False, server_default="0"),
    Column("price", Float),
    Column("retired_on", Date),
    Column("created_at", Utc, nullable=False),
    UniqueConstraint("runner_id", "name"),
    _one_of("kind", "insole", "orthotic", "pad"),
    CheckConstraint("limit_m > 0", name="limit_above_zero"),
)

fitting = Table(
    "fitting",
    metadata,
    Column("insert_id", ForeignKey("shoe_insert.id", ondelete="CASCADE"), nullable=False),
    Column("shoe_id", ForeignKey("shoe.id", ondelete="CASCADE"), nullable=False, index=True),
    _of_runner(index=True),
    Column("from_date", Date, nullable=False),
    Column("until_date", Date),
    PrimaryKeyConstraint("insert_id", "from_date"),
    CheckConstraint("until_date IS NULL OR until_date >= from_date", name="in_order"),
)

remote_activity = Table(
    "remote_activity",
    metadata,
    _of_runner(),
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
    _of_runner(),
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
    _one_of("state", "proposed", "linked", "declined", "gone"),
)

gear_use = Table(
    "gear_use",
    metadata,
    _of_runner(),
    Column("gear_id", String(40), nullable=False),
    Column("activity_id", String(40), nullable=False),
    Column("metres", Float),
    PrimaryKeyConstraint("runner_id", "gear_id", "activity_id"),
    Index("ix_gear_use_activity", "runner_id", "activity_id"),
)

daily_steps = Table(
    "daily_steps",
    metadata,
    _of_runner(),
    Column("day", Date, nullable=False),
    Column("steps", Integer, nullable=False),
    PrimaryKeyConstraint("runner_id", "day"),
)

pause = Table(
    "pause",
    metadata,
    _id(),
    _of_runner(index=True),
    Column("from_date", Date, nullable=False),
    Column("until_date", Date),
    Column("reason", String(20), nullable=False),
)

injury = Table(
    "injury",
    metadata,
    _id(),
    _of_runner(index=True),
    Column("happened_on", Date, nullable=False),
    Column("note", Text),
)

race = Table(
    "race",
    metadata,
    _id(),
    _of_runner(index=True),
    Column("on_date", Date, nullable=False),
    Column("name", String(200)),
)

alert = Table(
    "alert",
    metadata,
    _id(),
    _of_runner(index=True),
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
    _one_of("level", "note", "warn", "alarm"),
    _one_of("state", "open", "snoozed", "acknowledged", "resolved", "seen"),
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
    _id(),
    _of_runner(index=True),
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
    UniqueConstraint("message_id"),
    _one_of("state", "due", "sent", "failed", "given_up", "withdrawn"),
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
    _of_runner(),
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
