"""Mail out: by SMTP, or as .eml files in the outbox folder."""

import base64
import hashlib
import os
import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import SMTP as SMTP_POLICY
from email.utils import parseaddr
from pathlib import Path

from midsole.deliver.base import Receipt
from midsole.domain.errors import AddressRefused, MailRefused, MidsoleError, NeedsRunner, Retry

STARTTLS, TLS, PLAIN = "starttls", "tls", "plain"
TOTAL_TIMES = 4
"""A mail may take this many single time-outs in all, however slowly the server drips."""


@dataclass(frozen=True, slots=True)
class Smtp:
    """A mail server. `timeout_s` is for one answer, `total_s` for the whole mail (default: four of them)."""

    host: str
    port: int
    security: str = STARTTLS
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout_s: float = 30.0
    sender: str = "midsole@localhost"
    total_s: float | None = None
    tls: ssl.SSLContext | None = field(default=None, repr=False)

    def send(self, eml: bytes, to: str) -> Receipt:
        try:
            with self._connected() as server:
                self._log_in(server)
                server.sendmail(parseaddr(self.sender)[1], [to], eml)
        except UnicodeError:
            # Raised `from None`: the error's own text may hold the password or the address.
            raise NeedsRunner(f"{self.host} can't take other than ASCII in an address or password.") from None
        except (OSError, ValueError) as error:
            raise self._explained(error, to) from error
        return Receipt(f"{self.host}:{self.port}")

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        server = self._client()
        cut = threading.Timer(self.total_s or TOTAL_TIMES * self.timeout_s, _cut, [server])
        cut.daemon = True
        cut.start()
        try:
            server.connect(self.host, self.port)
            server.ehlo_or_helo_if_needed()
            self._encrypt(server)
            yield server
            # Accepted: whatever happens while saying goodbye, the mail is sent.
            with suppress(OSError):
                server.quit()
        finally:
            cut.cancel()
            server.close()

    def _client(self) -> smtplib.SMTP:
        if self.security != TLS:
            return smtplib.SMTP(timeout=self.timeout_s)
        return _Tls(timeout=self.timeout_s, context=self._context())

    def _context(self) -> ssl.SSLContext:
        return self.tls or ssl.create_default_context()

    def _encrypt(self, server: smtplib.SMTP) -> None:
        # smtplib checks the certificate's name against the host it was made with, and it was made without.
        server._host = self.host  # type: ignore[attr-defined]
        if self.security == STARTTLS:
            server.starttls(context=self._context())
            server.ehlo()

    def _log_in(self, server: smtplib.SMTP) -> None:
        if self.user is not None:
            server.login(self.user, self.password or "")

    def _explained(self, error: Exception, to: str) -> MidsoleError:
        """The error as one of ours; smtplib's are OSErrors too, so the order matters."""
        where = f"{self.host}:{self.port}"
        match error:
            case smtplib.SMTPAuthenticationError() if error.smtp_code >= 500:
                return NeedsRunner(f"log in at {where} failed ({error.smtp_code}): check user and password.")
            case smtplib.SMTPRecipientsRefused():
                code, said = next(iter(error.recipients.values()))
                return self._answered(code, said, f"address refused: {to}", AddressRefused)
            case smtplib.SMTPSenderRefused():
                return self._answered(error.smtp_code, error.smtp_error, f"sender refused: {self.sender}")
            case smtplib.SMTPResponseException():
                kind = MailRefused if isinstance(error, smtplib.SMTPDataError) else NeedsRunner
                return self._answered(error.smtp_code, error.smtp_error, f"mail refused by {where}", kind)
            case smtplib.SMTPNotSupportedError():
                return NeedsRunner(f"{where} can't do what is set ({error}): check mail security and user.")
            case ssl.SSLCertVerificationError():
                return NeedsRunner(f"the certificate of {where} is not trusted ({error.verify_message}).")
            case ssl.SSLError() if "WRONG_VERSION" in str(error):
                return NeedsRunner(f"{where} does not speak TLS: try another port, or security starttls.")
            case smtplib.SMTPServerDisconnected() | OSError() if not _is_final(error):
                why = self._scrubbed(str(error) or type(error).__name__)
                return Retry(f"no mail through {where}: {why}.")
            case _:
                return NeedsRunner(f"mail settings of {where} do not work: {self._scrubbed(str(error))}.")

    def _answered(
        self, code: int, said: bytes | str, what: str, for_good: type[NeedsRunner] = NeedsRunner
    ) -> MidsoleError:
        words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
        sentence = f"{what} ({code} {self._scrubbed(words)})"
        # -1: the line broke in the middle of an answer. 2xx and 3xx here are a confused server.
        return for_good(sentence) if code >= 500 else Retry(sentence)

    def _scrubbed(self, words: str) -> str:
        for secret in self._secrets():
            words = words.replace(secret, "***")
        return " ".join(words.split())[:300]

    def _secrets(self) -> list[str]:
        if not self.password:
            return []
        together = f"\0{self.user}\0{self.password}"
        encoded = [base64.b64encode(s.encode()).decode() for s in (together, self.password)]
        return [*encoded, self.password]


class _Tls(smtplib.SMTP_SSL):
    """smtplib leaves the socket open when the TLS handshake fails."""

    def _get_socket(self, host: str, port: int, timeout: float) -> ssl.SSLSocket:
        plain = socket.create_connection((host, port), timeout)
        try:
            return self.context.wrap_socket(plain, server_hostname=host)
        except OSError:
            plain.close()
            raise


def _is_final(error: Exception) -> bool:
    """smtplib's "no suitable authentication method" is a bare SMTPException, and time doesn't mend it."""
    return type(error) is smtplib.SMTPException


def _cut(server: smtplib.SMTP) -> None:
    """Ends a mail whose time is over: the blocked read in the sending thread fails at once."""
    if server.sock is not None:
        with suppress(OSError):
            server.sock.shutdown(2)


@dataclass(frozen=True, slots=True)
class Outbox:
    """A folder of .eml files; the name comes from the Message-ID, so a second send replaces the first."""

    folder: Path

    def send(self, eml: bytes, to: str) -> Receipt:  # noqa: ARG002 (the file names the addressee itself)
        message_id = str(message_from_bytes(eml, policy=SMTP_POLICY)["Message-ID"] or "")
        path = outbox_path(self.folder, message_id or hashlib.sha256(eml).hexdigest())
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write_whole(path, eml)
        except OSError as error:
            raise Retry(f"can't write to the outbox {self.folder}: {error.strerror or error}.") from error
        return Receipt(str(path))


def outbox_path(folder: Path, message_id: str) -> Path:
    """Where the mail of that Message-ID lies in the outbox."""
    plain = re.sub(r"[^A-Za-z0-9._@-]", "_", message_id.strip().strip("<>")).strip(".")[:120]
    if f"<{plain}>" == message_id.strip():
        return folder / f"{plain}.eml"
    return folder / f"{plain}-{hashlib.sha256(message_id.encode()).hexdigest()[:12]}.eml"


def _write_whole(path: Path, content: bytes) -> None:
    """Temporary name, fsync, rename, fsync of the folder: a reader sees all of it or nothing."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        temporary.touch(mode=0o600)
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
