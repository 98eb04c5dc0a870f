"""The port of the decoders."""

from typing import Protocol

from midsole.domain.activity import Recording


class Decoder(Protocol):
    """Chosen by content. Raises BadInput for a broken file, NotAnActivity for a sound one of another kind."""

    name: str
    version: int

    def sniff(self, head: bytes) -> bool: ...

    def decode(self, raw: bytes) -> list[Recording]: ...
