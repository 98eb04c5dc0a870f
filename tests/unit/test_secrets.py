"""Secrets of accounts: what the key file may look like, and what is said where it doesn't."""

import errno
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from midsole import config
from midsole.domain.errors import MidsoleError, NeedsRunner
from midsole.store.secrets import Secrets

TOKENS = '{"di_token": "eyJ0-hush-hush", "di_refresh_token": "hush-hush-too"}'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "secret.key"


def key_file(path: Path, *lines: str) -> Secrets:
    path.touch(mode=0o600)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Secrets(path)


def new_key() -> str:
    return Fernet.generate_key().decode()


@pytest.mark.parametrize("text", [TOKENS, "", "Zoë 🏃", "typed \udcff on a terminal", "x" * 100_000])
def test_what_was_encrypted_is_read_by_another_process(path: Path, text: str) -> None:
    token = Secrets(path).encrypt(text)
    assert Secrets(path).decrypt(token) == text
    # Four letters stand in a long token by chance; they mean something where the text holds them.
    assert "hush" not in text or "hush" not in token


def test_the_key_is_made_when_something_is_encrypted_and_only_its_owner_reads_it(path: Path) -> None:
    secrets = Secrets(path)
    assert secrets.problem() is None
    assert not path.exists()
    before = os.umask(0)
    try:
        secrets.encrypt(TOKENS)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["secret.key"]
    assert secrets.problem() is None


def test_a_key_is_made_once(path: Path) -> None:
    first = Secrets(path).encrypt(TOKENS)
    key = path.read_bytes()
    Secrets(path).encrypt(TOKENS)
    assert path.read_bytes() == key
    assert Secrets(path).decrypt(first) == TOKENS


