"""What may be said (RULES.md section 0): nothing that nobody knows, and of pain not without a clinician."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from home import ME, Clock, text_of
from midsole.actions import weekly
from midsole.actions.checking_in import check_in
from midsole.domain.checkins import checked
from midsole.domain.wearing import whole
from midsole.store import body, shoes
from web_home import Pages, a_web_home, text_of_page

ROOT = Path(__file__).parents[2]
INJURY = r"injur(?:y|ies|ed)"
FORBIDDEN = {
    "a number or a name for the chance of injury": rf"{INJURY} (?:risk|score|probability)|risk scores?\b"
    rf"|(?:risk|chance|probability) of (?:an? |any |your )?{INJURY}",
    "risk in per cent": r"\d ?(?:%|per cent) (?:higher |lower |more |less )?(?:risk|chance|likel)"
    r"|(?:risk|chance) (?:of |is |by )?\d+ ?(?:%|per cent)",
    "that injury is prevented": rf"prevent\w* (?:an? |any |all |your |running |overuse )*{INJURY}"
    rf"|(?:avoid|protects? (?:you )?(?:from|against)) (?:an? |any |all )*{INJURY}|{INJURY}-(?:free|proof)",
    "that something is foreseen": r"\bpredict\w*",
    "that it is safe": r"\b(?:un)?safe(?:ly|r|st|ty)?\b",
    "that it is dangerous": r"\bdanger(?:s|ous|ously)?\b",
    "a promise": r"\bguarantee\w*",
    "that something heals": r"\bcur(?:e|es|ed|ing)\b|\bheals\b",
    "a cap as a target": r"\bgo for\b|\b(?:aim|shoot) (?:for|at) (?:at least )?(?:\d|\{)",
}
SAMPLES = (
    "injury risk 64 %",
    "Your risk of injury is up.",
    "risk score: 7",
    "a 64 % risk",
    "30 % more likely to be hurt",
    "a risk of 30 %",
    "This prevents injury.",
    "Stretching prevents overuse injuries",
    "stay injury-free",
    "We predict that",
    "a prediction",
    "Running is safe again.",
    "You may safely run",
    "a dangerous week",
    "We guarantee",
    "a cure",
    "This heals the foot",
    "you should go for 12 km",
    "Aim for 12 km",
)
FIXED_SENTENCES = ("predicts no injury", "not shown to prevent injury")
"""The only places of those words: they say what is not known."""
ALLOWED = {
    ("src/midsole/cli/setting_up.py", "keep it safe"): "of a backup file that holds passwords",
    ("README.md", "keep it as safe as the home"): "of a backup",
    ("docs/decisions/0008-an-archive-is-a-container.md", "a fork is not safe"): "of processes",
    ("docs/decisions/0010-archives-and-xml.md", "is safe or small enough on hostile bytes"): "of libraries",
}
"""(File, words that are there) -> why."""


ANY = re.compile("|".join(FORBIDDEN.values()), re.IGNORECASE)
IN_EACH = re.compile(
    r"injur|\brisk|\bchance|likel|predict|safe|danger|guarantee|\bcur(?:e|ing)|heals|\bgo\b|\baim\b|\bshoot\b",
    re.IGNORECASE,
)
"""Of these words there is one in all that may not be said; a module without them need not be read."""


def troubles(text: str, allowed: tuple[str, ...] = ()) -> list[str]:
    """What of the text may not be said, with a few words around it."""
    flat = " ".join(text.split())
    if not ANY.search(flat):
        return []
    for fixed in (*FIXED_SENTENCES, *allowed):
        flat = re.sub(re.escape(fixed), " ", flat, flags=re.IGNORECASE)
    found = ((why, re.search(pattern, flat, re.IGNORECASE)) for why, pattern in FORBIDDEN.items())
    return [f"{why}: ...{flat[max(0, m.start() - 40) : m.end() + 40]}..." for why, m in found if m]


@pytest.mark.parametrize("sample", SAMPLES)
def test_what_may_not_be_said_is_found(sample):
    assert troubles(sample)
    assert IN_EACH.search(sample)
    assert troubles(f"Much text before. {sample.upper()}\nand after it.")


@pytest.mark.parametrize(
    "sample",
    [
        *("Midsole predicts no injury.", "coaches' advice, not shown to prevent injury"),
        *("Most such runs still cause no injury.", "90 % in the Pegasus", "Next run at most 14.3 km"),
        *("an injury of the last 12 months", "was injured less often, hazard ratio 0.61"),
    ],
)
def test_what_may_be_said_is_not_found(sample):
    assert not troubles(sample)


# Templates, sentences of the program, and papers


def allowed_in(path: Path) -> tuple[str, ...]:
    name = path.relative_to(ROOT).as_posix()
    return tuple(words for place, words in ALLOWED if place == name)


def literals(source: str) -> Iterator[tuple[int, str]]:
    """Every string of a module but its docstrings; what a sentence is filled with is {}."""
    tree = ast.parse(source)
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            parts.add(id(node.value))
        if isinstance(node, ast.JoinedStr):
            said = (p.value if isinstance(p, ast.Constant) else "{}" for p in node.values)
            yield node.lineno, "".join(map(str, said))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            yield node.lineno, node.value


def words_of_template(text: str) -> str:
    """Without what no reader sees: names of classes and kinds of buttons."""
    return re.sub(r"""\b(?:class|kind|id|name|for|rel)=(["'])[^"']*\1""", "", text)


def test_strings_are_found_and_docstrings_are_not():
    source = '"""safe"""\ndef f(x):\n    "safe"\n    return f"the {x} risk" "s", "one " "two"\n'
    assert [said for _, said in literals(source)] == ["the {} risks", "one two"]
    assert "danger" not in words_of_template('<button class="quiet danger" kind="danger">Delete</button>')
    assert "danger" in words_of_template('<p title="danger">')


def test_no_sentence_of_the_program_says_what_may_not_be_said():
    found = [
        f"{path.relative_to(ROOT)}:{line}: {trouble}"
        for path in sorted((ROOT / "src").rglob("*.py"))
        if IN_EACH.search(source := path.read_text(encoding="utf-8"))
        for line, said in literals(source)
        for trouble in troubles(said, allowed_in(path))
    ]
    assert not found, "\n".join(found)


def test_no_template_and_no_paper_says_what_may_not_be_said():
    papers = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
    shown = [p for kind in ("*.html", "*.txt", "*.js") for p in (ROOT / "src").rglob(kind)]
    assert len(shown) > 40
    found = [
        f"{path.relative_to(ROOT)}: {trouble}"
        for path in sorted([*papers, *shown])
        for trouble in troubles(words_of_template(path.read_text(encoding="utf-8")), allowed_in(path))
    ]
    assert not found, "\n".join(found)


def test_what_is_allowed_is_still_there():
    for place, words in ALLOWED:
        assert words in " ".join((ROOT / place).read_text(encoding="utf-8").split()), (place, words)


# Pages and mails of a runner in pain


SPOT = {"place": "ball-middle", "side": "left"}
FIRST = date(2026, 10, 22)
RUN_DAYS = [FIRST + timedelta(days=2 * n) for n in range(13)]
"""The last one is Sunday 15 November; the clock stands on Wednesday."""
WEEK = date(2026, 11, 9)
PLACES = (
    *("/", "/load", "/alerts", "/alerts/rules", "/shoes/{shoe}"),
    *("/body", "/body/check-in", "/body/check-ins", "/body/check-in/{answer}", "/body/episodes/{episode}"),
    *("/body/comeback", "/body/routine", "/body/help"),
)
OF_PAIN = re.compile(r"\b(?:pain|hurts?|sore|ball of the foot)\b", re.IGNORECASE)


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """What a runner with amber pain reads, and then with red: (level, place) -> text."""
    with a_web_home(tmp_path_factory.mktemp("said"), Clock()) as pages:
        box = pages.home.box
        _run_in_two_pairs(pages)
        check_in(box, ME, checked(RUN_DAYS[-1], "after", 4, **SPOT))
        texts = {("amber", place): text for place, text in _texts(pages)}
        _was_sore_before(pages)
        check_in(box, ME, checked(date(2026, 11, 17), "night", 4, **SPOT))
        yield texts | {("red", place): text for place, text in _texts(pages)}


def _run_in_two_pairs(pages: Pages) -> None:
    home = pages.home
    for day in RUN_DAYS:
        home.run(datetime(day.year, day.month, day.day, 7, tzinfo=UTC), 8)
    home.once()
    by_day = {a.local_date: a.id for a in home.activities()}
    pair = {"kind": "daily", "limit_m": 640_000.0, "start_m": 0.0, "start_how": "known"}
    with home.box.store.write() as tx:
        ids = [shoes.add(tx, ME, home.clock.now(), name=name, **pair) for name in ("Pegasus", "Ghost")]
        worn = {by_day[day]: whole(ids[n % 2], "runner") for n, day in enumerate(RUN_DAYS)}
        shoes.wear_all(tx, ME, worn, home.clock.now())


def _was_sore_before(pages: Pages) -> None:
    """The morning after each run in the first pair; after those in the second all was fine."""
    with pages.home.box.store.write() as tx:
        for n, day in enumerate(RUN_DAYS[:-1]):
            level, where = (0, {}) if n % 2 else (2, SPOT)
            next_day = day + timedelta(days=1)
            for answer in (checked(day, "after", 0), checked(next_day, "morning", level, **where)):
                body.add_check_in(tx, ME, answer, pages.home.clock.now())


def _texts(pages: Pages) -> Iterator[tuple[str, str]]:
    with pages.home.box.store.read() as tx:
        episode = body.kept_episodes(tx, ME)[-1].id
        answer = body.check_ins(tx, ME)[-1].id
    for place in PLACES:
        yield place, text_of_page(pages.see(place.format(shoe=1, answer=answer, episode=episode)))
    mail = weekly.preview(pages.home.box, ME, WEEK).message
    yield from (("weekly mail, text", mail.text), ("weekly mail, HTML", text_of_page(mail.html)))
    for delivery in pages.home.deliveries("alert"):
        yield f"alert {delivery.subject}", text_of(delivery)


LEVELS = ("amber", "red")
READ = (*PLACES, "weekly mail, text", "weekly mail, HTML")
SILENT = ("amber", "/shoes/{shoe}")
"""There is no count on the pair's page while no morning is known."""


@pytest.mark.parametrize(("level", "place"), [(at, p) for at in LEVELS for p in READ if (at, p) != SILENT])
def test_who_speaks_of_pain_says_no_medical_advice_and_when_to_see_a_clinician(said, level, place):
    text = said[level, place]
    assert OF_PAIN.search(text)
    assert "not medical advice" in text
    assert re.search(r"\bsee a clinician\b", text, re.IGNORECASE)
    assert troubles(text) == []


def test_the_mail_of_a_red_flag_says_so_too(said):
    mails = [text for (level, place), text in said.items() if level == "red" and place.startswith("alert")]
    assert mails
    assert any("see a clinician" in text.lower() for text in mails)
    for text in mails:
        assert "not medical advice" in text
        assert troubles(text) == []


def test_the_pattern_of_a_pair_is_counted_on_its_page_and_called_no_cause(said):
    text = said["red", "/shoes/{shoe}"]
    assert re.search(r"\d of \d", text)
    assert not re.search(r"\bcaus(?:e|es|ed) (?:by|your|the)\b", text)


@pytest.mark.parametrize("level", LEVELS)
def test_a_cap_is_always_written_as_at_most(said, level):
    caps = [
        sentence
        for (of, _), text in said.items()
        if of == level
        for sentence in re.findall(r"[Nn]ext run\b[^.!?]*?\d(?:\.\d)? km", text)
    ]
    assert any("at most" in sentence for sentence in caps)
    assert [sentence for sentence in caps if "at most" not in sentence] == []
