"""Webhooks: addresses that are told of alerts, with a signature."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field

from midsole.actions import targets
from midsole.web.api.answers import All, answer, items
from midsole.web.api.who import Reader, Writer
from midsole.web.api.words import Name, PathId, Said, Told
from midsole.web.slowly import Slowly

router = APIRouter(tags=["webhooks"])


class Webhook(Told):
    """Its address is kept encrypted, and shown to nobody again."""

    id: int
    kind: str
    name: str
    made_at: str
    paused: bool
    error: str | None


class NewWebhook(Said):
    name: Name
    url: Annotated[str, Field(min_length=8, max_length=2_000)]


class AddedWebhook(Webhook):
    """`secret` is what its messages are signed with; it is told this once."""

    secret: str


class Tested(Told):
    message: str


@router.get("/webhooks", response_model=All[Webhook])
def list_webhooks(request: Request, visit: Reader) -> Response:
    """Your webhooks, without their addresses."""
    return items(request, targets.listed(visit.box, visit.me.id, targets.WEBHOOK))


@router.post("/webhooks", response_model=AddedWebhook, status_code=201, dependencies=[Slowly])
def add_webhook(request: Request, visit: Writer, said: NewWebhook) -> Response:
    """Tell an address of alerts from now on."""
    added = targets.add(visit.box, visit.me.id, targets.WEBHOOK, said.name, said.url)
    shown = targets.shown(visit.box, visit.me.id, added.id, targets.WEBHOOK)
    return answer(request, shown | {"secret": added.secret}, 201)


@router.post("/webhooks/{webhook_id}/test", response_model=Tested, dependencies=[Slowly])
def test_webhook(request: Request, visit: Writer, webhook_id: PathId) -> Response:
    """Send a test message at once; 409 says what went wrong."""
    told = targets.send_test(visit.box, visit.me.id, webhook_id, targets.WEBHOOK)
    return answer(request, {"message": told})


@router.delete("/webhooks/{webhook_id}", status_code=204, response_class=Response)
def remove_webhook(visit: Writer, webhook_id: PathId) -> Response:
    """Tell this address no more; what waits for it is withdrawn."""
    targets.remove(visit.box, visit.me.id, webhook_id, targets.WEBHOOK)
    return Response(status_code=204)
