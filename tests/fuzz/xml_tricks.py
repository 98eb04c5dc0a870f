"""What is done to TCX and GPX: numbers that are none, times that never were, documents made to hurt."""

import re
from collections.abc import Callable, Sequence
from random import Random

from fuzz.xml_values import DTDS, ENCODINGS, NUMBERS, TAGS, TIMES, WORDS

MOST_BYTES = 200_000

NUMBER = re.compile(rb"(?<=>)\s*-?\d[\d.]*\s*(?=<)|(?<==\")-?\d+\.\d+(?=\")")
TIME = re.compile(rb"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)?")
WORD = re.compile(rb"(?<=>)[A-Za-z][^<>]*(?=<)|(?<=Sport=\")[^\"]*|(?<=creator=\")[^\"]*")
TAG = re.compile(rb"</?[A-Za-z][\w:]*[^<>]*>")
ELEMENT = re.compile(rb"<(Trackpoint|trkpt|Lap|Track|trkseg|trk|Activity)\b.*?</\1>", re.DOTALL)

type Trick = Callable[[Random, bytes], bytes]


def bad_number(chance: Random, text: bytes) -> bytes:
    return _replaced(chance, text, NUMBER, NUMBERS)


def bad_numbers(chance: Random, text: bytes) -> bytes:
    """Put the same number everywhere one element has one."""
    found = re.search(rb"<([\w:]+)[^<>]*>\s*-?\d[\d.]*\s*<", text[chance.randrange(len(text)) :])
    if not found:
        return text
    value = chance.choice(NUMBERS).encode()
    return re.sub(rb"(<" + re.escape(found[1]) + rb"\b[^<>]*>)[^<>]*(?=<)", lambda m: m[1] + value, text)[
        :MOST_BYTES
    ]


def bad_places(chance: Random, text: bytes) -> bytes:
    value = chance.choice(("91.5", "-180", "0", "NaN", "1e308", "1e11", "53.1", ""))
    return re.sub(
        rb"(lat=\"|lon=\"|LatitudeDegrees>|LongitudeDegrees>)[^\"<]*",
        lambda m: m[1] + value.encode() if chance.random() < 0.3 else m[0],
        text,
    )


def bad_time(chance: Random, text: bytes) -> bytes:
    return _replaced(chance, text, TIME, TIMES)


def bad_times(chance: Random, text: bytes) -> bytes:
    """All times the same, or each another one."""
    one = chance.choice(TIMES).encode()
    mixed = chance.random() < 0.5
    return TIME.sub(lambda _: chance.choice(TIMES).encode() if mixed else one, text)


def bad_word(chance: Random, text: bytes) -> bytes:
    return _replaced(chance, text, WORD, WORDS)


def drop_tag(chance: Random, text: bytes) -> bytes:
    found = _somewhere(chance, text, TAG)
    return text[: found.start()] + text[found.end() :] if found else text


def rename_tag(chance: Random, text: bytes) -> bytes:
    """An element in a place that is not its own."""
    found = _somewhere(chance, text, TAG)
    if not found:
        return text
    name = re.match(rb"</?([\w:]+)", found[0])
    assert name
    new = chance.choice(TAGS).encode()
    return re.sub(rb"(</?)" + re.escape(name[1]) + rb"\b", lambda m: m[1] + new, text)


def add_tag(chance: Random, text: bytes) -> bytes:
    tag = chance.choice(TAGS)
    form = chance.choice(
        ("<{0}>", "</{0}>", "<{0}/>", "<{0}></{0}>", "<{0}>5</{0}>", "<x:{0} xmlns:x='u'>1</x:{0}>")
    )
    return _inserted(chance, text, form.format(tag).encode())


def drop_element(chance: Random, text: bytes) -> bytes:
    found = _somewhere(chance, text, ELEMENT)
    return text[: found.start()] + text[found.end() :] if found else text


def double_element(chance: Random, text: bytes) -> bytes:
    found = _somewhere(chance, text, ELEMENT)
    if not found:
        return text
    times = chance.choice((1, 2, 20))
    return (text[: found.end()] + found[0] * times + text[found.end() :])[:MOST_BYTES]


def nest_element(chance: Random, text: bytes) -> bytes:
    """An activity in an activity, a lap in a point."""
    found, inner = _somewhere(chance, text, ELEMENT), _somewhere(chance, text, ELEMENT)
    if not found or not inner:
        return text
    begin = text.index(b">", found.start()) + 1
    return (text[:begin] + inner[0] + text[begin:])[:MOST_BYTES]


def dtd(chance: Random, text: bytes) -> bytes:
    whole = text.partition(b"?>")
    head, rest = (whole[0] + whole[1], whole[2]) if whole[1] else (b"", text)
    used = chance.choice((b"", b"&a;", b"&c;"))
    return head + chance.choice(DTDS).encode() + rest.replace(b"</", used + b"</", 1)


def encoding(chance: Random, text: bytes) -> bytes:
    """A declared encoding that is not the file's, or one that Python knows and XML does not."""
    name = chance.choice(ENCODINGS)
    body = text.partition(b"?>")[2] if text.lstrip().startswith(b"<?xml") else text
    return f'<?xml version="1.{chance.choice("01")}" encoding="{name}"?>'.encode() + body


def reencoded(chance: Random, text: bytes) -> bytes:
    name = chance.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-32", "latin-1", "utf-7"))
    return text.decode("utf-8", "replace").encode(name, "replace")


