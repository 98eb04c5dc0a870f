"""Whose visit an endpoint takes: a runner's who may read, or one who may change."""

from typing import Annotated

from fastapi import Depends

from midsole.web.api_visit import wanting
from midsole.web.visit import Visit

type Reader = Annotated[Visit, Depends(wanting("read"))]
type Writer = Annotated[Visit, Depends(wanting("write"))]
type Healer = Annotated[Visit, Depends(wanting("health"))]
"""Whoever may read and change what is known of a runner's body."""
