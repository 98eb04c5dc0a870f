"""A Garmin of our own, and an account at it, for the tests of the source alone."""

from collections.abc import Iterator

import pytest

from fakes.garmin import FakeGarmin, running
from garmin_box import Box


@pytest.fixture
def garmin() -> Iterator[FakeGarmin]:
    with running() as server:
        yield server


@pytest.fixture
def box(garmin: FakeGarmin) -> Box:
    return Box(garmin, garmin.access.token_text())
