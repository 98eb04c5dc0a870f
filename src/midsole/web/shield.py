"""What every answer carries and no request may exceed: security headers, and a bound on what is sent."""

import asyncio
from http import HTTPStatus

from anyio.to_thread import run_sync
from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from midsole.actions.metrics import why_not_ready
from midsole.observe.logs import log
from midsole.web.assets import assets
from midsole.web.door import UPLOADS, House
from midsole.web.problems import API, problem

MB = 2**20
MOST_BYTES = 8 * MB
"""Of any request but an upload of activities: a form, or a photo."""
MOST_OF_JSON_BYTES = MB
"""Of a request to the API: it is read whole before it is known who asks."""
MOST_OF_STRANGER_BYTES = 64 * 2**10
"""Of a form of somebody who is not logged in."""
NEXT_S, WHOLE_S = 30.0, 120.0
"""So long the next piece of a request may take, and all of one that is no upload."""
CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # A page's own address may hold a signed link. "no-referrer" would also blank the Origin of our forms.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
PRIVATE = "private, no-store"
BODY = "body"
"""Where a request's state holds what comes of it."""
UNFORESEEN = "Something went wrong here, and the log says what. Nothing was changed by half."


class TooLarge(Exception):
    """The body of the request goes on beyond what may be sent."""


class TooSlow(Exception):
    """The body of the request does not come."""


class Shield:
    """Outermost but for compression."""

    def __init__(self, app: ASGIApp, house: House) -> None:
        self.app = app
        self.box = house.box
        self.most_of_upload = house.settings.web_upload_mb * MB
        self.headers = dict(HEADERS)
        if house.is_https:
            self.headers["strict-transport-security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = _Body(receive, self._most(scope["path"]), is_upload=scope["path"].startswith(UPLOADS))
        scope.setdefault("state", {})[BODY] = body
        try:
            await self.app(scope, body.receive, self._with_headers(send))
        except TooLarge:
            await self._say(413, f"That is more than {body.said}, the most that is taken here.", scope, send)
        except TooSlow:
            await self._say(408, "What was sent did not arrive in time. Send it again.", scope, send)
        except Exception:  # the outermost loop: what nobody foresaw ends this request alone
            log.exception("The request of %s failed.", _loggable(scope["path"]))
            why = await run_sync(why_not_ready, self.box)
            await self._say(503 if why else 500, why or UNFORESEEN, scope, send)

    def _most(self, path: str) -> int:
        if path.startswith(UPLOADS):
            return self.most_of_upload
        return MOST_OF_JSON_BYTES if path.startswith(API) else MOST_BYTES

    async def _say(self, status: int, detail: str, scope: Scope, send: Send) -> None:
        """Without the help of templates or database, which may be what failed."""
        answer = problem(status, detail) if scope["path"].startswith(API) else _plain_page(status, detail)
        try:
            await answer(scope, _nothing, self._with_headers(send))
        except RuntimeError:
            log.warning("The answer to %s broke off.", _loggable(scope["path"]))  # it had begun already

    def _with_headers(self, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = {name.lower() for name, _ in message["headers"]}
                added = self.headers | ({} if b"cache-control" in there else {"cache-control": PRIVATE})
                message["headers"] = [
                    *message["headers"],
                    *((n.encode(), v.encode()) for n, v in added.items() if n.encode() not in there),
                ]
            await send(message)

        return sending


def _loggable(path: str) -> str:
    """Without what follows the first step: it may be the key of a signed link, or a code."""
    return "/".join(path.split("/")[:2]) + ("/..." if path.count("/") > 1 else "")


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


def _plain_page(status: int, detail: str) -> Response:
    title = HTTPStatus(status).phrase
    words = f"<h1>{title}</h1><p>{detail}</p><p><a href='/'>To the first page</a></p>"
    style = f"<link rel=stylesheet href='{assets()['css'].path}'>"
    head = (
        f"<meta charset=utf-8><meta name=viewport content='width=device-width'><title>{title}</title>{style}"
    )
    return HTMLResponse(
        f"<!DOCTYPE html><html lang=en><head>{head}</head><body><main>{words}</main></body></html>", status
    )


class _Body:
    """What comes of a request, and how much of it may: less where it turns out to be a stranger's."""

    def __init__(self, receive: Receive, most: int, *, is_upload: bool) -> None:
        self.take = receive
        self.most = most
        self.left_s = None if is_upload else WHOLE_S
        self.so_far = 0
        self.is_whole = False

    @property
    def said(self) -> str:
        return f"{self.most // MB} MB" if self.most >= MB else f"{self.most // 2**10} kB"

    async def receive(self) -> Message:
        """After the end only the browser's going is waited for, and that for as long as the answer takes."""
        if self.is_whole:
            return await self.take()
        message = await self._next()
        if message["type"] == "http.request":
            self.so_far += len(message.get("body", b""))
            self.is_whole = not message.get("more_body", False)
            if self.so_far > self.most:
                raise TooLarge
        return message

    async def _next(self) -> Message:
        loop = asyncio.get_running_loop()
        begun, patience_s = loop.time(), NEXT_S if self.left_s is None else min(NEXT_S, self.left_s)
        try:
            async with asyncio.timeout(patience_s):
                message = await self.take()
        except TimeoutError:
            raise TooSlow from None
        if self.left_s is not None:
            self.left_s -= loop.time() - begun
        return message


def keep_short(request: Request) -> None:
    """Of who is not logged in little is read."""
    body: _Body | None = getattr(request.state, BODY, None)
    if body is not None:
        body.most = min(body.most, MOST_OF_STRANGER_BYTES)
