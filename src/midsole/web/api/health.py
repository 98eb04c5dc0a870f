"""What machines ask: whether the process lives, whether it can work, and figures for Prometheus."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from midsole.actions import metrics
from midsole.observe.metrics import MEDIA_TYPE
from midsole.web.api.document import PROBLEM_SCHEMA
from midsole.web.api.words import Told
from midsole.web.door import House, is_at_this_machine
from midsole.web.problems import PROBLEM, problem
from midsole.web.visit import Visit, visiting

router = APIRouter(tags=["machines"])
SCOPE = "metrics"


class State(Told):
    status: str


def _trouble(description: str) -> dict[str, Any]:
    return {"description": description, "content": {PROBLEM: {"schema": PROBLEM_SCHEMA}}}


@router.get("/healthz", response_model=State)
async def is_alive() -> dict[str, str]:
    """The process answers; nothing else is asked, and no thread waited for."""
    return {"status": "ok"}


@router.get("/readyz", response_model=State, responses={503: _trouble("Not ready")})
def is_ready(request: Request) -> Any:
    """The database answers, and is of this program's schema."""
    house: House = request.app.state.house
    why = metrics.why_not_ready(house.box)
    return {"status": "ready"} if why is None else problem(503, why)


@router.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {"description": "Prometheus", "content": {"text/plain": {"schema": {"type": "string"}}}},
        401: _trouble("Ask at this machine, or with a token of the scope metrics"),
    },
)
def show_metrics(request: Request, visit: Annotated[Visit, Depends(visiting)]) -> Response:
    """Figures of the whole box, without names and places."""
    if not (is_at_this_machine(visit.house, request) or (visit.how == "token" and SCOPE in visit.scopes)):
        return problem(401, "Ask at this machine, or with a token of the scope metrics.")
    return Response(metrics.metrics(visit.box), media_type=MEDIA_TYPE)
