"""Photos of pairs: upright, small, without what a camera adds; and what is no photo is refused."""

import io
import random
import struct
import zlib

import pytest
from PIL import Image

from midsole.actions.photos import MOST_BYTES, MOST_KEPT, SIDE, small
from midsole.domain.errors import UsageError

RED, BLUE = (200, 20, 20), (20, 20, 200)


def two_halves(size: tuple[int, int] = (1200, 900)) -> Image.Image:
    """Red on the left, blue on the right."""
    made = Image.new("RGB", size, RED)
    made.paste(BLUE, (size[0] // 2, 0, *size))
    return made


def packed(image: Image.Image, kind: str = "JPEG", **how: object) -> bytes:
    kept = io.BytesIO()
    image.save(kept, kind, **how)
    return kept.getvalue()


def opened(raw: bytes) -> Image.Image:
    return Image.open(io.BytesIO(raw))


def noise(side: int) -> Image.Image:
    return Image.frombytes("RGB", (side, side), random.Random(1).randbytes(3 * side * side))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_becomes_a_webp_of_at_most_640_pixels(kind: str) -> None:
    made = opened(small(packed(two_halves(), kind)))
    assert (made.format, made.size) == ("WEBP", (SIDE, 480))


def test_a_small_photo_is_not_blown_up() -> None:
    assert opened(small(packed(two_halves((80, 60))))).size == (80, 60)


def test_a_photo_that_was_taken_sideways_stands_upright_and_tells_no_place() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter to the right
    exif[0x010F] = "Camera of somebody"
    exif.get_ifd(0x8825)[1] = "N"
    raw = small(packed(two_halves(), exif=exif, icc_profile=b"profile of a screen", comment=b"at home"))
    made = opened(raw)
    assert made.size == (480, SIDE)
    top, bottom = made.convert("RGB").getpixel((240, 40)), made.convert("RGB").getpixel((240, 600))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > top[2]
    assert bottom[2] > bottom[0]
    assert not made.getexif()
    assert not {"exif", "icc_profile", "xmp", "comment"} & made.info.keys()
    assert not any(word in raw for word in (b"Camera", b"profile", b"EXIF", b"at home"))


def test_the_hardest_photo_stays_below_60_kb() -> None:
    assert len(small(packed(noise(700), "PNG"))) < MOST_KEPT


def test_what_is_transparent_is_white() -> None:
    made = opened(small(packed(Image.new("RGBA", (50, 50), (0, 0, 0, 0)), "PNG"))).convert("RGB")
    assert made.getpixel((25, 25)) == (255, 255, 255)


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def bomb(width: int, height: int) -> bytes:
    """A PNG of that size in a few bytes."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"%PDF-1.7",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\x00\x00\x00\x18ftypheic" + bytes(200),
        packed(two_halves())[:900],
        packed(two_halves(), "PNG")[:200],
        packed(two_halves(), "GIF"),
        bomb(9_000, 9_000),
        bomb(60_000, 60_000),
        bomb(100, 100),
    ],
    ids=["empty", "pdf", "svg", "heic", "cut", "cut png", "gif", "81 MP", "3600 MP", "too few rows"],
)
def test_what_is_no_sound_photo_of_a_usual_size_is_refused_in_words(raw: bytes) -> None:
    with pytest.raises(UsageError, match="photo"):
        small(raw)


def test_more_than_8_mb_are_refused_before_they_are_read() -> None:
    with pytest.raises(UsageError, match="8 MB at most"):
        small(bytes(MOST_BYTES + 1))
