"""Who may enter, what they uploaded, and where alerts go beside mail."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
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

login = Table(
    "login",
    metadata,
    of_runner(),
    Column("password_hash", Text, nullable=False),
    Column("set_at", Utc, nullable=False),
    PrimaryKeyConstraint("runner_id"),
)

session = Table(
    "session",
    metadata,
    id_(),
    of_runner(index=True),
    Column("token_hash", String(64), nullable=False),
    Column("device", String(200), nullable=False),
    Column("made_at", Utc, nullable=False),
    Column("seen_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    UniqueConstraint("token_hash"),
)

api_token = Table(
    "api_token",
    metadata,
    id_(),
    of_runner(index=True),
    Column("name", String(100), nullable=False),
    Column("token_hash", String(64), nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("made_at", Utc, nullable=False),
    Column("used_at", Utc),
    UniqueConstraint("token_hash"),
)

pass_code = Table(
    "pass_code",
    metadata,
    id_(),
    of_runner(index=True),
    Column("purpose", String(10), nullable=False),
    Column("code_hash", String(64), nullable=False),
    Column("made_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("used_at", Utc),
    UniqueConstraint("code_hash"),
    one_of("purpose", "setup", "invite", "recover"),
)

attempt = Table(
    "attempt",
    metadata,
    id_(),
    Column("key", String(80), nullable=False),
    Column("at", Utc, nullable=False),
    Index("ix_attempt_key_at", "key", "at"),
)

target = Table(
    "target",
    metadata,
    id_(),
    of_runner(index=True),
    Column("kind", String(10), nullable=False),
    Column("name", String(100), nullable=False),
    Column("place", Text, nullable=False),
    Column("secret", Text),
    Column("made_at", Utc, nullable=False),
    Column("error", Text),
    Column("paused", Boolean, nullable=False, server_default=text("false")),
    UniqueConstraint("runner_id", "name"),
    one_of("kind", "push", "webhook"),
)

upload = Table(
    "upload",
    metadata,
    id_(),
    of_runner(index=True),
    Column("made_at", Utc, nullable=False),
    Column("state", String(10), nullable=False),
    Column("files", Integer, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("counts", JSON, nullable=False),
    Column("error", Text),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", Utc, nullable=False),
    Column("claimed_by", String(64)),
    Column("done_at", Utc),
    one_of("state", "receiving", "due", "done", "failed"),
)

shoe_photo = Table(
    "shoe_photo",
    metadata,
    Column("shoe_id", ForeignKey("shoe.id", ondelete="CASCADE"), nullable=False),
    of_runner(index=True),
    Column("image", LargeBinary, nullable=False),
    Column("media_type", String(20), nullable=False),
    Column("made_at", Utc, nullable=False),
    PrimaryKeyConstraint("shoe_id"),
)
