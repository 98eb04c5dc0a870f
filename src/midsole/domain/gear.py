"""Which pair of an account is which pair here: brand and model of a free text, likeness, kind."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Protocol

from midsole.domain.shoes import Shoe

BRANDS = (
    *("361 Degrees", "Adidas", "Altra", "Anta", "Asics", "Atreyu", "Brooks", "Craft", "Decathlon", "Diadora"),
    *("Dynafit", "Hoka", "Inov-8", "Joma", "Kailas", "Kalenji", "Karhu", "Kiprun", "La Sportiva", "Li-Ning"),
    *("Lululemon", "Luna", "Merrell", "Mizuno", "Mount to Coast", "New Balance", "Newton", "Nike", "Nnormal"),
    *("Norda", "On", "Puma", "Reebok", "Salming", "Salomon", "Saucony", "Scarpa", "Scott", "Skechers"),
    *("Speedland", "The North Face", "Topo Athletic", "Tracksmith", "Under Armour", "Vibram", "Vivobarefoot"),
    *("Xero", "Xtep"),
)
ALSO_CALLED = {
    "Hoka One One": "Hoka",
    "361": "361 Degrees",
    "Topo": "Topo Athletic",
    "Xero Shoes": "Xero",
    "North Face": "The North Face",
    "Inov8": "Inov-8",
}
LONGEST_BRAND = 3
TYPO_FROM_LETTERS = 5
NO_TYPOS = frozenset({"ultra", "basics"})
"""Words of models that are one letter from a brand (Altra, Asics)."""
ON, CLOUD = "on", "cloud"

SAME, MAYBE, NO = "same", "maybe", "no"


def _letters(text: str) -> str:
    """Letters and digits only, without case and accents: names are compared by these."""
    return "".join(c for c in unicodedata.normalize("NFKD", text).casefold() if c.isalnum())


_BRAND_BY_LETTERS = {_letters(name): brand for name, brand in ALSO_CALLED.items()} | {
    _letters(brand): brand for brand in BRANDS
}


# ---- brand and model


@lru_cache(maxsize=1024)
def split_name(text: str) -> tuple[str | None, str | None]:
    """Brand and model of a free text; the brand is None where the text names none that is known.

    At the beginning one typo is allowed. What stands before a brand in the middle is no model."""
    words = text.split()
    for count in range(LONGEST_BRAND, 0, -1):
        if brand := _brand(words[:count], words[count:]):
            return brand, " ".join(words[count:]) or None
    for count in range(LONGEST_BRAND, 0, -1):
        if len(words) >= count and (brand := _misspelt(_letters("".join(words[:count])))):
            return brand, " ".join(words[count:]) or None
    return _within(words)


def _within(words: Sequence[str]) -> tuple[str | None, str | None]:
    for start in range(1, len(words)):
        for count in range(min(LONGEST_BRAND, len(words) - start), 0, -1):
            brand = _BRAND_BY_LETTERS.get(_letters("".join(words[start : start + count])))
            if brand is not None and brand != "On":
                return brand, " ".join(words[start + count :] or words[:start])
    return None, " ".join(words) or None


def _brand(words: Sequence[str], rest: Sequence[str]) -> str | None:
    """ "On" is also a plain word: it is the brand only before a Cloud."""
    letters = _letters("".join(words))
    if letters == ON and not (rest and _letters(rest[0]).startswith(CLOUD)):
        return None
    return _BRAND_BY_LETTERS.get(letters)


def _misspelt(letters: str) -> str | None:
    if letters in NO_TYPOS:
        return None
    near = {
        brand
        for name, brand in _BRAND_BY_LETTERS.items()
        if len(name) >= TYPO_FROM_LETTERS and _one_typo(name, letters)
    }
    return near.pop() if len(near) == 1 else None


def _one_typo(right: str, written: str) -> bool:
    """One letter too many, too few or another, or two that changed places."""
    if abs(len(right) - len(written)) > 1:
        return False
    same = next((n for n, (a, b) in enumerate(zip(right, written, strict=False)) if a != b), None)
    if same is None:
        return True
    a, b = right[same:], written[same:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


# ---- likeness


class Pair(Protocol):
    """A pair as the account tells it, from a source or from the store."""

    @property
    def external_id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def brand(self) -> str | None: ...
    @property
    def model(self) -> str | None: ...
    @property
    def first_used_on(self) -> date | None: ...
    @property
    def retired_on(self) -> date | None: ...


@dataclass(frozen=True, slots=True)
class Match:
    """The pair here that an account's pair is, or may be where it is not `sure`."""

    shoe_id: int
    sure: bool


