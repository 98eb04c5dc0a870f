"""Passwords: which are taken, which fit, and how long a try takes."""

import pytest

from midsole.actions.passwords import NOBODYS, fits, hashed_password, is_dated
from midsole.domain.errors import UsageError

PASSWORD = "correct horse battery"


def test_a_password_fits_its_own_hash_however_its_letters_were_composed() -> None:
    kept = hashed_password("  Früh übt sich ")
    assert fits(kept, "Fru\u0308h u\u0308bt sich")
    assert not fits(kept, "Frueh uebt sich")
    assert not is_dated(kept)


@pytest.mark.parametrize("password", ["ninechars", "aaaaaaaaaaaa", "x" * 501])
def test_a_password_of_no_use_is_refused(password: str) -> None:
    with pytest.raises(UsageError):
        hashed_password(password)


def test_where_no_password_is_kept_none_fits() -> None:
    assert not fits(None, PASSWORD)
    assert not fits("no hash at all", PASSWORD)


def test_a_try_at_nobodys_password_costs_what_a_runners_costs() -> None:
    parts = hashed_password(PASSWORD).split("$")
    assert NOBODYS.split("$")[:4] == parts[:4]
    assert [len(part) for part in NOBODYS.split("$")] == [len(part) for part in parts]
