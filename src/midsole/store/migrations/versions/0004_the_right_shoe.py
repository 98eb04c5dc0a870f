"""The right shoe: parts of a run, defaults with a date, rules, guesses, the change log, inserts, exports."""

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

UTC = sa.DateTime(timezone=True)
BEFORE_ALL = date(1970, 1, 1)
SAYING = "'runner', 'source', 'rule', 'guess', 'default'"


def upgrade() -> None:
    for column in _of_recordings():
        op.add_column("recording", column)
    for table in ("remote_activity", "gear"):
        origin = sa.Column("origin", sa.String(length=10), server_default="garmin", nullable=False)
        op.add_column(table, origin)
    with op.batch_alter_table("shoe") as batch:
        for column in _of_shoes():
            batch.add_column(column)
        batch.create_check_constraint(
            op.f("ck_shoe_everyday_share_of_one"), "everyday_share >= 0 AND everyday_share <= 1"
        )
    _defaults_have_a_date()
    _wearings_have_parts()
    _rules_and_guesses()
    _change_log()
    _inserts()


def _of_recordings() -> list[sa.Column[object]]:
    return [
        sa.Column("start_lat", sa.Float(), nullable=True),
        sa.Column("start_lon", sa.Float(), nullable=True),
        sa.Column("foot_pod", sa.Text(), nullable=True),
    ]


def _of_shoes() -> list[sa.Column[object]]:
    return [
        sa.Column("everyday_share", sa.Float(), server_default="0", nullable=False),
        sa.Column("everyday_from", sa.Date(), nullable=True),
    ]


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer(), nullable=False)


def _runner() -> sa.Column[int]:
    return sa.Column("runner_id", sa.Integer(), nullable=False)


def _of(table: str, column: str, other: str, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=ondelete)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def _new_default(*more: sa.Column[object], key: tuple[str, ...], shoe: bool) -> None:
    op.create_table(
        "shoe_default",
        _runner(),
        sa.Column("sport", sa.String(length=20), nullable=False),
        sa.Column("surface", sa.String(length=20), nullable=False),
        *more,
        sa.Column("shoe_id", sa.Integer(), nullable=shoe),
        _of("shoe_default", "runner_id", "runner"),
        _of("shoe_default", "shoe_id", "shoe"),
        _key("shoe_default", *key),
    )


def _set_aside(table: str) -> None:
    """A copy without names and keys, which the new table needs for itself."""
    op.execute(f"CREATE TABLE old_{table} AS SELECT * FROM {table}")  # noqa: S608
    op.drop_table(table)


def _defaults_have_a_date() -> None:
    """Those of before hold for all days, as they did."""
    _set_aside("shoe_default")
    key = ("runner_id", "sport", "surface", "from_date")
    _new_default(sa.Column("from_date", sa.Date(), nullable=False), key=key, shoe=True)
    always = sa.text(
        "INSERT INTO shoe_default (runner_id, sport, surface, from_date, shoe_id) "
        "SELECT runner_id, sport, surface, :always, shoe_id FROM old_shoe_default"
    )
    op.execute(always.bindparams(sa.bindparam("always", BEFORE_ALL, sa.Date())))
    op.drop_table("old_shoe_default")


def _new_wearing(*part: sa.Column[int], key: tuple[str, ...], shoe: bool) -> None:
    op.create_table(
        "wearing",
        sa.Column("activity_id", sa.Integer(), nullable=False),
        *part,
        sa.Column("shoe_id", sa.Integer(), nullable=shoe),
        _runner(),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("set_by", sa.String(length=10), nullable=False),
        sa.Column("set_at", UTC, nullable=False),
        sa.Column("probability", sa.Float(), nullable=True),
        sa.CheckConstraint(f"set_by IN ({SAYING})", name=op.f("ck_wearing_set_by_known")),
        sa.CheckConstraint("share > 0 AND share <= 1", name=op.f("ck_wearing_share_of_one")),
        _of("wearing", "activity_id", "activity"),
        _of("wearing", "shoe_id", "shoe", "RESTRICT"),
        _of("wearing", "runner_id", "runner"),
        _key("wearing", *key),
    )
    _index("wearing", "shoe_id", "runner_id")


def _wearings_have_parts() -> None:
    """In the order of the pairs' numbers, which is how they were listed."""
    _set_aside("wearing")
    part = sa.Column("part", sa.Integer(), nullable=False)
    _new_wearing(part, key=("activity_id", "part"), shoe=True)
    op.execute(
        "INSERT INTO wearing (activity_id, part, shoe_id, runner_id, share, set_by, set_at, probability) "
        "SELECT activity_id, (SELECT count(*) FROM old_wearing o "
        "WHERE o.activity_id = w.activity_id AND o.shoe_id < w.shoe_id), "
        "shoe_id, runner_id, share, set_by, set_at, probability FROM old_wearing w"
    )
    op.drop_table("old_wearing")


