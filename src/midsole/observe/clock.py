"""The one place that reads the wall clock."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    return datetime.now(UTC)