def likeness(
    name: str,
    brand: str | None,
    model: str | None,
    shoe: Shoe,
    *,
    first_used_on: date | None = None,
    retired_on: date | None = None,
) -> str:
    """Whether both are one pair by their names; of one model worn one after the other are two pairs."""
    if _one_after_the_other(first_used_on, retired_on, shoe):
        return NO
    theirs = [name, f"{brand or ''} {model or ''}"]
    ours = [shoe.name, shoe.model or ""]
    if _keys(theirs) & _keys(ours):
        return SAME
    if _other_brand(theirs, ours):
        return NO
    their_models, our_models = [*map(_model, theirs), model or ""], [*map(_model, ours)]
    if _keys(their_models) & _keys(our_models):
        return SAME
    alike = (_part_of(a, b) for a in (*theirs, *their_models) for b in (*ours, *our_models))
    return MAYBE if any(alike) else NO


def _one_after_the_other(first_used_on: date | None, retired_on: date | None, shoe: Shoe) -> bool:
    shoe_from = shoe.first_used_on or shoe.bought_on
    ended_before = retired_on is not None and shoe_from is not None and retired_on < shoe_from
    began_after = (
        shoe.retired_on is not None and first_used_on is not None and shoe.retired_on < first_used_on
    )
    return ended_before or began_after


def _keys(names: Iterable[str]) -> set[str]:
    return {letters for name in names if (letters := _letters(name))}


def _model(name: str) -> str:
    return split_name(name)[1] or ""


def _other_brand(theirs: Iterable[str], ours: Iterable[str]) -> bool:
    mine, yours = ({brand for name in names if (brand := split_name(name)[0])} for names in (ours, theirs))
    return bool(mine and yours and not mine & yours)


def _part_of(a: str, b: str) -> bool:
    """All words of one are words of the other, and not only numbers."""
    one, other = ({letters for word in name.split() if (letters := _letters(word))} for name in (a, b))
    few, many = sorted((one, other), key=len)
    return few <= many and any(not word.isdigit() for word in few)


def match(pairs: Iterable[Pair], shoes: Iterable[Shoe]) -> dict[str, Match]:
    """Each pair's shoe by the pair's id, at most one pair a shoe; sure only where nothing else is the same.

    Where several may be it, the earlier used are laid together."""
    theirs = sorted(pairs, key=lambda p: (p.first_used_on or date.max, p.external_id))
    ours = sorted(shoes, key=lambda s: (s.first_used_on or s.bought_on or date.max, s.id))
    like = {(p.external_id, s.id): _like(p, s) for p in theirs for s in ours}
    found: dict[str, Match] = {}
    for wanted in (SAME, MAYBE):
        edges = [edge for edge in like if like[edge] == wanted]
        for gear_id, shoe_id in edges:
            if gear_id not in found and shoe_id not in {m.shoe_id for m in found.values()}:
                sure = wanted == SAME and _is_only((gear_id, shoe_id), edges)
                found[gear_id] = Match(shoe_id, sure)
    return found


