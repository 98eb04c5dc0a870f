"""The stylesheet, the script and the icon: each one file to load, named by its content, kept for a year."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

router = APIRouter()

KINDS = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    name: str
    media_type: str
    body: bytes
    packed: bytes

    @property
    def path(self) -> str:
        return f"/static/{hashlib.sha256(self.body).hexdigest()[:12]}/{self.name}"


@cache
def assets() -> Mapping[str, Asset]:
    """midsole.css and midsole.js are all files of that kind in static/, in order of name."""
    made = {}
    for kind, media_type in KINDS.items():
        found = sorted(
            (f for f in (files("midsole.web") / "static").iterdir() if f.name.endswith(f".{kind}")),
            key=lambda f: f.name,
        )
        body = b"\n".join(f.read_bytes() for f in found)
        made[kind] = Asset(f"midsole.{kind}", media_type, body, gzip.compress(body, 9, mtime=0))
    return made


@router.get("/static/{version}/{name}", include_in_schema=False)
def asset(version: str, name: str, request: Request) -> Response:
    path = f"/static/{version}/{name}"
    found = next((a for a in assets().values() if a.path == path), None)
    if found is None:
        raise HTTPException(404)
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(
            found.packed, media_type=found.media_type, headers=headers | {"Content-Encoding": "gzip"}
        )
    return Response(found.body, media_type=found.media_type, headers=headers)


@router.get("/favicon.ico", include_in_schema=False)
def favicon() -> Response:
    icon = assets()["svg"]
    return Response(icon.body, media_type=icon.media_type, headers={"Cache-Control": "public, max-age=86400"})
