"""Which words give a message away as being of somebody's body, and what a message is called."""

import pytest

from midsole.domain.asking import HOW
from midsole.domain.health_words import speak_of_the_body
from midsole.domain.taps import ALERT, CHECK_IN, ROUTINE, WEEKLY
from midsole.web.message_words import KINDS
from midsole.web.pages.settings_health import HINTS


@pytest.mark.parametrize(
    "said", ["It hurts.", "Sore mornings", "pain_on 2026-11-20", "a numb toe", "Your check-ins"]
)
def test_what_is_of_the_body_is_found(said: str) -> None:
    assert speak_of_the_body(said)


@pytest.mark.parametrize(
    "said", ["The number of runs", "12.4 km in the Pegasus", "Lachen am See", "a chilly hill"]
)
def test_what_is_not_is_left_alone(said: str) -> None:
    assert not speak_of_the_body(said)


def test_each_kind_of_mail_and_each_way_of_asking_has_its_words() -> None:
    assert set(KINDS) == {WEEKLY, ALERT, CHECK_IN, ROUTINE, "notice"}
    assert list(HINTS) == list(HOW)
