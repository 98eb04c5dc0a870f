"""The port of the decoders, and a recording with what it was made of."""

from dataclasses import dataclass
from typing import Protocol

from midsole.domain.activity import Recording
from midsole.domain.samples import Samples


class Decoder(Protocol):
    """Chosen by content. Raises BadInput for a broken file, NotAnActivity for a sound one of another kind."""

    name: str
    version: int

    def sniff(self, head: bytes) -> bool: ...

    def decode(self, raw: bytes) -> list[Recording]: ...


@dataclass(frozen=True, slots=True)
class Lap:
    """As the device told it: 0 metres or no end is what it did not tell; the end counts from 1970."""

    distance_m: float
    ended_s: float | None


@dataclass(frozen=True, slots=True)
class Leg:
    """A recording, and the samples and laps that it was made of."""

    recording: Recording
    samples: Samples
    laps: tuple[Lap, ...] = ()
