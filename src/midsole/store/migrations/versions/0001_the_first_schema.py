"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "runner",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("email_refused", sa.Text(), nullable=True),
        sa.Column("units", sa.String(length=2), server_default="km", nullable=False),
        sa.Column("first_weekday", sa.Integer(), server_default="0", nullable=False),
        sa.Column("weekly_mail", sa.String(length=10), server_default="every", nullable=False),
        sa.Column("quiet_from", sa.Time(), nullable=True),
        sa.Column("quiet_until", sa.Time(), nullable=True),
        sa.Column("limits", sa.JSON(), nullable=False),
        sa.Column("start_said_on", sa.Date(), nullable=True),
        sa.Column("start_longest_m", sa.Float(), nullable=True),
        sa.Column("start_usual_week_m", sa.Float(), nullable=True),
        sa.Column("pain_now", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("catching_up", sa.String(length=10), nullable=True),
        sa.Column("taking_in_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("catching_up IN ('first', 'silent')", name=op.f("ck_runner_catching_up_known")),
        sa.CheckConstraint("units IN ('km', 'mi')", name=op.f("ck_runner_units_known")),
        sa.CheckConstraint(
            "weekly_mail IN ('every', 'warnings', 'off')", name=op.f("ck_runner_weekly_mail_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runner")),
        sa.UniqueConstraint("name", name=op.f("uq_runner_name")),
    )
    op.create_table(
        "slot",
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("slot", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("job", "slot", name=op.f("pk_slot")),
    )
    op.create_table(
        "activity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("runner_id", sa.Integer(), nullable=False),
        sa.Column("leader_id", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sport", sa.String(length=20), nullable=False),
        sa.Column("surface", sa.String(length=20), nullable=False),
        sa.Column("distance_m", sa.Float(), nullable=False),
        sa.Column("counted_m", sa.Float(), nullable=False),
        sa.Column("distance_from", sa.String(length=10), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=True),
        sa.Column("is_race", sa.Boolean(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("excluded", sa.Boolean(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["runner_id"], ["runner.id"], name=op.f("fk_activity_runner_id_runner"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
    )
    op.create_index("ix_activity_runner_local_date", "activity", ["runner_id", "local_date"], unique=False)
    op.create_index("ix_activity_runner_started_at", "activity", ["runner_id", "started_at"], unique=False)

    op.create_table(
        "alert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("runner_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=15), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_on", sa.Date(), nullable=False),
        sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pushed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("in_weekly", sa.Boolean(), nullable=False),
        sa.Column("held_back", sa.String(length=10), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("advice", sa.Text(), nullable=False),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.CheckConstraint("level IN ('note', 'warn', 'alarm')", name=op.f("ck_alert_level_known")),
        sa.CheckConstraint(
            "state IN ('open', 'snoozed', 'acknowledged', 'resolved', 'seen')",
            name=op.f("ck_alert_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["runner_id"], ["runner.id"], name=op.f("fk_alert_runner_id_runner"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
    )
    op.create_index(op.f("ix_alert_runner_id"), "alert", ["runner_id"], unique=False)
    op.create_index(
        "uq_alert_standing",
        "alert",
        ["runner_id", "rule", "subject"],
        unique=True,
        sqlite_where=sa.text("resolved_at IS NULL"),
        postgresql_where=sa.text("resolved_at IS NULL"),
    )

    op.create_table(
        "connection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("runner_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_look_done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_look_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_success_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["runner_id"], ["runner.id"], name=op.f("fk_connection_runner_id_runner"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connection")),
        sa.UniqueConstraint("runner_id", "kind", "place", name=op.f("uq_connection_runner_id")),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("runner_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("eml", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("news_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_by", sa.String(length=64), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("counts_in_budget", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "state IN ('due', 'sent', 'failed', 'given_up', 'withdrawn')",
            name=op.f("ck_delivery_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["runner_id"], ["runner.id"], name=op.f("fk_delivery_runner_id_runner"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("message_id", name=op.f("uq_delivery_message_id")),
    )
    op.create_index(op.f("ix_delivery_runner_id"), "delivery", ["runner_id"], unique=False)
    op.create_index("ix_delivery_state_next_at", "delivery", ["state", "next_at"], unique=False)

    op.create_table(
        "injury",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("runner_id", sa.Integer(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["runner_id"], ["runner.id"], name=op.f("fk_injury_runner_id_runner"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_injury")),
    )
    op.create_index(op.f("ix_injury_runner_id"), "injury", ["runner_id"], unique=False)

    op.create_table(
        "pause",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("runner_id", sa.Integer(), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("until_date", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["runner_id"], ["runner.id"], name=op.f("fk_pause_runner_id_runner"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pause")),
    )
    op.create_index(op.f("ix_pause_runner_id"), "pause", ["runner_id"], unique=False)

    op.create_table(
        "race",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("runner_id", sa.Integer(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["runner_id"], ["runner.id"], name=op.f("fk_race_runner_id_runner"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_race")),
    )
    op.create_index(op.f("ix_race_runner_id"), "race", ["runner_id"], unique=False)

    op.create_table(
        "runner_zone",
        sa.Column("runner_id", sa.Integer(), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["runner_id"], ["runner.id"], name=op.f("fk_runner_zone_runner_id_runner"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("runner_id", "from_date", name=op.f("pk_runner_zone")),
    )
    op.create_table(
        "shoe",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("runner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("model", sa.String(length=100), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("limit_m", sa.Float(), nullable=False),
        sa.Column("start_m", sa.Float(), nullable=True),
        sa.Column("start_how", sa.String(length=10), nullable=False),
        sa.Column("bought_on", sa.Date(), nullable=True),
        sa.Column("first_used_on", sa.Date(), nullable=True),
        sa.Column("price", sa.Float(), nullable=True),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.Column("retired_reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "start_how IN ('known', 'estimated', 'unknown')", name=op.f("ck_shoe_start_how_known")
        ),
        sa.CheckConstraint("limit_m > 0", name=op.f("ck_shoe_limit_above_zero")),
        sa.ForeignKeyConstraint(
            ["runner_id"], ["runner.id"], name=op.f("fk_shoe_runner_id_runner"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shoe")),
        sa.UniqueConstraint("runner_id", "name", name=op.f("uq_shoe_runner_id")),
    )
    op.create_table(
        "delivery_alert",
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alert.id"], name=op.f("fk_delivery_alert_alert_id_alert"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["delivery.id"],
            name=op.f("fk_delivery_alert_delivery_id_delivery"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("delivery_id", "alert_id", name=op.f("pk_delivery_alert")),
    )
    op.create_index(op.f("ix_delivery_alert_alert_id"), "delivery_alert", ["alert_id"], unique=False)

    op.create_table(
        "edit",
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("runner_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=20), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activity.id"], name=op.f("fk_edit_activity_id_activity"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["runner_id"], ["runner.id"], name=op.f("fk_edit_runner_id_runner"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("activity_id", "field", name=op.f("pk_edit")),
    )
    op.create_index(op.f("ix_edit_runner_id"), "edit", ["runner_id"], unique=False)

    op.create_table(
        "raw_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("runner_id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("format", sa.String(length=20), nullable=True),
        sa.Column("decoder_version", sa.Integer(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_by", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "state IN ('new', 'done', 'ignored', 'bad')", name=op.f("ck_raw_file_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.id"],
            name=op.f("fk_raw_file_connection_id_connection"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["runner_id"], ["runner.id"], name=op.f("fk_raw_file_runner_id_runner"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_raw_file")),
        sa.UniqueConstraint("runner_id", "sha256", name=op.f("uq_raw_file_runner_id")),
    )
    op.create_index("ix_raw_file_state_next_at", "raw_file", ["state", "next_at"], unique=False)

    op.create_table(
        "seen_file",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.id"],
            name=op.f("fk_seen_file_connection_id_connection"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("connection_id", "path", name=op.f("pk_seen_file")),
    )
    op.create_table(
        "shoe_default",
        sa.Column("runner_id", sa.Integer(), nullable=False),
        sa.Column("sport", sa.String(length=20), nullable=False),
        sa.Column("surface", sa.String(length=20), nullable=False),
        sa.Column("shoe_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["runner_id"], ["runner.id"], name=op.f("fk_shoe_default_runner_id_runner"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["shoe_id"], ["shoe.id"], name=op.f("fk_shoe_default_shoe_id_shoe"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("runner_id", "sport", "surface", name=op.f("pk_shoe_default")),
    )
    op.create_table(
        "wearing",
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("shoe_id", sa.Integer(), nullable=False),
        sa.Column("runner_id", sa.Integer(), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("set_by", sa.String(length=10), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("probability", sa.Float(), nullable=True),
        sa.CheckConstraint(
            "set_by IN ('runner', 'source', 'rule', 'guess', 'default')", name=op.f("ck_wearing_set_by_known")
        ),
        sa.CheckConstraint("share > 0 AND share <= 1", name=op.f("ck_wearing_share_of_one")),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activity.id"], name=op.f("fk_wearing_activity_id_activity"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["runner_id"], ["runner.id"], name=op.f("fk_wearing_runner_id_runner"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["shoe_id"], ["shoe.id"], name=op.f("fk_wearing_shoe_id_shoe"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("activity_id", "shoe_id", name=op.f("pk_wearing")),
    )
    op.create_index(op.f("ix_wearing_runner_id"), "wearing", ["runner_id"], unique=False)
    op.create_index(op.f("ix_wearing_shoe_id"), "wearing", ["shoe_id"], unique=False)

    op.create_table(
        "weekly",
        sa.Column("runner_id", sa.Integer(), nullable=False),
        sa.Column("week_start", sa.Date(), nullable=False),
        sa.Column("verdict", sa.String(length=12), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.id"], name=op.f("fk_weekly_delivery_id_delivery"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["runner_id"], ["runner.id"], name=op.f("fk_weekly_runner_id_runner"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("runner_id", "week_start", name=op.f("pk_weekly")),
    )
    op.create_table(
        "recording",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("runner_id", sa.Integer(), nullable=False),
        sa.Column("raw_file_id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("leg", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("sport", sa.String(length=20), nullable=False),
        sa.Column("surface", sa.String(length=20), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("utc_offset_s", sa.Integer(), nullable=True),
        sa.Column("distance_m", sa.Float(), nullable=False),
        sa.Column("distance_from", sa.String(length=10), nullable=False),
        sa.Column("timer_s", sa.Float(), nullable=False),
        sa.Column("moving_s", sa.Float(), nullable=False),
        sa.Column("elapsed_s", sa.Float(), nullable=False),
        sa.Column("ascent_m", sa.Float(), nullable=True),
        sa.Column("descent_m", sa.Float(), nullable=True),
        sa.Column("steps", sa.Integer(), nullable=True),
        sa.Column("heart_rate_mean_bpm", sa.Integer(), nullable=True),
        sa.Column("heart_rate_max_bpm", sa.Integer(), nullable=True),
        sa.Column("rpe", sa.Float(), nullable=True),
        sa.Column("feel", sa.Integer(), nullable=True),
        sa.Column("is_race", sa.Boolean(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("device", sa.Text(), nullable=True),
        sa.Column("recovered", sa.Boolean(), nullable=False),
        sa.Column("jump_m", sa.Float(), nullable=False),
        sa.Column("best_30min_m_per_s", sa.Float(), nullable=True),
        sa.Column("fastest_s", sa.JSON(), nullable=False),
        sa.Column("speed_s", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activity.id"],
            name=op.f("fk_recording_activity_id_activity"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["raw_file_id"],
            ["raw_file.id"],
            name=op.f("fk_recording_raw_file_id_raw_file"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["runner_id"], ["runner.id"], name=op.f("fk_recording_runner_id_runner"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording")),
        sa.UniqueConstraint("raw_file_id", "leg", name=op.f("uq_recording_raw_file_id")),
    )
    op.create_index(op.f("ix_recording_activity_id"), "recording", ["activity_id"], unique=False)
    op.create_index("ix_recording_runner_started_at", "recording", ["runner_id", "started_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_recording_runner_started_at", "recording")
    op.drop_index(op.f("ix_recording_activity_id"), "recording")

    op.drop_table("recording")
    op.drop_table("weekly")
    op.drop_index(op.f("ix_wearing_shoe_id"), "wearing")
    op.drop_index(op.f("ix_wearing_runner_id"), "wearing")

    op.drop_table("wearing")
    op.drop_table("shoe_default")
    op.drop_table("seen_file")
    op.drop_index("ix_raw_file_state_next_at", "raw_file")

    op.drop_table("raw_file")
    op.drop_index(op.f("ix_edit_runner_id"), "edit")

    op.drop_table("edit")
    op.drop_index(op.f("ix_delivery_alert_alert_id"), "delivery_alert")

    op.drop_table("delivery_alert")
    op.drop_table("shoe")
    op.drop_table("runner_zone")
    op.drop_index(op.f("ix_race_runner_id"), "race")

    op.drop_table("race")
    op.drop_index(op.f("ix_pause_runner_id"), "pause")

    op.drop_table("pause")
    op.drop_index(op.f("ix_injury_runner_id"), "injury")

    op.drop_table("injury")
    op.drop_index("ix_delivery_state_next_at", "delivery")
    op.drop_index(op.f("ix_delivery_runner_id"), "delivery")

    op.drop_table("delivery")
    op.drop_table("connection")
    op.drop_index(
        "uq_alert_standing",
        "alert",
        sqlite_where=sa.text("resolved_at IS NULL"),
        postgresql_where=sa.text("resolved_at IS NULL"),
    )
    op.drop_index(op.f("ix_alert_runner_id"), "alert")

    op.drop_table("alert")
    op.drop_index("ix_activity_runner_started_at", "activity")
    op.drop_index("ix_activity_runner_local_date", "activity")

    op.drop_table("activity")
    op.drop_table("slot")
    op.drop_table("runner")
