"""Today: the verdict, what is open, how far the next run may go, and what waits for an answer."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from midsole.web.page import page
from midsole.web.visit import Mine

router = APIRouter()


@router.get("/")
def today(visit: Mine, request: Request) -> Response:
    return page(visit, request, "today.html")
