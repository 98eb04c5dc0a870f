"""Both parts of a mail say the same, and a frozen mail can't be tampered with."""

import html
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

import build
from midsole.deliver.base import Message
from midsole.deliver.render import alert_mail, freeze, notice_mail, weekly_mail
from midsole.deliver.render import test_mail as mail_of_test
from midsole.domain import digest
from midsole.domain.errors import NeedsRunner
from midsole.domain.letter import Letter, Row, Section, naming
from midsole.domain.rules import evaluate

MONDAY = date(2026, 11, 16)
START = MONDAY - timedelta(days=7)
WHEN = datetime(2026, 11, 16, 7, tzinfo=UTC)


def letters():
    for kms in ([31] * 9, [30] * 8 + [48], [30] * 8 + [36], [20], [31] * 8 + [0]):
        runs = build.weekly(kms, last_week_start=START)
        pairs = tuple(
            build.worn(build.shoe(f"<b>Pair {n}", id=n), runs, worn_m=120_000 * n) for n in range(1, 6)
        )
        source = build.source(last_success_at=build.at(MONDAY, "03:00"))
        facts = build.facts(
            runs,
            today=MONDAY,
            now=build.at(MONDAY, "06:00"),
            shoes=pairs,
            sources=(source,),
            unworn=tuple(r.id for r in runs[-7:]),
        )
        findings = evaluate(facts)
        yield weekly_mail(
            digest.weekly(
                facts,
                START,
                (),
                findings,
                late=["Late: 12 km on 5 Nov."],
                first_ever=True,
                unread_files=5,
                unread_news=3,
            )
        )
        yield alert_mail(digest.alert_mail(findings, facts)) if findings else mail_of_test()
        yield notice_mail(digest.notice(facts, digest.Counts(30, 9e5, START, MONDAY, 40, 1, 2, 3)))


def shown(page: str) -> str:
    body = re.sub(r"<head>.*?</head>", "", page, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", " ", body))


@pytest.mark.parametrize("message", list(letters()), ids=lambda m: m.subject[:20])
def test_text_and_html_say_the_same_numbers(message):
    numbers = re.compile(r"\d+(?:[.,]\d+)*")
    assert sorted(numbers.findall(message.text)) == sorted(numbers.findall(shown(message.html)))


@pytest.mark.parametrize("message", list(letters()), ids=lambda m: m.subject[:20])
def test_a_mail_loads_nothing_and_begins_with_verdict_why_and_what_to_do(message):
    assert not re.search(r"<img|https?:|url\(|<script|<link|<b>", message.html)
    lines = message.text.splitlines()
    assert lines[1].startswith("Why: ")
    assert lines[2].startswith("Do this: ")
    assert "not medical advice" in message.text


def test_a_steady_mail_has_at_most_15_lines():
    runs = build.weekly([31] * 9, last_week_start=START)
    pairs = tuple(build.worn(build.shoe(f"Pair {n}", id=n), runs, worn_m=50_000 * n) for n in range(1, 7))
    facts = build.facts(
        runs,
        today=MONDAY,
        shoes=pairs,
        unworn=tuple(r.id for r in runs[-9:]),
        sources=(build.source(last_success_at=build.at(MONDAY, "17:00")),),
    )
    mail = digest.weekly(
        facts, START, (), evaluate(facts), late=["a", "b"], first_ever=True, unread_files=2, unread_news=2
    )
    assert mail.verdict == "steady"
    assert len(weekly_mail(mail).text.splitlines()) <= 15


def frozen(message=None, **more):
    values = {
        "to": "r@example.org",
        "sender": "Midsole <m@example.org>",
        "message_id": "d-1@box",
        "date": WHEN,
        "unsubscribe": "mailto:m@example.org?subject=unsubscribe",
    }
    return freeze(message or mail_of_test(), **(values | more))


def test_the_same_letter_freezes_to_the_same_bytes():
    assert frozen() == frozen()


def test_a_frozen_mail_has_its_headers_and_two_parts():
    mail = message_from_bytes(frozen(), policy=SMTP)
    assert mail["Message-ID"] == "<d-1@box>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"] == "<mailto:m@example.org?subject=unsubscribe>"
    assert [p.get_content_type() for p in mail.iter_parts()] == ["text/plain", "text/html"]


@given(st.text(), st.text(max_size=30))
def test_no_subject_and_no_id_can_add_a_header(subject, number):
    evil = Message(f"{subject}\r\nBcc: x@evil.org", "text\n", "<p>text</p>")
    clean = replace(evil, subject="".join(c for c in evil.subject if not 0xD800 <= ord(c) < 0xE000))
    mail = message_from_bytes(frozen(clean, message_id=f"d\r\nBcc: {number}@box"), policy=SMTP)
    assert mail["Bcc"] is None


@pytest.mark.parametrize("to", ["r@example.org\r\nBcc: x@evil.org", "nobody", "", "a@b, c@d@e"])
def test_a_wrong_address_needs_the_runner(to):
    with pytest.raises(NeedsRunner):
        frozen(to=to)


def test_sentences_on_one_line_are_not_joined_by_a_semicolon():
    also = Section(
        "Also", (Row("One is new."), Row("Two is worn", command="midsole a"), Row("C")), inline=True
    )
    letter = digest.Digest("s", "steady", "h", "w", "d", sections=(also,))
    assert "Also: One is new. Two is worn midsole a; C\n" in weekly_mail(letter).text


def test_commands_that_name_the_runner_run_as_printed():
    letter = Letter(
        "s", "steady", "h", "w", "d", (Section("To answer", (Row("", command="midsole alerts"),)),)
    )
    (row,) = naming(letter, 'Ann "A" Lee').sections[0].rows
    assert row.command == "midsole --runner 'Ann \"A\" Lee' alerts"


def test_a_long_name_is_broken_and_a_day_is_not():
    rows = (Row("worn", "W" * 100), Row("42 km", "9 Nov"))
    page = weekly_mail(digest.Digest("s", "steady", "h", "w", "d", sections=(Section("t", rows),))).html
    long, short = re.findall(r'<td class="label[^>]*style="([^"]*)"', page)
    assert ("nowrap" in long, "nowrap" in short) == (False, True)