def _rules_and_guesses() -> None:
    op.create_table(
        "shoe_rule",
        _id(),
        _runner(),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("shoe_id", sa.Integer(), nullable=False),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        _of("shoe_rule", "runner_id", "runner"),
        _of("shoe_rule", "shoe_id", "shoe"),
        _key("shoe_rule", "id"),
    )
    _index("shoe_rule", "runner_id")
    op.create_table(
        "guess",
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("shoe_id", sa.Integer(), nullable=False),
        _runner(),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("made_at", UTC, nullable=False),
        _of("guess", "activity_id", "activity"),
        _of("guess", "shoe_id", "shoe"),
        _of("guess", "runner_id", "runner"),
        _key("guess", "activity_id", "shoe_id"),
    )
    _index("guess", "shoe_id", "runner_id")


def _change_log() -> None:
    op.create_table(
        "change_set",
        _id(),
        _runner(),
        sa.Column("made_at", UTC, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.Column("undone_at", UTC, nullable=True),
        sa.Column("alerts", sa.JSON(), nullable=False),
        _of("change_set", "runner_id", "runner"),
        _of("change_set", "undoes", "change_set", "SET NULL"),
        _key("change_set", "id"),
    )
    _index("change_set", "runner_id")
    op.create_table(
        "change",
        sa.Column("change_set_id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        _of("change", "change_set_id", "change_set"),
        _of("change", "activity_id", "activity"),
        _key("change", "change_set_id", "activity_id"),
    )
    _index("change", "activity_id")


def _inserts() -> None:
    op.create_table(
        "shoe_insert",
        _id(),
        _runner(),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("limit_m", sa.Float(), nullable=False),
        sa.Column("start_m", sa.Float(), server_default="0", nullable=False),
        sa.Column("price", sa.Float(), nullable=True),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.Column("created_at", UTC, nullable=False),
        sa.CheckConstraint("kind IN ('insole', 'orthotic', 'pad')", name=op.f("ck_shoe_insert_kind_known")),
        sa.CheckConstraint("limit_m > 0", name=op.f("ck_shoe_insert_limit_above_zero")),
        _of("shoe_insert", "runner_id", "runner"),
        _key("shoe_insert", "id"),
        sa.UniqueConstraint("runner_id", "name", name=op.f("uq_shoe_insert_runner_id")),
    )
    op.create_table(
        "fitting",
        sa.Column("insert_id", sa.Integer(), nullable=False),
        sa.Column("shoe_id", sa.Integer(), nullable=False),
        _runner(),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("until_date", sa.Date(), nullable=True),
        sa.CheckConstraint("until_date IS NULL OR until_date >= from_date", name=op.f("ck_fitting_in_order")),
        _of("fitting", "insert_id", "shoe_insert"),
        _of("fitting", "shoe_id", "shoe"),
        _of("fitting", "runner_id", "runner"),
        _key("fitting", "insert_id", "from_date"),
    )
    _index("fitting", "shoe_id", "runner_id")


def downgrade() -> None:
    """Of what the older schema can't hold the newest is kept: a default, one part of a pair, no barefoot."""
    for table in ("fitting", "shoe_insert", "change", "change_set", "guess", "shoe_rule"):
        op.drop_table(table)
    _set_aside("wearing")
    _new_wearing(key=("activity_id", "shoe_id"), shoe=False)
    op.execute(
        "INSERT INTO wearing (activity_id, shoe_id, runner_id, share, set_by, set_at, probability) "
        "SELECT activity_id, shoe_id, runner_id, sum(share), min(set_by), min(set_at), min(probability) "
        "FROM old_wearing WHERE shoe_id IS NOT NULL GROUP BY activity_id, shoe_id, runner_id"
    )
    op.drop_table("old_wearing")
    _set_aside("shoe_default")
    _new_default(key=("runner_id", "sport", "surface"), shoe=False)
    op.execute(
        "INSERT INTO shoe_default (runner_id, sport, surface, shoe_id) "
        "SELECT runner_id, sport, surface, shoe_id FROM old_shoe_default o WHERE shoe_id IS NOT NULL "
        "AND from_date = (SELECT max(from_date) FROM old_shoe_default n WHERE n.runner_id = o.runner_id "
        "AND n.sport = o.sport AND n.surface = o.surface)"
    )
    op.drop_table("old_shoe_default")
    with op.batch_alter_table("shoe") as batch:
        batch.drop_constraint(op.f("ck_shoe_everyday_share_of_one"), type_="check")
        for column in _of_shoes():
            batch.drop_column(column.name)
    for table in ("remote_activity", "gear"):
        with op.batch_alter_table(table) as batch:
            batch.drop_column("origin")
    with op.batch_alter_table("recording") as batch:
        for column in _of_recordings():
            batch.drop_column(column.name)
