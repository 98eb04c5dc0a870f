"""The box's settings: a TOML file, then the environment, then secret files."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import Any, get_type_hints
from urllib.parse import urlsplit

import platformdirs

from midsole.domain.errors import UsageError


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting of the box; its reference with reasons is the example file that a new home gets."""

    home: Path
    database_url: str = ""
    smtp_host: str = ""
    smtp_port: int = 0
    smtp_security: str = "starttls"
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_timeout_s: float = 30.0
    mail_from: str = ""
    look_every_s: int = 60
    settle_s: float = 2.0
    secret_key_file: str = ""
    web_host: str = "127.0.0.1"
    web_port: int = 8321
    web_public_url: str = ""
    web_owner_password_file: str = ""
    web_proxy_header: str = ""
    web_proxy_from: str = "127.0.0.1"
    web_upload_mb: int = 2048

    @property
    def inbox(self) -> Path:
        return self.home / "inbox"

    @property
    def outbox(self) -> Path:
        return self.home / "outbox"

    @property
    def originals(self) -> Path:
        return self.home / "originals"

    @property
    def database_file(self) -> Path:
        return self.home / "midsole.db"

    @property
    def url(self) -> str:
        return self.database_url or f"sqlite:///{self.database_file}"

    @property
    def secret_key(self) -> Path:
        """The key of the stored log-ins; wherever it is named, relative to the home."""
        return self.home / Path(self.secret_key_file or "secret.key").expanduser()

    @property
    def config_file(self) -> Path:
        return self.home / "midsole.toml"


SETTINGS = tuple(f.name for f in fields(Settings) if f.name != "home")
SECURITIES = ("starttls", "tls", "plain")


def find_home(home: Path | None, environment: Mapping[str, str] | None = None) -> Path:
    """`--home`, else MIDSOLE_HOME, else the platform's place for a program's data."""
    env = os.environ if environment is None else environment
    chosen = home or (Path(env["MIDSOLE_HOME"]) if env.get("MIDSOLE_HOME") else None)
    return (chosen or Path(platformdirs.user_data_dir("midsole", appauthor=False))).expanduser().absolute()


def read(home: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Settings of that home; an unknown or unfit one is an error that names it."""
    env = os.environ if environment is None else environment
    values = _from_file(home / "midsole.toml") | _from_environment(env)
    settings = Settings(home=home, **{name: _fit(name, value) for name, value in values.items()})
    if settings.smtp_security not in SECURITIES:
        raise UsageError(f"smtp_security is {settings.smtp_security!r}; it can be starttls, tls or plain.")
    if settings.look_every_s < 1 or settings.smtp_timeout_s <= 0 or settings.settle_s < 0:
        raise UsageError("look_every_s and smtp_timeout_s must be above 0, and settle_s not below it.")
    _check_web(settings)
    return settings


def _check_web(settings: Settings) -> None:
    if not 0 <= settings.web_port < 2**16:
        raise UsageError(f"web_port is {settings.web_port}; a port lies between 0 and 65535.")
    url = urlsplit(settings.web_public_url)
    if settings.web_public_url and (url.scheme not in ("http", "https") or not url.netloc):
        raise UsageError(
            f"web_public_url is {settings.web_public_url!r}; write it as https://run.example.org."
        )
    if settings.web_upload_mb < 1:
        raise UsageError("web_upload_mb must be at least 1.")


def _from_file(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except NotADirectoryError:
        raise UsageError(f"{path.parent} is no folder. Choose another home with --home.") from None
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text: save it as UTF-8.") from error
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not valid TOML: {error}.") from error
    found = _flat(found)
    unknown = sorted(set(found) - set(SETTINGS) - {"smtp_password_file"})
    if unknown:
        raise UsageError(
            f"{path} has an unknown setting: {', '.join(unknown)}. See `midsole config --example`."
        )
    return _with_secret(found, path.parent)


def _flat(found: dict[str, Any]) -> dict[str, Any]:
    """[web] with public_url in it is the same as web_public_url."""
    flat = {name: value for name, value in found.items() if not isinstance(value, dict)}
    for table, values in found.items():
        if isinstance(values, dict):
            flat |= {f"{table}_{name}": value for name, value in values.items()}
    return flat


def _from_environment(env: Mapping[str, str]) -> dict[str, Any]:
    names = (*SETTINGS, "smtp_password_file")
    found = {name: env[key] for name in names if (key := f"MIDSOLE_{name.upper()}") in env}
    return _with_secret(found, Path.cwd())


def _with_secret(values: dict[str, Any], base: Path) -> dict[str, Any]:
    named = values.pop("smtp_password_file", None)
    if named is None:
        return values
    path = base / Path(str(named)).expanduser()
    try:
        return values | {"smtp_password": path.read_text(encoding="utf-8").strip()}
    except OSError as error:
        raise UsageError(f"smtp_password_file {path} can't be read: {error.strerror}.") from error


def _fit(name: str, value: Any) -> Any:
    wanted = get_type_hints(Settings)[name]
    if wanted is str and isinstance(value, str):
        return value
    try:
        if wanted is not str and not isinstance(value, bool):
            return wanted(value)
    except (TypeError, ValueError):
        pass
    raise UsageError(f"The setting {name} is {value!r}; a {'text' if wanted is str else 'number'} is needed.")


def example() -> str:
    """The commented reference of every setting, the same text that a new home gets."""
    packaged = files("midsole") / "midsole.example.toml"
    if packaged.is_file():
        return packaged.read_text(encoding="utf-8")
    return (Path(__file__).parents[2] / "config" / "midsole.example.toml").read_text(encoding="utf-8")
