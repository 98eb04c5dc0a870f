"""Pages: who may enter, uploads, photos of pairs, and where alerts go beside mail or instead of it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

UTC = sa.DateTime(timezone=True)


def upgrade() -> None:
    _doors()
    _targets()
    _uploads()
    _photos()


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer(), nullable=False)


def _runner() -> sa.Column[int]:
    return sa.Column("runner_id", sa.Integer(), nullable=False)


def _when(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, UTC, nullable=nullable)


def _of(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete="CASCADE")


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _once(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{columns[0]}"))


def _one_of(table: str, column: str, values: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{column} IN ({values})", name=op.f(f"ck_{table}_{column}_known"))


def _index_runner(table: str) -> None:
    op.create_index(op.f(f"ix_{table}_runner_id"), table, ["runner_id"])


def _doors() -> None:
    op.create_table(
        "login",
        _runner(),
        sa.Column("password_hash", sa.Text(), nullable=False),
        _when("set_at"),
        _of("login", "runner_id", "runner"),
        _key("login", "runner_id"),
    )
    op.create_table(
        "session",
        _id(),
        _runner(),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("device", sa.String(200), nullable=False),
        *(_when(name) for name in ("made_at", "seen_at", "expires_at")),
        _of("session", "runner_id", "runner"),
        _key("session", "id"),
        _once("session", "token_hash"),
    )
    _index_runner("session")
    op.create_table(
        "api_token",
        _id(),
        _runner(),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        _when("made_at"),
        _when("used_at", nullable=True),
        _of("api_token", "runner_id", "runner"),
        _key("api_token", "id"),
        _once("api_token", "token_hash"),
    )
    _index_runner("api_token")
    op.create_table(
        "pass_code",
        _id(),
        _runner(),
        sa.Column("purpose", sa.String(10), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        _when("made_at"),
        _when("expires_at"),
        _when("used_at", nullable=True),
        _of("pass_code", "runner_id", "runner"),
        _key("pass_code", "id"),
        _once("pass_code", "code_hash"),
        _one_of("pass_code", "purpose", "'setup', 'invite', 'recover'"),
    )
    _index_runner("pass_code")
    op.create_table(
        "attempt",
        _id(),
        sa.Column("key", sa.String(80), nullable=False),
        _when("at"),
        _key("attempt", "id"),
    )
    op.create_index(op.f("ix_attempt_key_at"), "attempt", ["key", "at"])


def _targets() -> None:
    op.create_table(
        "target",
        _id(),
        _runner(),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        _when("made_at"),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("paused", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        _of("target", "runner_id", "runner"),
        _key("target", "id"),
        _once("target", "runner_id", "name"),
        _one_of("target", "kind", "'push', 'webhook'"),
    )
    _index_runner("target")
    with op.batch_alter_table("delivery") as batch:
        batch.add_column(sa.Column("target_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_delivery_target_id_target"), "target", ["target_id"], ["id"], ondelete="SET NULL"
        )
    op.create_index(op.f("ix_delivery_target_id"), "delivery", ["target_id"])
    op.add_column(
        "runner", sa.Column("alert_mail", sa.Boolean(), server_default=sa.text("true"), nullable=False)
    )


def _uploads() -> None:
    op.create_table(
        "upload",
        _id(),
        _runner(),
        _when("made_at"),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        _when("next_at"),
        sa.Column("claimed_by", sa.String(64), nullable=True),
        _when("done_at", nullable=True),
        _of("upload", "runner_id", "runner"),
        _key("upload", "id"),
        _one_of("upload", "state", "'receiving', 'due', 'done', 'failed'"),
    )
    _index_runner("upload")


def _photos() -> None:
    op.create_table(
        "shoe_photo",
        sa.Column("shoe_id", sa.Integer(), nullable=False),
        _runner(),
        sa.Column("image", sa.LargeBinary(), nullable=False),
        sa.Column("media_type", sa.String(20), nullable=False),
        _when("made_at"),
        _of("shoe_photo", "shoe_id", "shoe"),
        _of("shoe_photo", "runner_id", "runner"),
        _key("shoe_photo", "shoe_id"),
    )
    _index_runner("shoe_photo")


def downgrade() -> None:
    """Deliveries that went elsewhere than by mail have no place in the older schema."""
    op.drop_column("runner", "alert_mail")
    op.execute("DELETE FROM delivery WHERE channel IN ('push', 'webhook')")
    op.drop_index(op.f("ix_delivery_target_id"), "delivery")
    with op.batch_alter_table("delivery") as batch:
        batch.drop_constraint(op.f("fk_delivery_target_id_target"), type_="foreignkey")
        batch.drop_column("target_id")
    for table in ("shoe_photo", "upload", "target", "attempt", "pass_code", "api_token", "session", "login"):
        op.drop_table(table)
