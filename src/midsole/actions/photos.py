"""The photo of a pair: read with care, turned upright, made small, and kept without what a camera adds."""

import io
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from PIL import Image, ImageOps

from midsole.actions.box import Box
from midsole.actions.one_pair import find
from midsole.domain.errors import NotThere, UsageError
from midsole.store import photos, runners

MOST_BYTES = 8 * 2**20
MOST_PIXELS = 64_000_000
"""A telephone takes 50 million; unpacked this many fill 200 MB."""
SIDE = 640
"""Pixels of the long side."""
MOST_KEPT = 60_000
TRIES = ((SIDE, 82), (SIDE, 70), (SIDE, 55), (SIDE, 40), (SIDE, 25), (480, 30), (320, 30), (240, 20))
"""Sides and qualities, the best first; nearly every photo is below 60 kB with the first."""
FORMATS = ("JPEG", "PNG", "WEBP")
WEBP = "image/webp"
NO_PHOTO = "That file is no photo that can be read here: choose a JPEG, PNG or WebP."
BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
"""What Pillow says of files that are not what they seem."""

Image.MAX_IMAGE_PIXELS = MOST_PIXELS
_one_at_a_time = Lock()
"""Unpacked photos are large: several at once would be too much for a small machine."""


@dataclass(frozen=True, slots=True)
class Photo:
    """`version` is another one for every photo that was ever put there."""

    image: bytes
    version: str


def put(box: Box, runner_id: int, shoe_id: int, raw: bytes) -> None:
    """Keep it small, in place of the one that was there."""
    find(box, runner_id, shoe_id)
    with _one_at_a_time:
        image = small(raw)
    with box.store.write() as tx:
        runners.lock(tx, runner_id)
        photos.put(tx, runner_id, shoe_id, image, WEBP, box.now())


def remove(box: Box, runner_id: int, shoe_id: int) -> None:
    find(box, runner_id, shoe_id)
    with box.store.write() as tx:
        photos.remove(tx, runner_id, shoe_id)


def versions(box: Box, runner_id: int) -> dict[int, str]:
    """shoe id -> the version of its photo, of those that have one."""
    with box.store.read() as tx:
        return {shoe_id: _version(at) for shoe_id, at in photos.made(tx, runner_id).items()}


def photo(box: Box, runner_id: int, shoe_id: int) -> Photo:
    with box.store.read() as tx:
        found = photos.image(tx, runner_id, shoe_id)
    if found is None:
        raise NotThere("There is no such photo.")
    return Photo(found[0], _version(found[1]))


def _version(at: datetime) -> str:
    return f"{round(at.timestamp() * 1000):x}"


def small(raw: bytes) -> bytes:
    """The same photo as WebP: upright, at most 640 pixels long, below 60 kB, the picture alone.

    Raises UsageError where it is too large, or none."""
    if len(raw) > MOST_BYTES:
        raise UsageError(f"A photo may have {MOST_BYTES // 2**20} MB at most. Make it smaller first.")
    try:
        return _packed(_picture(raw))
    except BROKEN:
        raise UsageError(NO_PHOTO) from None


def _picture(raw: bytes) -> Image.Image:
    """Its pixels and nothing else: no place, no camera, no profile."""
    with Image.open(io.BytesIO(raw), formats=FORMATS) as checked:
        _refuse_huge(checked)
        checked.verify()
    with Image.open(io.BytesIO(raw), formats=FORMATS) as opened:
        opened.draft("RGB", (2 * SIDE, 2 * SIDE))
        upright = ImageOps.exif_transpose(opened)
        upright.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
        return _on_white(upright)


def _refuse_huge(image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise UsageError("That photo has more than 64 million pixels. Make it smaller first.")


def _on_white(image: Image.Image) -> Image.Image:
    clear = image.convert("RGBA")
    picture = Image.new("RGB", image.size, "white")
    picture.paste(clear, mask=clear.getchannel("A"))
    return picture


def _packed(picture: Image.Image) -> bytes:
    made = b""
    for side, quality in TRIES:
        picture.thumbnail((side, side), Image.Resampling.LANCZOS)
        kept = io.BytesIO()
        picture.save(kept, "WEBP", quality=quality, method=4)
        made = kept.getvalue()
        if len(made) < MOST_KEPT:
            break
    return made
