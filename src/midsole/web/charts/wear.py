"""How worn a thing is, against its limit, and where the forecast takes it."""

from markupsafe import Markup

MOST = 1.25
"""Of the limit, at the right end."""


def wear_bar(used: float, *, label: str, ahead: float | None = None, low: float = 0.7) -> Markup:
    """The used part filled, the foreseen part outlined; a mark at 70 % and a stronger one at the limit."""
    kind = "over" if used >= 1 else "near" if used >= low else "fine"
    inside = [
        '<rect class="track" x="0" y="2" width="100%" height="10" rx="3"/>',
        _ahead(used, ahead) if ahead is not None else "",
        f'<rect class="{kind}" x="0" y="2" width="{_across(used)}%" height="10" rx="3"/>',
        f'<line class="low" x1="{_across(low)}%" x2="{_across(low)}%" y1="2" y2="12"/>',
        f'<line class="full" x1="{_across(1)}%" x2="{_across(1)}%" y1="0" y2="14"/>',
    ]
    drawn = Markup("".join(inside))  # noqa: S704  numbers alone
    return Markup(
        '<svg class="wearbar" width="100%" height="14" role="img"><title>{}</title>{}</svg>'
    ).format(label, drawn)


def _ahead(used: float, ahead: float) -> str:
    left, right = _across(used), _across(ahead)
    return f'<rect class="ahead" x="{left}%" y="3" width="{round(max(right - left, 0), 2)}%" height="8"/>'


def _across(fraction: float) -> float:
    return round(min(max(fraction, 0.0), MOST) / MOST * 100, 2)
