"""Words that give a sentence away as being of somebody's body."""

import re

_BODY = re.compile(
    r"\b(pain\w*|sore\w*|hurt\w*|ach(?:e|es|ing)|swell\w*|swollen|numb(?:ness)?|limp\w*|ill|sick\w*|injured|"
    r"amber|red flag\w*|clinician\w*|symptom\w*|check ins?|exercises?)\b"
)


def speak_of_the_body(words: str) -> bool:
    """A shoe or a source may be called so, too: a word too many hides or empties a message, and no more."""
    return _BODY.search(words.lower().replace("_", " ").replace("-", " ")) is not None
