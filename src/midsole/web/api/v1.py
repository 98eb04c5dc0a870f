"""The JSON API: all of its endpoints under one address."""

from fastapi import APIRouter, Depends

from midsole.web.api import (
    activities,
    alerts,
    calendar,
    check_ins,
    comeback,
    files,
    load,
    me,
    rotation,
    routine,
    shoes,
    uploads,
    wearings,
    webhooks,
)
from midsole.web.api.document import by_cookie, by_token, json_alone

router = APIRouter(
    prefix="/api/v1", dependencies=[Depends(by_token), Depends(by_cookie), Depends(json_alone)]
)
BODY = (check_ins, comeback, routine)
for part in (
    *(activities, wearings, shoes, rotation, load, alerts, files, me, uploads, webhooks, calendar),
    *BODY,
):
    router.include_router(part.router)
