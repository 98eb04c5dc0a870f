"""HEAD is answered as GET is, without the body: what watches a process asks like that."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Heads:
    """Outermost: of a compressed answer the length is told, too."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def bodiless(message: Message) -> None:
            await send({**message, "body": b""} if "body" in message else message)

        await self.app({**scope, "method": "GET"}, receive, bodiless)
