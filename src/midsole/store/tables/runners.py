"""Runners, their zones, and what they say of themselves."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Float,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    Time,
    UniqueConstraint,
    text,
)

from midsole.store.tables.base import Utc, id_, metadata, of_runner, one_of

runner = Table(
    "runner",
    metadata,
    id_(),
    Column("name", String(100), nullable=False),
    Column("email", String(320)),
    Column("email_refused", Text),
    Column("units", String(2), nullable=False, server_default="km"),
    Column("first_weekday", Integer, nullable=False, server_default="0"),
    Column("weekly_mail", String(10), nullable=False, server_default="every"),
    Column("alert_mail", Boolean, nullable=False, server_default=text("true")),
    Column("quiet_from", Time),
    Column("quiet_until", Time),
    Column("limits", JSON, nullable=False),
    Column("start_said_on", Date),
    Column("start_longest_m", Float),
    Column("start_usual_week_m", Float),
    Column("pain_now", Boolean, nullable=False, server_default=text("false")),
    Column("check_in_ask", String(10), nullable=False, server_default="rules"),
    Column("routine_at", Time),
    Column("catching_up", String(10)),
    Column("taking_in_until", Utc),
    Column("created_at", Utc, nullable=False),
    UniqueConstraint("name"),
    one_of("units", "km", "mi"),
    one_of("catching_up", "first", "silent"),
    one_of("weekly_mail", "every", "warnings", "off"),
)

runner_zone = Table(
    "runner_zone",
    metadata,
    of_runner(),
    Column("from_date", Date, nullable=False),
    Column("zone", String(64), nullable=False),
    PrimaryKeyConstraint("runner_id", "from_date"),
)

pause = Table(
    "pause",
    metadata,
    id_(),
    of_runner(index=True),
    Column("from_date", Date, nullable=False),
    Column("until_date", Date),
    Column("reason", String(20), nullable=False),
)

injury = Table(
    "injury",
    metadata,
    id_(),
    of_runner(index=True),
    Column("happened_on", Date, nullable=False),
    Column("note", Text),
)

race = Table(
    "race",
    metadata,
    id_(),
    of_runner(index=True),
    Column("on_date", Date, nullable=False),
    Column("name", String(200)),
)
