"""Letters into mails: a plain text part and an HTML part of the same numbers, frozen as RFC 5322 bytes."""

import re
from collections.abc import Sequence
from datetime import datetime
from email import message_from_bytes
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import cache

import css_inline
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from midsole.deliver.base import Message
from midsole.domain.digest import AlertMail, Digest, Notice
from midsole.domain.errors import NeedsRunner
from midsole.domain.letter import FOOTER, Letter, Link, Row, Section

BAR_CELLS = 16
WIDE = SMTP.clone(max_line_length=990)
"""A link longer than a folded line would be written as an encoded word, which no mail program follows."""
COLOURS = {"warning": "#b3261e", "watch": "#8a5a00", "steady": "#1d6b3a", "no-verdict": "#4a5560"}


def weekly_mail(digest: Digest) -> Message:
    return _message(digest)


def alert_mail(mail: AlertMail) -> Message:
    return _message(mail)


def notice_mail(notice: Notice) -> Message:
    return _message(notice)


def letter_mail(letter: Letter) -> Message:
    """A mail with nothing of its own: a question, a reminder."""
    return _message(letter)


def test_mail() -> Message:
    """What `midsole mail test` sends: that it arrived is all it says."""
    return _message(
        Letter(
            subject="Midsole: this is the test mail",
            tone="steady",
            headline="TEST: mail from Midsole reaches you.",
            why="You asked for it with midsole mail test.",
            do_this="Nothing; if it lay in the spam folder, mark it as wanted.",
            footer=(FOOTER,),
        )
    )


test_mail.__test__ = False  # type: ignore[attr-defined]  # pytest would take the name for a test


def freeze(
    message: Message,
    *,
    to: str,
    sender: str,
    message_id: str,
    date: datetime,
    unsubscribe: str | Sequence[str] | None,
) -> bytes:
    """The mail byte for byte as every try sends it. `unsubscribe` are mailto: or https: addresses.

    Where one is https, one click there ends these mails (RFC 8058)."""
    ways = [unsubscribe] if isinstance(unsubscribe, str) else list(unsubscribe or ())
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = _one_line(message.subject)
    mail["From"] = _address(sender)
    mail["To"] = _address(to)
    mail["Date"] = format_datetime(date)
    mail["Message-ID"] = f"<{re.sub(r'[^A-Za-z0-9._@+-]', '', message_id)}>"
    mail["Auto-Submitted"] = "auto-generated"
    if ways:
        mail["List-Unsubscribe"] = ", ".join(f"<{re.sub(r'[\s<>,]', '', way)}>" for way in ways)
    if any(way.startswith("https:") for way in ways):
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(message.text, cte="quoted-printable")
    mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
    _fix_boundary(mail)
    return mail.as_bytes(policy=WIDE if len(ways) > 1 else SMTP)


def readdress(eml: bytes, to: str) -> bytes:
    """The frozen mail for an address that became known later; nothing else of it changes."""
    mail = message_from_bytes(eml, _class=EmailMessage, policy=WIDE)
    mail.replace_header("To", _address(to))
    return mail.as_bytes()


def unsubscribe_by_mail(sender: str, kind: str) -> str:
    """A mailto: that asks for the end of one kind of mail (weekly, alert, notice)."""
    return f"mailto:{parseaddr(sender)[1]}?subject=unsubscribe%20{kind}"


def _fix_boundary(mail: EmailMessage) -> None:
    """A boundary of the Message-ID, not of chance: the same letter freezes to the same bytes."""
    mail.set_boundary("=_midsole_" + re.sub(r"[^A-Za-z0-9]", "", mail["Message-ID"])[:40])


def _one_line(words: str) -> str:
    """No line break and no control character can end a header early."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f\u0085\u2028\u2029]", " ", words).split())


def _address(said: str) -> Address:
    name, spec = parseaddr(said)  # before Python 3.12.4 it takes the first of several without a word
    try:
        if re.search(r"[\x00-\x1f\x7f]", said) or "@" not in spec or said.count("@") > 1 + name.count("@"):
            raise ValueError(said)
        return Address(display_name=name, addr_spec=spec)
    except (ValueError, IndexError, HeaderParseError) as error:
        wrong = repr(_one_line(said))
        raise NeedsRunner(f"{wrong} is no mail address: correct it with midsole runners edit.") from error


def _message(letter: Letter) -> Message:
    return Message(letter.subject, _text(letter), _html(letter))


def _text(letter: Letter) -> str:
    rendered = _templates().get_template("letter.txt").render(letter=letter)
    return re.sub(r"\n{3,}", "\n\n", rendered).strip() + "\n"


def _html(letter: Letter) -> str:
    colour = COLOURS.get(letter.tone, COLOURS["no-verdict"])
    page = _templates().get_template("letter.html").render(letter=letter, colour=colour)
    return _inliner().inline(page)


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=PackageLoader("midsole.deliver"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= {"text_row": text_row, "filled": _filled, "inline_row": _inline_row}
    templates.filters |= {"text_link": text_link}
    return templates


@cache
def _inliner() -> css_inline.CSSInliner:
    """No remote stylesheet is ever fetched."""
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False)


def text_row(row: Row, section: Section) -> str:
    """ "   9 Nov  ########........  42 km": label, bar and words under one another."""
    width = max(len(r.label) for r in section.rows)
    label = f"{row.label:<{width}}  " if width else ""
    bars = any(r.share is not None for r in section.rows)
    bar = f"{_bar(row.share)}  " if bars else ""
    if row.command and not row.text:
        return f"  {row.command}"
    command = f"\n      {row.command}" if row.command else ""
    links = [f"      {text_link(link)}" for link in row.links if link.url]
    words = f"  {label}{bar}{row.text}{command}"
    return "\n".join([words, *links] if words.strip() else links)


def text_link(link: Link) -> str:
    """The address ends the line, so that no program takes words for a part of it."""
    return f"{link.words.rstrip('?')}{'?' if link.words.endswith('?') else ':'} {link.url}"


def _inline_row(row: Row) -> str:
    command = f" {row.command}" if row.command else ""
    return f"{row.label} {row.text}{command}".strip()


def _bar(share: float | None) -> str:
    filled = _filled(share)
    return "#" * filled + "." * (BAR_CELLS - filled) if share is not None else " " * BAR_CELLS


def _filled(share: float | None) -> int:
    """Filled cells of sixteen; a little is never shown as nothing."""
    if not share:
        return 0
    return max(1, round(min(share, 1.0) * BAR_CELLS))
