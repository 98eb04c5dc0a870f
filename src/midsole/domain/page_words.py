"""What is written for who types commands, said on a page, where a form or a button stands for them."""

import re

ON_A_PAGE = (
    (r" To (?:connect it|begin again), type midsole [\w -]+?\.", ""),
    (r" Type midsole [\w -]+? --code CODE\.", " Enter it to go on."),
    (r" Log in again with midsole connect garmin\.", " Log in again."),
    (r" and give it to midsole connect garmin-personal\.", " and enter it."),
    (r" Begin (again )?with `midsole [\w -]+`\.", r" Begin \1with e-mail and password."),
    (
        r" The first sync begins with `midsole run`, or now: midsole sync\.",
        " The first look begins within half a minute, where the worker runs.",
    ),
)
"""The words for the next step in a terminal, and those on a page."""
COMMAND = re.compile(r"(?:^|(?<=[.:]))[^.:`]*`midsole[^`]*`[^.]*\.?")
"""The part of a text that names a command to type."""


def on_a_page(words: str) -> str:
    """The same without commands to type; unchanged where nothing else is said."""
    for terminal, page in ON_A_PAGE:
        words = re.sub(terminal, page, words)
    return COMMAND.sub("", words).strip() or words