def deep(chance: Random, text: bytes) -> bytes:
    tag, depth = chance.choice(("a", "Track", "Lap", "trk", "Extensions")), chance.choice((50, 500, 5_000))
    ends = f"</{tag}>" * depth if chance.random() < 0.7 else ""
    return _inserted(chance, text, (f"<{tag}>" * depth + ends).encode())


def wide(chance: Random, text: bytes) -> bytes:
    """One huge attribute, or very many."""
    many = "".join(f' a{n}="1"' for n in range(chance.choice((5, 2_000))))
    same = many.replace("a1=", "a0=")
    one = f' x="{"y" * chance.choice((300, 100_000))}"'
    spaces = "".join(f' xmlns:p{n}="u{n}"' for n in range(1_000))
    found = _somewhere(chance, text, re.compile(rb"<[A-Za-z][\w:]*"))
    added = chance.choice((many, same, one, spaces)).encode()
    return text[: found.end()] + added + text[found.end() :] if found else text


def prefixes(chance: Random, text: bytes) -> bytes:
    """Prefixes that nothing declares, declarations taken away, a prefix bound to nothing."""
    return chance.choice(
        (
            lambda: re.sub(rb' xmlns(:\w+)?="[^"]*"', b"", text),
            lambda: text.replace(b"<Trackpoint", b"<un:Trackpoint").replace(
                b"</Trackpoint", b"</un:Trackpoint"
            ),
            lambda: text.replace(b"<trkpt", b"<un:trkpt").replace(b"</trkpt", b"</un:trkpt"),
            lambda: text.replace(b"xmlns:", b'xmlns:e="" xmlns:', 1),
            lambda: _inserted(chance, text, b"<xml:a/><xmlns:b/>"),
            lambda: _inserted(chance, text, b"<a:b:c>1</a:b:c>"),
            lambda: _inserted(chance, text, "<ü:ä xmlns:ü='u'/>".encode()),
            lambda: _inserted(chance, text, b" ".join(b"p%d:q" % n for n in range(3_000))),
        )
    )()


def rubbish(chance: Random, text: bytes) -> bytes:
    added = chance.choice(
        (b"\0" * 100, b"\n\n  ", b"<gpx></gpx>", b"\xef\xbb\xbf", b"<!-- ", b"<?php 1 ?>", b"\xff\xfe")
    )
    return added + text if chance.random() < 0.4 else text + added


def comments(chance: Random, text: bytes) -> bytes:
    added = chance.choice(
        (b"<!-- a -- b -->", b"<!---->", b"<![CDATA[<trkpt/>]]>", b"<?pi a?>", b"]]>", b"<!", b"&amp;")
    )
    return _inserted(chance, text, added)


def swap_formats(chance: Random, text: bytes) -> bytes:
    """A TCX that says GPX in its head, and the other way round."""
    if b"<gpx" in text:
        return text.replace(b"<gpx", b"<TrainingCenterDatabase", 1)
    return b"<gpx>" + text + chance.choice((b"", b"</gpx>"))


ALL: tuple[Trick, ...] = (
    *(
        bad_number,
        bad_number,
        bad_numbers,
        bad_numbers,
        bad_places,
        bad_time,
        bad_time,
        bad_times,
        bad_word,
        bad_word,
    ),
    *(drop_tag, rename_tag, add_tag, drop_element, double_element, nest_element, dtd, encoding, reencoded),
    *(prefixes, rubbish, comments, swap_formats),
)
DEAR: tuple[Trick, ...] = (deep, wide)


def tricked(chance: Random, text: bytes) -> bytes:
    for _ in range(chance.choice((1, 1, 1, 2, 3, 4))):
        trick = chance.choice(DEAR) if chance.random() < 0.02 else chance.choice(ALL)
        text = trick(chance, text)[:MOST_BYTES]
        if not text:
            break
    return text


def thinned(text: bytes, largest_bytes: int) -> bytes:
    """Return the first and last points of a track, with all that stands before and after them."""
    if len(text) <= largest_bytes:
        return text
    half = largest_bytes // 2
    ends = [m.end() for m in re.finditer(rb"</(?:\w+:)?(?:Trackpoint|trkpt)>", text[:half])]
    begin = re.search(rb"<(?:\w+:)?(?:Trackpoint|trkpt)\b", text[-half:])
    if not ends or not begin:
        return text[:half] + text[-half:]
    return text[: ends[-1]] + text[len(text) - half + begin.start() :]


def _replaced(chance: Random, text: bytes, what: re.Pattern[bytes], values: Sequence[str]) -> bytes:
    for _ in range(chance.choice((1, 1, 2, 5))):
        found = _somewhere(chance, text, what)
        if found:
            value = chance.choice(values).encode()
            text = text[: found.start()] + value + text[found.end() :]
    return text


def _somewhere(chance: Random, text: bytes, what: re.Pattern[bytes]) -> re.Match[bytes] | None:
    """Return the first match after a random place: cheaper than to list them all, and random enough."""
    return what.search(text, chance.randrange(len(text) + 1)) or what.search(text)


def _inserted(chance: Random, text: bytes, added: bytes) -> bytes:
    found = _somewhere(chance, text, TAG)
    place = found.end() if found else 0
    return (text[:place] + added + text[place:])[:MOST_BYTES]
