"""A channel that remembers what it was given, or fails as told."""

from dataclasses import dataclass, field

from midsole.deliver.base import Receipt
from midsole.domain.errors import MidsoleError


@dataclass
class FakeChannel:
    """`failures` are raised one after the other before anything is taken."""

    failures: list[MidsoleError] = field(default_factory=list)
    sent: list[tuple[str, bytes]] = field(default_factory=list)

    def send(self, eml: bytes, to: str) -> Receipt:
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append((to, eml))
        return Receipt("fake")
