"""What a channel is: it takes a frozen mail to one address, or raises Retry or NeedsRunner."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """A mail before it is frozen; both parts say the same numbers."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where it went, in a few words for the log."""

    detail: str


class Channel(Protocol):
    def send(self, eml: bytes, to: str) -> Receipt:
        """Returns once the other side has taken the mail; the same bytes twice carry the same Message-ID."""
        ...