def may_be(pairs: Iterable[Pair], shoes: Iterable[Shoe]) -> dict[str, Match]:
    """As `match`, and every other pair that is like one of the shoes: nobody knows which of them it is."""
    theirs, ours = list(pairs), list(shoes)
    found = match(theirs, ours)
    taken = {m.shoe_id for m in found.values() if m.sure}
    free = sorted((s for s in ours if s.id not in taken), key=lambda s: s.id)
    for pair in (p for p in theirs if p.external_id not in found):
        like = {_like(pair, shoe): shoe.id for shoe in reversed(free)}
        if shoe_id := like.get(SAME) or like.get(MAYBE):
            found[pair.external_id] = Match(shoe_id, sure=False)
    return found


def _like(pair: Pair, shoe: Shoe) -> str:
    dates = {"first_used_on": pair.first_used_on, "retired_on": pair.retired_on}
    return likeness(pair.name, pair.brand, pair.model, shoe, **dates)


def _is_only(edge: tuple[str, int], edges: Iterable[tuple[str, int]]) -> bool:
    return all(other == edge or (other[0] != edge[0] and other[1] != edge[1]) for other in edges)


# ---- kind

SHORT_WORD_LETTERS = 5
WORDS_BY_KIND = {
    "minimal": (
        *("barefoot", "fivefingers", "five fingers", "vapor glove", "trail glove", "minimus", "xero"),
        *("vivobarefoot", "luna"),
    ),
    "trail": (
        *("trail", "speedgoat", "peregrine", "lone peak", "olympus", "timp", "superior", "cascadia"),
        *("caldera", "catamount", "speedcross", "sense ride", "ultra glide", "genesis", "s lab", "slab"),
        *("wildhorse", "terra kiger", "zegama", "ultrafly", "hierro", "trabuco", "mafate", "challenger"),
        *(
            "torrent",
            "zinal",
            "tecton",
            "xodus",
            "terrex",
            "agravic",
            "mutant",
            "bushido",
            "akasha",
            "jackal",
        ),
        *("fuji", "mtl", "mt 10", "ultraventure", "mtn racer", "mudclaw", "trailfly", "daichi", "akyra"),
        *("la sportiva", "inov 8", "inov8", "norda", "nnormal", "scarpa", "dynafit", "speedland", "kailas"),
    ),
    "racing": (
        *("vaporfly", "alphafly", "metaspeed", "adios pro", "adizero prime x", "endorphin pro"),
        *("endorphin elite", "rocket x", "cielo x", "rc elite", "sc elite", "deviate nitro elite", "fast r"),
        *("wave rebellion pro", "hyperion elite", "cloudboom echo", "cloudboom strike", "streakfly"),
        *("takumi sen", "dragonfly", "carbon x", "velociti elite", "vanish carbon", "kd900x", "160x"),
        *("racing", "racer", "spikes", "evo 1"),
    ),
    "tempo": (
        *(
            "tempo",
            "endorphin speed",
            "zoom fly",
            "zoomfly",
            "boston",
            "magic speed",
            "noosa",
            "mach",
            "rebel",
        ),
        *("rincon", "kinvara", "hyperion", "deviate nitro", "adios", "evo sl", "wave rebellion", "streak"),
        *("cloudflow", "cloudtempo", "velociti", "pegasus turbo", "pegasus plus", "speed"),
    ),
    "walking": ("walking", "walk", "hiking", "hike"),
}
"""Well-known words by domain.shoes' kinds, the first that fits; other pairs are daily trainers."""


def kind_of(brand: str | None, model: str | None) -> str:
    """A guess by what the pair is called."""
    words = f"{brand or ''} {model or ''}".casefold()
    said = f" {' '.join(''.join(c if c.isalnum() else ' ' for c in words).split())} "
    fits = (kind for kind, known in WORDS_BY_KIND.items() if any(_says(said, word) for word in known))
    return next(fits, "daily")


def _says(said: str, word: str) -> bool:
    """Long names are written together with what follows (Vaporflynext), short ones stand alone."""
    return f" {word}" in said if len(word) > SHORT_WORD_LETTERS else f" {word} " in said
