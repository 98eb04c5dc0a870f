"""Pages that wait for other machines, or work for seconds: a few at once, so that others find a thread."""

from collections import Counter
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request

from midsole.domain.errors import Retry
from midsole.web.visit import Visit, visiting

MOST, MOST_OF_ONE, MOST_OF_STRANGERS = 4, 2, 3
"""At once: of all runners, half of the threads; of one runner; and of who tries to get in, as a password
takes its time. One thread is left whatever happens."""
BUSY = "Something that takes long is under way already. Try again in a moment."
STRANGERS = 0


async def slowly(request: Request, visit: Annotated[Visit, Depends(visiting)]) -> AsyncIterator[None]:
    """The dependency of such a page. It runs between other pages, never beside them: no lock is needed."""
    under_way: Counter[int] = request.app.state.slow
    who = visit.runner.id if visit.runner else STRANGERS
    if _is_full(under_way, who):
        raise Retry(BUSY)
    under_way[who] += 1
    try:
        yield
    finally:
        under_way[who] -= 1


def _is_full(under_way: Counter[int], who: int) -> bool:
    if who == STRANGERS:
        return under_way[who] >= MOST_OF_STRANGERS
    return under_way[who] >= MOST_OF_ONE or under_way.total() - under_way[STRANGERS] >= MOST


Slowly = Depends(slowly, scope="function")
