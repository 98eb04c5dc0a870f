"""Lines to browsers: none waits for ever for who says nothing, and a crowd keeps no visitor out."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from midsole.web.line import Line
from midsole.web.shield import TooLarge, TooSlow, _Body

ASK = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
SLOW_S = 0.3


class Hasty(Line):
    head_s, most_at_once = 0.1, 3


async def answer_late(scope: Any, receive: Any, send: Any) -> None:
    await asyncio.sleep(SLOW_S)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


type Reach = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


@asynccontextmanager
async def served() -> AsyncIterator[Reach]:
    """What opens a new line to a server of lines that are in haste."""
    config = uvicorn.Config(answer_late, http=Hasty, ws="none", lifespan="off", log_config=None)
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Hasty(config, state, {}, loop), "127.0.0.1", 0)
    opened: list[asyncio.StreamWriter] = []

    async def reach() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        opened.append(writer)
        return reader, writer

    async with server:
        yield reach
        for writer in opened:
            writer.close()


async def heard(reader: asyncio.StreamReader) -> bytes:
    """All that comes until the line is cut."""
    try:
        return await asyncio.wait_for(reader.read(), 5)
    except ConnectionResetError:
        return b""


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nX: "])
def test_a_line_on_which_no_whole_request_comes_is_cut(begun: bytes) -> None:
    async def trying() -> bytes:
        async with served() as reach:
            reader, writer = await reach()
            writer.write(begun)
            return await heard(reader)

    assert asyncio.run(trying()) == b""


def test_an_answer_may_take_longer_than_its_question() -> None:
    async def trying() -> bytes:
        async with served() as reach:
            reader, writer = await reach()
            writer.write(ASK)
            return await asyncio.wait_for(reader.readuntil(b"ok"), 5)

    assert asyncio.run(trying()).startswith(b"HTTP/1.1 200")


def test_where_all_lines_are_taken_the_longest_silent_one_goes() -> None:
    async def trying() -> tuple[bytes, bytes]:
        async with served() as reach:
            asking, writer = await reach()
            writer.write(ASK)
            crowd = [(await reach())[0] for _ in range(3)]
            first_gone = await asyncio.wait_for(heard(crowd[0]), Hasty.head_s / 2)
            return first_gone, await asyncio.wait_for(asking.readuntil(b"ok"), 5)

    gone, answered = asyncio.run(trying())
    assert gone == b""
    assert answered.startswith(b"HTTP/1.1 200")


def body_of(*pieces: bytes, most: int = 10, left_s: float | None = 5.0) -> _Body:
    """A request that sends these, and then nothing more."""
    coming = [*pieces]

    async def receive() -> Any:
        if not coming:
            await asyncio.sleep(60)
        return {"type": "http.request", "body": coming.pop(0), "more_body": True}

    body = _Body(receive, most, is_upload=False)
    body.left_s = left_s
    return body


def test_a_body_that_stops_coming_is_given_up() -> None:
    async def trying() -> None:
        body = body_of(b"12345", left_s=0.02)
        await body.receive()
        await body.receive()

    with pytest.raises(TooSlow):
        asyncio.run(trying())


def test_a_body_is_bounded_also_where_nobody_announced_its_length() -> None:
    async def trying() -> None:
        body = body_of(b"12345", b"123456")
        await body.receive()
        await body.receive()

    with pytest.raises(TooLarge):
        asyncio.run(trying())
