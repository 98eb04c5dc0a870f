"""What an action says to whoever types commands, said on a page."""

import re

from midsole.domain.errors import UsageError

COMMAND = re.compile(r"(?:^|(?<=[.:]))[^.:`]*`midsole[^`]*`[^.]*\.?")
"""The part of a text that names a command to type."""


def on_page(error: UsageError) -> UsageError:
    """The same error without the commands in it: the page has buttons for them."""
    said = COMMAND.sub("", str(error)).strip()
    return type(error)(said) if said and said != str(error) else error