def make_in_many_threads(path: Path) -> list[str]:
    tokens: list[str] = []
    together = threading.Barrier(8)

    def encrypt() -> None:
        together.wait()
        tokens.append(Secrets(path).encrypt(TOKENS))

    threads = [threading.Thread(target=encrypt) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tokens


def test_of_many_who_make_the_key_at_once_one_wins_and_the_others_read_it(tmp_path: Path) -> None:
    for n in range(20):
        path = tmp_path / f"{n}.key"
        tokens = make_in_many_threads(path)
        assert [Secrets(path).decrypt(token) for token in tokens] == [TOKENS] * 8
    assert len(list(tmp_path.iterdir())) == 20


def test_a_file_system_without_second_names_gets_its_key_too(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    token = Secrets(path).encrypt(TOKENS)
    assert Secrets(path).decrypt(token) == TOKENS
    assert [p.name for p in path.parent.iterdir()] == ["secret.key"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_after_a_change_of_keys_the_old_one_still_reads_and_the_new_one_writes(path: Path) -> None:
    old, new = new_key(), new_key()
    token = key_file(path, old).encrypt(TOKENS)
    both = key_file(path, "# since November", new, "   ", f"  {old}  ", "  # the end")
    assert both.decrypt(token) == TOKENS
    assert both.problem() is None
    assert Fernet(new).decrypt(both.encrypt(TOKENS)).decode() == TOKENS


def test_a_lost_key_says_connect_again_and_makes_no_new_one(path: Path) -> None:
    token = Secrets(path).encrypt(TOKENS)
    path.unlink()
    with pytest.raises(NeedsRunner, match=r"secret\.key is missing.*connect the account again"):
        Secrets(path).decrypt(token)
    assert not path.exists()


@pytest.mark.parametrize("token", [None, "", "gAAAA", "no token at all", "Zoë\udcff"])
def test_another_key_or_a_broken_token_says_connect_again(path: Path, token: str | None) -> None:
    token = Secrets(path).encrypt(TOKENS) if token is None else token
    with pytest.raises(NeedsRunner, match=r"secret\.key has changed.*connect the account again"):
        key_file(path, new_key()).decrypt(token)


@pytest.mark.parametrize("lines", [(), ("# a remark",), ("no-key",), ("Zoë",), (new_key()[:-4],)])
def test_a_file_without_a_key_is_an_error_with_the_way_out(path: Path, lines: tuple[str, ...]) -> None:
    secrets = key_file(path, *lines)
    before = path.read_bytes()
    for act in (secrets.encrypt, secrets.decrypt):
        with pytest.raises(MidsoleError, match="holds no valid key"):
            act("hush-hush")
    assert "holds no valid key" in (secrets.problem() or "")
    assert path.read_bytes() == before


def test_a_line_that_is_no_key_is_passed_over_and_named_by_its_number(path: Path) -> None:
    key = new_key()
    secrets = key_file(path, "# keys", "half-a-key", key)
    assert secrets.decrypt(secrets.encrypt(TOKENS)) == TOKENS
    assert "Line 2" in (secrets.problem() or "")


def test_bytes_that_an_editor_left_before_the_key_do_no_harm(path: Path) -> None:
    path.touch(mode=0o600)
    path.write_bytes(b"\xef\xbb\xbf" + new_key().encode() + b"\r\n")
    assert Secrets(path).problem() is None
    assert Secrets(path).decrypt(Secrets(path).encrypt(TOKENS)) == TOKENS


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o602])
def test_a_key_that_others_can_read_works_and_is_told(path: Path, mode: int) -> None:
    secrets = Secrets(path)
    token = secrets.encrypt(TOKENS)
    path.chmod(mode)
    assert secrets.decrypt(token) == TOKENS
    assert "chmod 600" in (secrets.problem() or "")


@pytest.mark.parametrize("below", ["", "below a file"])
def test_a_key_file_that_cannot_be_read_is_no_reason_to_connect_again(path: Path, below: str) -> None:
    path.touch() if below else path.mkdir()
    secrets = Secrets(path / below)
    assert "can't be read" in (secrets.problem() or "")
    for act in (secrets.encrypt, secrets.decrypt):
        with pytest.raises(MidsoleError, match=r"can't be read: (Is|Not) a directory") as refused:
            act("hush-hush")
        assert not isinstance(refused.value, NeedsRunner)


def test_a_key_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    with pytest.raises(MidsoleError, match=r"can't be made: No such file.*secret_key_file"):
        Secrets(tmp_path / "no folder" / "secret.key").encrypt(TOKENS)


def test_a_full_disk_leaves_no_half_of_a_key(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(MidsoleError, match="can't be made: No space left"):
        Secrets(path).encrypt(TOKENS)
    assert list(path.parent.iterdir()) == []


def chain(error: BaseException | None) -> list[BaseException]:
    return [] if error is None else [error, *chain(error.__cause__ or error.__context__)]


def test_no_secret_is_in_an_error_or_a_repr(path: Path) -> None:
    key = new_key()
    secrets = key_file(path, key, "half-" + key[:20])
    token = secrets.encrypt(TOKENS)
    shown = [repr(secrets), str(secrets), secrets.problem() or ""]
    for damaged in (token[:-8], token[:40] + "AAAA" + token[44:]):
        with pytest.raises(NeedsRunner) as refused:
            secrets.decrypt(damaged)
        shown += [str(error) for error in chain(refused.value)]
    assert not [text for text in shown if "hush" in text or key[:20] in text or token[:40] in text]


def test_cryptography_is_not_loaded_before_it_is_needed() -> None:
    code = "import midsole.store.secrets, sys; assert 'cryptography' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# where the key is


def test_the_key_lies_in_the_home_unless_a_setting_names_another_place(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    assert config.read(home, {}).secret_key == home / "secret.key"
    (home / "midsole.toml").write_text('secret_key_file = "keys/mine.key"\n', encoding="utf-8")
    assert config.read(home, {}).secret_key == home / "keys" / "mine.key"
    elsewhere = {"MIDSOLE_SECRET_KEY_FILE": "/run/secrets/midsole"}
    assert config.read(home, elsewhere).secret_key == Path("/run/secrets/midsole")
