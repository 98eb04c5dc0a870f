"""Receiving uploads: multipart read piece by piece, files written as they come, in threads beside pages."""

from collections.abc import AsyncIterator

from anyio import CancelScope
from anyio.to_thread import run_sync
from fastapi import HTTPException, Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from midsole.actions import uploading
from midsole.actions.uploading import NoRoom, Receiving, Upload
from midsole.domain.errors import UsageError
from midsole.web.shield import MB, TooLarge
from midsole.web.visit import Visit

AT_ONCE_BYTES = 256 * 1024
"""So much is gathered for one turn of a thread."""
MOST_FIELDS = 100
BROKEN = "The upload broke off, or is no form with files. Nothing of it was kept: send it again."
NOT_MULTIPART = "Send the files as a form: multipart/form-data."


async def receive(request: Request, visit: Visit) -> Upload:
    """The files of the request as an upload that is due to be read; of a broken request nothing is left.

    Raises UsageError where it is no whole form, TooLarge, and HTTPException 507 where the disk is full."""
    boundary, announced = _boundary(request), _announced_bytes(request)
    if announced > visit.house.settings.web_upload_mb * MB:
        raise TooLarge
    try:
        receiving = await run_sync(uploading.begin, visit.box, visit.me.id, announced)
        try:
            return await _received(request, _Parts(boundary, receiving))
        except BaseException:
            with CancelScope(shield=True):
                await run_sync(receiving.drop)
            raise
    except NoRoom as full:
        raise HTTPException(507, str(full)) from full
    except (FormParserError, ClientDisconnect) as broken:
        raise UsageError(BROKEN) from broken


async def _received(request: Request, parts: "_Parts") -> Upload:
    async for piece in _pieces(request.stream()):
        await run_sync(parts.write, piece)
    return await run_sync(parts.finish)


async def _pieces(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    gathered = bytearray()
    async for chunk in stream:
        gathered += chunk
        if len(gathered) >= AT_ONCE_BYTES:
            yield bytes(gathered)
            gathered.clear()
    if gathered:
        yield bytes(gathered)


def _boundary(request: Request) -> bytes:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise UsageError(NOT_MULTIPART)
    return options[b"boundary"]


def _announced_bytes(request: Request) -> int:
    said = request.headers.get("content-length", "")
    return int(said) if said.isdecimal() and len(said) < 20 else 0


class _Parts:
    """The parts of the form as they come: files are written, other fields passed over."""

    def __init__(self, boundary: bytes, receiving: Receiving) -> None:
        self.receiving = receiving
        self.fields = 0
        self.whole = self.in_file = False
        self.name, self.value, self.disposition = bytearray(), bytearray(), b""
        self.parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._part_begin,
                "on_header_field": lambda data, start, end: self.name.extend(data[start:end]),
                "on_header_value": lambda data, start, end: self.value.extend(data[start:end]),
                "on_header_end": self._header_end,
                "on_headers_finished": self._headers_finished,
                "on_part_data": self._part_data,
                "on_part_end": self._part_end,
                "on_end": self._end,
            },
        )

    def write(self, piece: bytes) -> None:
        self.parser.write(piece)

    def finish(self) -> Upload:
        self.parser.finalize()
        if not self.whole:
            raise UsageError(BROKEN)
        return self.receiving.finish()

    def _part_begin(self) -> None:
        self.disposition = b""

    def _header_end(self) -> None:
        if bytes(self.name).lower() == b"content-disposition":
            self.disposition = bytes(self.value)
        self.name.clear()
        self.value.clear()

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self.disposition)
        name = options.get(b"filename", b"").decode("utf-8", "replace")
        self.in_file = bool(name)
        if self.in_file:
            self.receiving.begin_file(name)
            return
        self.fields += 1
        if self.fields > MOST_FIELDS:
            raise UsageError(BROKEN)

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if self.in_file:
            self.receiving.write(data[start:end])

    def _part_end(self) -> None:
        if self.in_file:
            self.receiving.end_file()
        self.in_file = False

    def _end(self) -> None:
        self.whole = True
