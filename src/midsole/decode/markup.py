"""XML as apps write it, read element by element with expat: entities forbidden, slips forgiven.

Expat is driven directly because an hour of seconds is some 40,000 elements: a tree built by defusedxml took
94 ms, this takes 42. What defusedxml promises is kept: no entity is ever declared or
fetched (billion laughs, quadratic blow-up, files of the box), and no tree is deep and no point endless.
"""

import re
from codecs import getincrementaldecoder
from collections.abc import Callable, Mapping
from typing import Protocol
from xml.parsers.expat import ExpatError, ParserCreate, XMLParserType

from midsole.domain.errors import BadInput

PIECE_BYTES = 256 * 2**10
DEEPEST = 60
LONGEST_POINT_BYTES = 2**18
UNSAID = "nan"
"""Stands for a value that a point does not hold, so that all of its values are numbers to read."""
MOST_SPELLINGS = 1000

UTF_16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,100}encoding\s*=\s*["']([\w.:-]{1,40})["']""")
KNOWN_CODE = re.compile(
    r"(iso-?8859-\d+|windows-125\d|cp\d{3,4}|koi8-[ru]|gb\w+|big5|shift_?jis|euc-\w+)", re.I
)
CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r")
BLANKS = CONTROLS + b" \t\n\r"
LONE_AMPERSAND = re.compile(rb"&(?!(amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});)")


class Handler(Protocol):
    """Hears one document in its order, by local names; `parents` are the elements still open around it."""

    def opened(self, name: str, attributes: dict[str, str], parents: list[str], /) -> None: ...

    def closed(self, name: str, text: str, parents: list[str], /) -> None: ...

    def point(self, attributes: dict[str, str], values: list[str], /) -> None: ...


def read_xml(raw: bytes, handler: Handler, point: str, columns: Mapping[str, int]) -> str | None:
    """Tell the handler what is in the document; return the damage where it broke off, after what came before.

    Elements called `point` are told whole, with the text of those below them that `columns` gives a place.
    What stands after the root's end is not looked at.
    """
    reading = _Reading(handler, point, columns)
    text = _in_utf_8(raw)
    try:
        for place in range(0, len(text), PIECE_BYTES):
            reading.parser.Parse(text[place : place + PIECE_BYTES].translate(None, CONTROLS), False)
            reading.refuse_endless_point(place)
        reading.parser.Parse(b"", True)
    except ExpatError as error:
        return None if reading.is_over else str(error)
    return None


def head_text(head: bytes) -> str:
    """Return the beginning of a document as text, whatever it is written in; "" when it is no XML."""
    text = _in_utf_8(head).decode(errors="replace")
    return text if text.startswith("<") else ""


def local_name(name: str) -> str:
    return name.rpartition(":")[2]


class _Reading:
    """The state between expat's calls."""

    def __init__(self, handler: Handler, point: str, columns: Mapping[str, int]) -> None:
        self.handler, self.point = handler, point
        self.parents: list[str] = []
        self.text: list[str] = []
        self.is_over = False
        self.point_at: int | None = None
        self.columns = dict(columns)
        self.unsaid = [UNSAID] * (max(columns.values()) + 1)
        self.attributes: dict[str, str] = {}
        self.parser = self._forbidding(ParserCreate("utf-8"))
        self.parser.CharacterDataHandler = self.text.append
        self._closed_inside = self._closer()
        self._listen_outside()

    def _forbidding(self, parser: XMLParserType) -> XMLParserType:
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_declarations
        parser.EntityDeclHandler = parser.UnparsedEntityDeclHandler = _refuse
        parser.ExternalEntityRefHandler = _refuse
        return parser

    def _listen_outside(self) -> None:
        self.point_at = None
        self.parser.StartElementHandler = self._opened
        self.parser.EndElementHandler = self._closed

    def refuse_endless_point(self, piece_at: int) -> None:
        if self.point_at is not None and piece_at - self.point_at > LONGEST_POINT_BYTES:
            raise BadInput("The XML is refused: one of its points is longer than 256 kB.")

    def _opened(self, name: str, attributes: dict[str, str]) -> None:
        name = local_name(name)
        self.text.clear()
        if name == self.point:
            self._listen_inside(attributes)
            return
        if len(self.parents) >= DEEPEST:
            raise BadInput(f"The XML is refused: it is nested more than {DEEPEST} deep.")
        self.handler.opened(name, attributes, self.parents)
        self.parents.append(name)

    def _closed(self, name: str) -> None:
        name = local_name(name)
        if self.parents[-1:] != [name]:
            return  # the end of a point that stood in a point
        self.parents.pop()
        self.handler.closed(name, "".join(self.text).strip(), self.parents)
        self.text.clear()
        self.is_over = not self.parents

    def _listen_inside(self, attributes: dict[str, str]) -> None:
        """Hear only ends: before the end of an element with a value there is its text, and blanks."""
        self.point_at, self.attributes = self.parser.CurrentByteIndex, attributes
        self.parser.StartElementHandler = None
        self.parser.EndElementHandler = self._closed_inside

    def _closer(self) -> Callable[[str], None]:
        """Return what hears the ends inside a point: a closure, for an hour of run has 40,000 of them."""
        text, columns, point, unsaid = self.text, self.columns, self.point, self.unsaid
        values = unsaid.copy()

        def closed(name: str) -> None:
            nonlocal values
            column = columns.get(name)
            if column is not None:
                values[column] = "".join(text)
            elif name == point or local_name(name) == point:
                told, values = values, unsaid.copy()
                self._listen_outside()
                self.handler.point(self.attributes, told)
            elif ":" in name and (column := columns.get(local_name(name))) is not None:
                values[column] = "".join(text)
                if len(columns) < MOST_SPELLINGS:
                    columns[name] = column
            text.clear()

        return closed


def _refuse(*_: object) -> int:
    raise BadInput("The XML is refused: it declares entities, which no recording needs.")


def _refuse_declarations(_name: str, _system: str | None, _public: str | None, has_own: int) -> None:
    """A bare DOCTYPE is read over; nothing is fetched for it."""
    if has_own:
        _refuse()


def _in_utf_8(raw: bytes) -> bytes:
    """Return the document in UTF-8 without what expat would stumble over.

    The bytes tell the encoding, not the declaration: .NET programs declare utf-16 and write UTF-8.
    """
    text = _recoded(raw.lstrip()).lstrip(BLANKS)
    has_lone = b"&" in text and b"<![CDATA[" not in text
    return LONE_AMPERSAND.sub(b"&amp;", text) if has_lone else text


def _recoded(raw: bytes) -> bytes:
    code = UTF_16.get(raw[:2])
    if code is not None:
        return raw.decode(code, errors="replace").removeprefix("\ufeff").encode()
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    if _is_utf_8(raw):
        return raw
    declared = DECLARED.match(raw)
    name = declared[1].decode() if declared else ""
    return raw.decode(name if KNOWN_CODE.fullmatch(name) else "latin-1", errors="replace").encode()


def _is_utf_8(raw: bytes) -> bool:
    """Tell whether the bytes, but for a last character cut off, are UTF-8; piece by piece, for its memory."""
    decoder = getincrementaldecoder("utf-8")()
    try:
        for place in range(0, len(raw), PIECE_BYTES):
            decoder.decode(raw[place : place + PIECE_BYTES])
    except UnicodeDecodeError:
        return False
    return True
