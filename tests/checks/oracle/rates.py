"""Compares indicators with counts: value, rate, its limits, position, peers' average, for every area."""

from fractions import Fraction

from . import arithmetic


def compare(tally, where, indicators, measure, counts, people, peers, peers_label, months=None):
    """`counts` and `people` by area; `peers` are the areas a position is among. With `months`, the counts are about
    those twelve months and not about the period asked for, which has no figure of its own."""
    rates = {area: arithmetic.rate(count, people[area]) for area, count in counts.items()}
    whole = all(area in counts for area in peers)
    higher = measure["polarity"] == "higher-is-better"
    places = arithmetic.positions({area: rates[area] for area in peers}, higher) if whole else {}
    average = sum((rates[area] for area in peers), Fraction(0)) / len(peers) if whole else None
    for area, count in counts.items():
        at = f"{where} {measure['id']} {area}"
        row = indicators.get((measure["id"], area))
        if row is None:
            tally.holds(at, False, "no indicator")
            continue
        tally.same(f"{at} value", row["value"], None if months else count)
        if months:
            tally.same(f"{at} rolling_12_months", row["rolling_12_months"], count)
            tally.same(f"{at} rate_period", row["rate_period"], months)
        tally.same(f"{at} rate", row["rate_per_1000"], arithmetic.thousandths(rates[area]))
        for name, limit in zip(("rate_lower", "rate_upper"), arithmetic.interval(count, people[area]), strict=True):
            got = row[name]
            tally.holds(f"{at} {name}", got is not None and abs(got - limit) <= 0.0005 + 1e-9, f"{got}, should be {limit}")
        among = area in places
        tally.same(f"{at} position", row["position"], places[area] if among else None)
        tally.same(f"{at} position_of", row["position_of"], len(peers) if among else None)
        tally.same(f"{at} peers", row["peers"], peers_label if among else None)
        tally.same(f"{at} peer average", row["peer_average"], arithmetic.thousandths(average) if among else None)
