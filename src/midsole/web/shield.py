"""What every answer carries and no request may exceed: security headers, and a bound on what is sent."""

from http import HTTPStatus

from fastapi.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from midsole.observe.logs import log
from midsole.web.assets import assets
from midsole.web.door import UPLOADS, House
from midsole.web.problems import API, problem

MB = 2**20
MOST_BYTES = 8 * MB
"""Of any request but an upload of activities: a form, or a photo."""
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


UNFORESEEN = "Something went wrong here, and the log says what. Nothing was changed by half."


class TooLarge(Exception):
    """The body of the request goes on beyond what may be sent."""


class Shield:
    """Outermost but for compression."""

    def __init__(self, app: ASGIApp, house: House) -> None:
        self.app = app
        self.most_of_upload = house.settings.web_upload_mb * MB
        self.headers = dict(HEADERS)
        if house.is_https:
            self.headers["strict-transport-security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = self.most_of_upload if scope["path"].startswith(UPLOADS) else MOST_BYTES
        bounded = _bounded(receive, most)
        try:
            await self.app(scope, bounded, self._with_headers(send))
        except TooLarge:
            await self._say(
                413, f"That is more than {most // MB} MB, the most that is taken here.", scope, send
            )
        except Exception:  # the outermost loop: what nobody foresaw ends this request alone
            log.exception("The request of %s failed.", _loggable(scope["path"]))
            await self._say(500, UNFORESEEN, scope, send)

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


def _bounded(receive: Receive, most: int) -> Receive:
    so_far = 0

    async def receiving() -> Message:
        nonlocal so_far
        message = await receive()
        if message["type"] == "http.request":
            so_far += len(message.get("body", b""))
            if so_far > most:
                raise TooLarge
        return message

    return receiving
