"""Our own charts: SVG drawn on the server by pure functions, with a table beside each.

Every function returns the whole `<figure>` (or `<svg>`) as Markup; show it as it is: `{{ chart }}`. `name`
is unique on its page (it begins the ids), `title` says what is drawn, `desc` what one sees in it, with the
numbers that matter. Values are SI; the Axis says how they are read. A value that is None is unknown and
drawn as such; zero is zero. The table beside it is the page's.

    from midsole.web.charts.scale import Axis, distance_axis
    from midsole.web.charts.bars import Bar, bars
    from midsole.web.charts.lines import Point, line
    from midsole.web.charts.months import Month, months
    from midsole.web.charts.wear import wear_bar

    distance_axis(units) -> Axis                # metres as km or mi; Axis(unit="min", per=60.0) for others

    bars(items: Sequence[Bar], *, name, title, desc, axis, value_words="", mean_words="", cap_words="",
         unfinished_words="", height=190) -> Markup
        Bar(label, value, said, mean=None, cap=None, unfinished=False)
        label: "2 Nov", under some of the bars; said: the tooltip; mean: the line; cap: the mark across
        the bar; unfinished: hatched. The ..._words name what is drawn in the key; empty: not in the key.

    line(points: Sequence[Point], *, name, title, desc, axis, value_words="", band_words="", limit=None,
         limit_words="", above_words="", joined=True, stepped=False, today=None, height=190) -> Markup
        Point(on: date, value, said="", low=None, high=None, above=False)
        low..high: the band; above: drawn as a triangle; joined=False: dots alone; stepped: the band in steps.

    months(items: Sequence[Month], *, name, title, desc, axis) -> Markup
        Month(first: date, value, said, unfinished=False)

    wear_bar(used: float, *, label, ahead=None, low=0.7) -> Markup
        used: 0.8 is 80 % of the limit; ahead: where it will be by the forecast, hatched (0.95);
        label: the sentence that says the numbers.
"""
