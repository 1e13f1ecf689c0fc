"""Rates, intervals, positions and percentages in whole numbers and fractions.

Only the exact limits below ten events and Byar's are worked out in floating point, as their formulas are
(Dobson and others, 1991; Breslow and Day, 1987): compared to a thousandth.
"""

import csv
import math
import tomllib
from fractions import Fraction

from .home import ROOT

# The 97.5 % point of the normal distribution.
Z = 1.959963984540054


def residents():
    """Residents of each district by its code."""
    with (ROOT / "config" / "populations.csv").open(newline="", encoding="utf-8") as file:
        return {row["code"]: int(row["residents"]) for row in csv.DictReader(file)}


def definitions(config=None):
    """Partnership and measures (by id), as the files say them."""
    folder = config or ROOT / "config"
    partnership = tomllib.loads((folder / "partnership.toml").read_text(encoding="utf-8"))
    measures = tomllib.loads((folder / "measures.toml").read_text(encoding="utf-8"))
    return partnership, {measure["id"]: measure for measure in measures["measure"]}


def rate(events, people):
    """Events per 1,000 residents."""
    return Fraction(events * 1000, people)


def thousandths(fraction):
    """To three decimals, half away from zero, as a float; a tie would have to be looked at by hand."""
    scaled = fraction * 1000
    whole = math.floor(scaled + Fraction(1, 2))
    return float(Fraction(whole, 1000))


def tenths_of_percent(now, before):
    """Change in percent of the base to one decimal, half away from zero; none on a base under 20."""
    if before < 20:
        return None
    scaled = Fraction(abs(now - before) * 1000, before)
    whole = math.floor(scaled + Fraction(1, 2))
    return float(Fraction(whole if now >= before else -whole, 10))


def positions(rates, higher_is_better=False):
    """{area: place} from {area: fraction}: the best first, equal rates share the better place."""
    sign = -1 if higher_is_better else 1
    ordered = sorted(sign * value for value in rates.values())
    return {area: ordered.index(sign * value) + 1 for area, value in rates.items()}


def interval(events, people):
    """95 % limits of the rate per 1,000: Byar's from ten events on, exact Poisson limits below."""
    if events >= 10:
        lower = events * (1 - 1 / (9 * events) - Z / (3 * math.sqrt(events))) ** 3
        more = events + 1
        upper = more * (1 - 1 / (9 * more) + Z / (3 * math.sqrt(more))) ** 3
    else:
        lower = 0.0 if events == 0 else mean_at(lambda mean: 1 - at_most(events - 1, mean), 0.025)
        upper = mean_at(lambda mean: 1 - at_most(events, mean), 0.975)
    return lower * 1000 / people, upper * 1000 / people


def at_most(events, mean):
    """P(X <= events) of a Poisson variable."""
    return math.exp(-mean) * sum(mean**k / math.factorial(k) for k in range(events + 1))


def mean_at(rising, wanted):
    """The mean at which a rising function has the wanted value."""
    low, high = 0.0, 100.0
    while high - low > 1e-12:
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < wanted else (low, middle)
    return low
