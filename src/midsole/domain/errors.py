"""The errors at the program's edges, and the one that a person reads."""

from datetime import timedelta


class MidsoleError(Exception):
    """What went wrong in one or two sentences, with the way out."""


class Retry(MidsoleError):
    """It may work later; `after` is the other side's own wish, if it named one."""

    def __init__(self, why: str, after: timedelta | None = None) -> None:
        super().__init__(why)
        self.after = after


class Unreachable(Retry):
    """The whole place can't be reached now, so nothing more of it can be had in this look."""


class RateLimited(Unreachable):
    """The other side wants fewer requests; `after` is when it may be asked again, if it said so."""


class NeedsRunner(MidsoleError):
    """Only the runner can mend it: log in again, correct the address."""


class AddressRefused(NeedsRunner):
    """The server says for good that nobody lives at this address."""


class MailRefused(NeedsRunner):
    """The server says for good that it won't have this mail; another one may pass."""


class BadInput(MidsoleError):
    """Kept, marked and shown; tried again only when the decoder's version changes."""


class NotAnActivity(BadInput):
    """A sound file of another kind (course, settings, weight): kept and ignored."""


class UsageError(MidsoleError):
    """What the person asked for can't be: exit code 2."""


class NotThere(UsageError):
    """No such thing of this runner's; somebody else's is told by the same words."""
