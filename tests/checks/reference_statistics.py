#!/usr/bin/env python3
"""Compares the table of reference statistics with what scipy, statsmodels and numpy compute anew.

    tests/checks/reference_statistics.py                                          # compares; exits 1 at any difference beyond 1e-9
    tests/checks/reference_statistics.py --write crates/analysis/tests/reference.tsv    # writes the table anew

The crate `analysis` holds itself against every row of that table, so what agrees here and there was computed twice, by
code that has nothing in common: exact Poisson limits by chi-square quantiles, shares by statsmodels, two counts by
scipy's exact binomial test, control charts in fractions, funnels and seasons in numpy. Where there are two ways to a
figure, both are taken here and must agree before a row is written.

A row is a function, its inputs and its outputs, each `name=value`; figures have 12 significant digits. Series and areas
are drawn from Python's own generator with fixed seeds, so that they are the same everywhere.

Needs numpy, scipy and statsmodels; no network.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# This file has the name of a module that others import: they shall find Python's.
sys.path[:] = [place for place in sys.path if Path(place or ".").resolve() != HERE]

import argparse
import math
import random
import re
from fractions import Fraction

import numpy as np
from scipy.stats import binomtest, chi2, norm
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.rates import confint_poisson

TABLE = HERE.parent.parent / "crates/analysis/tests/reference.tsv"
TOLERANCE = 1e-9
SHOWN_MAX = 10
ALPHA = {"95": 0.05, "99.8": 0.002}
HEADER = "function\tinputs\toutputs"


def z_of(confidence):
    return float(norm.ppf(1 - ALPHA[confidence] / 2))


def close(left, right, tolerance=TOLERANCE):
    return left == right or abs(left - right) <= tolerance * max(abs(left), abs(right))


def agreed(left, right, what, tolerance=TOLERANCE):
    """Two ways to one figure."""
    if not close(left, right, tolerance):
        sys.exit(f"{what}: two ways, two results: {left!r} and {right!r}")
    return left


# --- Texts -----------------------------------------------------------------------------------------------------------


def text(value):
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "-"
    if isinstance(value, (list, tuple)):
        return ",".join(text(part) for part in value) or "-"
    if isinstance(value, int):
        return str(value)
    return f"{float(value):.12g}"


def pairs(named):
    return " ".join(f"{name.replace('_', '-')}={text(value)}" for name, value in named.items())


def row(function, inputs, outputs):
    return f"{function}\t{pairs(inputs)}\t{pairs(outputs)}"


# --- Counts, shares, two counts --------------------------------------------------------------------------------------


def exact_interval(events, confidence):
    alpha = ALPHA[confidence]
    lower = float(chi2.ppf(alpha / 2, 2 * events)) / 2 if events else 0.0
    upper = float(chi2.isf(alpha / 2, 2 * events + 2)) / 2
    if events:
        # statsmodels takes the quantiles of the gamma distribution, for a rate.
        other = confint_poisson(events, 1, method="exact-c", alpha=alpha)
        agreed(lower, float(other[0]), f"exact, {events}")
        agreed(upper, float(other[1]), f"exact, {events}")
    return lower, upper


def byar_interval(events, confidence):
    if events < 10:
        return exact_interval(events, confidence)
    z = z_of(confidence)
    above = events + 1
    lower = events * (1 - 1 / (9 * events) - z / (3 * math.sqrt(events))) ** 3
    upper = above * (1 - 1 / (9 * above) + z / (3 * math.sqrt(above))) ** 3
    # The formula stands in for the exact limits: a slip of the pen in it would be further off than this.
    exact = exact_interval(events, confidence)
    reach = 0.1 if confidence == "99.8" else 0.02
    if abs(lower - exact[0]) > reach or abs(upper - exact[1]) > reach:
        sys.exit(f"Byar, {events}: {lower}, {upper} is far from {exact}")
    return lower, upper


def interval_rows():
    counts = [*range(0, 13), 15, 20, 25, 30, 40, 50, 75, 100, 150, 200, 331, 402, 500, 1000, 2500, 9021, 10_000, 54_321]
    counts += [100_000, 999_999, 1_234_567, 5_000_000, 9_999_999, 10_000_000]
    for confidence in ALPHA:
        for events in counts:
            lower, upper = byar_interval(events, confidence)
            yield row("count-interval", {"events": events, "confidence": confidence}, {"lower": lower, "upper": upper})
            lower, upper = exact_interval(events, confidence)
            yield row("exact-interval", {"events": events, "confidence": confidence}, {"lower": lower, "upper": upper})


def share_rows():
    rng = random.Random(1)
    cases = [(0, 1), (1, 1), (0, 20), (20, 20), (1, 20), (10, 20), (81, 263), (15, 148), (1, 10_000_000), (3, 7)]
    while len(cases) < 45:
        whole = int(10 ** (1 + 6 * rng.random()))
        cases.append((int(rng.random() ** 2 * (whole + 1)), whole))
    for confidence in ALPHA:
        z = z_of(confidence)
        for part, whole in cases:
            lower, upper = (float(end) for end in proportion_confint(part, whole, ALPHA[confidence], method="wilson"))
            centre = (part + z * z / 2) / (whole + z * z)
            reach = z / (whole + z * z) * math.sqrt(part * (whole - part) / whole + z * z / 4)
            agreed(upper, centre + reach, f"Wilson, {part} of {whole}")
            if part == 0:
                lower = 0.0
            else:
                agreed(lower, centre - reach, f"Wilson, {part} of {whole}")
            if part == whole:
                upper = agreed(1.0, upper, "Wilson of all")
            inputs = {"part": part, "whole": whole, "confidence": confidence}
            yield row("share", inputs, {"fraction": part / whole, "lower": lower, "upper": upper})


def binomial_by_definition(now, before, exposure_now, exposure_before):
    """In whole numbers, so that outcomes are exactly as likely as each other or not."""
    one, other = Fraction(exposure_now), Fraction(exposure_before)
    scale = math.lcm(one.denominator, other.denominator)
    one, other = int(one * scale), int(other * scale)
    total = now + before
    weights = [math.comb(total, k) * one**k * other ** (total - k) for k in range(total + 1)]
    return Fraction(sum(weight for weight in weights if weight <= weights[now]), (one + other) ** total)


def two_counts_cases():
    rng = random.Random(2)
    cases = [(402, 331), (30, 20), (5, 12), (0, 5), (5, 0), (0, 0), (1, 0), (7, 7), (8, 7), (450, 331), (331, 450)]
    cases = [(now, before, 91.0, 91.0) for now, before in cases]
    # A leap year's quarter, half a year against a year, a district against a county.
    cases += [(402, 331, 91.0, 90.0), (30, 20, 90.0, 91.0), (12, 40, 182.0, 365.0), (402, 9021, 11e6, 145e6), (0, 40, 1.0, 3.0)]
    cases += [(0, 250, 91.0, 91.0), (10, 300, 91.0, 91.0), (40, 420, 91.0, 91.0), (900, 100, 91.0, 91.0), (0, 900, 90.0, 92.0)]
    while len(cases) < 90:
        rate = 10 ** (3 * rng.random())
        now, before = poisson(rng, rate), poisson(rng, rate * (0.7 + 0.6 * rng.random()))
        cases.append((now, before, 91.0, rng.choice([91.0, 90.0, 92.0, 365.0])))
    for total in (20_000, 300_000, 2_000_000, 10_000_000):
        for shift in (0, 0.5, 1, 2, 3.3, 8, 19):
            now = int(total / 2 - shift * math.sqrt(total) / 2)
            cases.append((now, total - now, 91.0, 91.0))
            now = int(total / 4 + shift * math.sqrt(total * 3 / 16))
            cases.append((now, total - now, 30.5, 91.5))
        cases.append((3, total - 3, 1.0, float(total // 3)))
        cases.append((12, total - 12, 1.0, float(total // 3)))
    return cases


def two_counts_rows():
    for now, before, exposure_now, exposure_before in two_counts_cases():
        total = now + before
        chance = exposure_now / (exposure_now + exposure_before)
        p = float(binomtest(now, total, chance).pvalue) if total else 1.0
        if total <= 1000:
            # The chance is a rounded number in scipy; the definition here knows the exposures themselves.
            agreed(p, float(binomial_by_definition(now, before, exposure_now, exposure_before)), f"{now}, {before}", 1e-10)
        word = "exception" if p < 0.002 else "watch" if p < 0.05 else "no-clear-change"
        inputs = {"now": now, "before": before, "exposure_now": exposure_now, "exposure_before": exposure_before}
        yield row("two-counts", inputs, {"p": p, "evidence": word})


def poisson(rng, mean):
    """By its definition: how many intervals of an exponential clock fit into one."""
    count, clock = 0, -math.log(1 - rng.random())
    while clock < mean:
        count += 1
        clock -= math.log(1 - rng.random())
    return count


# --- Control charts, in fractions ------------------------------------------------------------------------------------


def limits_of(setting, screening):
    mean = Fraction(sum(setting), len(setting))
    ranges = [abs(now - before) for before, now in zip(setting, setting[1:])]
    average = Fraction(sum(ranges), len(ranges))
    if screening:
        ranges = [size for size in ranges if size < Fraction(3267, 1000) * average]
        average = Fraction(sum(ranges), len(ranges)) if ranges else Fraction(0)
    return mean, Fraction(266, 100) * average


def sign(number):
    return (number > 0) - (number < 0)


def runs(marks, length):
    """Indices that are in a run of equal marks, none of them 0, of at least this length."""
    inside, start = set(), 0
    for index in range(1, len(marks) + 1):
        if index == len(marks) or marks[index] != marks[start]:
            if marks[start] != 0 and index - start >= length:
                inside.update(range(start, index))
            start = index
    return inside


def flags_of(points, mean, reach):
    """Point by point: the sign of what it shows, and the rule."""
    sides = [sign(point - mean) for point in points]
    outside = [abs(point - mean) > reach for point in points]
    near = [not out and abs(point - mean) > reach * Fraction(2, 3) for point, out in zip(points, outside)]
    steps = [sign(now - before) for before, now in zip(points, points[1:])]
    trending = runs(steps, 6) if steps else set()
    shifted = runs(sides, 7)
    flags = []
    for index in range(len(points)):
        # A point is part of the step to it and of the step from it; the later one goes before.
        trend = next((steps[step] for step in (index, index - 1) if step in trending), 0)
        triples = [range(first, first + 3) for first in range(index - 2, index + 1) if first >= 0 and first + 3 <= len(points)]
        close_by = near[index] and any(
            sum(near[other] for other in triple) >= 2 and abs(sum(sides[other] for other in triple)) == 3 for triple in triples
        )
        if outside[index]:
            flags.append((sides[index], "O"))
        elif trend:
            flags.append((trend, "T"))
        elif close_by:
            flags.append((sides[index], "N"))
        elif index in shifted:
            flags.append((sides[index], "S"))
        else:
            flags.append((0, "."))
    return flags


def letters(flags):
    return "".join({0: ".", 1: "H", -1: "L"}[state] for state, _ in flags), "".join(rule for _, rule in flags)


def series(rng):
    """Months as they come: level, with steps, trends and outliers, small and large."""
    length = 7 + int(rng.random() * 34)
    level = 2 + 60 * rng.random() ** 2
    step_at, step = int(rng.random() * length), rng.choice([1, 1, 1.4, 0.6])
    slope = rng.choice([0, 0, 0, 0.03, -0.015])
    values = []
    for month in range(length):
        mean = level * (step if month >= step_at else 1) * math.exp(slope * month)
        values.append(poisson(rng, mean))
    if rng.random() < 0.3:
        values[int(rng.random() * length)] += 4 * int(level) + 5
    return values


PUBLISHED = [1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]
DRAWN_UP = [
    PUBLISHED,
    [5] * 12,
    [1, 2, 3, 4, 5, 6, 7, 6, 5, 4, 3, 2, 1],
    [1, 9, 1, 9, 3, 4, 5, 6, 7, 8, 9, 8, 7, 6, 5, 4, 3],
    # A rise, the same figure once more, and a fall: the rise's last point is no part of the fall.
    [9, 2, 9, 1, 9, 2, 3, 4, 5, 6, 7, 8, 8, 7, 6, 5, 4, 3, 2, 9],
    [3, 4, 2, 5, 4, 2, 3, 7, 6, 8, 5, 6, 8, 7],
    [9, 11, 9, 11, 9, 11, 9, 11, 9, 11, 9, 11, 20, 15, 11, 15, 9, 14, 14],
]


def xmr_rows():
    rng = random.Random(3)
    for values in DRAWN_UP + [series(rng) for _ in range(40)] + [[3, 8], [8, 3, 3]]:
        mean, reach = limits_of(values, True)
        states, rules = letters(flags_of(values, mean, reach))
        outputs = {"mean": mean, "lower": mean - reach, "upper": mean + reach, "states": states, "rules": rules}
        yield row("xmr", {"values": values}, outputs)


def chart_rows():
    rng = random.Random(4)
    cases = [(values, None, [], screening) for values in DRAWN_UP for screening in (True, False)]
    cases += [(DRAWN_UP[-1], 12, [], True), (PUBLISHED, 6, [], True), (PUBLISHED[:6], None, [], True), (PUBLISHED, 8, [10], False)]
    while len(cases) < 70:
        values = series(rng)
        rebases = sorted({1 + int(rng.random() * len(values)) for _ in range(rng.choice([0, 0, 1, 2]))})
        cases.append((values, rng.choice([None, None, 7, 10, 12, 15]), rebases, rng.random() < 0.5))
    for values, baseline, rebases, screening in cases:
        segments, states, rules = [], "", ""
        starts = [0, *(start for start in rebases if start < len(values)), len(values)]
        for start, end in zip(starts, starts[1:]):
            points = values[start:end]
            setting = points[: len(points) if baseline is None else baseline]
            if len(setting) < 7:
                states, rules = states + "_" * len(points), rules + "_" * len(points)
                continue
            mean, reach = limits_of(setting, screening)
            firm = "trial" if len(setting) < 12 else "firm"
            segments.append(":".join([str(start), *map(text, (mean, mean - reach, mean + reach)), firm]))
            found = letters(flags_of(points, mean, reach))
            states, rules = states + found[0], rules + found[1]
        inputs = {"values": values, "baseline": baseline, "rebases": rebases, "screening": screening}
        outputs = {"segments": segments, "states": states, "rules": rules} if segments else {"segments": "none"}
        yield row("chart", inputs, outputs)


def assurance_rows():
    rng = random.Random(5)
    for _ in range(10):
        values = series(rng)
        mean, reach = limits_of(values, True)
        for target in (mean - reach - 1, mean, mean + reach + 1):
            for polarity, sense in (("higher-is-better", 1), ("lower-is-better", -1), ("neutral", 0)):
                beyond = sign(target - (mean + reach)) + sign(target - (mean - reach))  # 2, 0 or -2
                word = {0: "hit-and-miss", 1: "fails", -1: "passes"}[sense * beyond // 2] if sense else "-"
                inputs = {"values": values, "target": target, "polarity": polarity}
                yield row("assurance", inputs, {"assurance": word})


# --- Seasons and funnels, in numpy -----------------------------------------------------------------------------------


def seasonal_rows():
    rng = random.Random(6)
    for _ in range(30):
        length = 24 + int(rng.random() * 37)
        level, swing, slope = 3 + 60 * rng.random(), rng.choice([0, 0, 0.2, 0.5]), rng.choice([0, 0.01, -0.01])
        values = [
            poisson(rng, level * math.exp(slope * month) * (1 + swing * math.sin(math.tau * (month + 2) / 12)))
            for month in range(length)
        ]
        months, times = np.array(values, float), np.arange(length)
        rest = months - np.polyval(np.polyfit(times, months, 1), times)
        correlation = float(np.correlate(rest, rest, "full")[length - 1 + 12] / np.dot(rest, rest))
        bound = z_of("95") * math.sqrt((length - 12) / (length * (length + 2)))
        is_seasonal = correlation > bound
        fit = "rare" if months.mean() < 5 else "seasonal" if is_seasonal else "months"
        outputs = {"correlation": correlation, "bound": bound, "seasonal": is_seasonal, "fit": fit}
        yield row("seasonal", {"values": values}, outputs | {"differences": [int(d) for d in months[12:] - months[:-12]]})


def funnel_cases():
    rng = random.Random(7)
    for case in range(30):
        spread = [0, 0, 0.1, 0.25, 0.6][case % 5]
        areas = []
        for _ in range(10 + int(rng.random() * 25)):
            residents = int(20_000 * math.exp(2.2 * rng.random()))
            # The sum of twelve is as good as normal.
            ratio = math.exp(spread * (sum(rng.random() for _ in range(12)) - 6))
            areas.append((poisson(rng, residents * ratio * [0.0035, 0.0002][case % 2]), residents))
        if case % 7 == 3:
            areas[0] = (0, areas[0][1])
            areas[1] = (areas[1][0] * 3 + 20, areas[1][1])
        yield areas


def funnel_rows():
    for areas in funnel_cases():
        events, residents = np.array(areas, float).T
        centre = events.sum() / residents.sum()
        expected = centre * residents
        corrected = np.where(events == 0, 0.5, events)
        within = 1 / np.sqrt(expected)
        scores = np.log(corrected / expected) / within
        winsorised = np.clip(scores, *np.quantile(scores, [0.1, 0.9]))
        count = len(areas)
        phi = float(np.mean(winsorised**2))
        weights = 1 / within**2
        tau2 = 0.0
        if count * phi >= count - 1:
            tau2 = max(0.0, float((count * phi - (count - 1)) / (weights.sum() - (weights**2).sum() / weights.sum())))
        spread = np.sqrt(within**2 + tau2)
        outputs = {"centre": centre, "phi": phi, "tau2": tau2, "overdispersed": tau2 > 0}
        for name, confidence in (("watch", "95"), ("exception", "99.8")):
            reach = z_of(confidence) * spread
            outputs[f"{name}_lower"] = list(centre * np.exp(-reach))
            outputs[f"{name}_upper"] = list(centre * np.exp(reach))
        distance = np.log(corrected / expected) / spread
        outputs["flags"] = [
            ("exception" if abs(z) > z_of("99.8") else "watch") + ("-high" if z > 0 else "-low") if abs(z) > z_of("95") else "within"
            for z in distance
        ]
        yield row("funnel", {"events": [a[0] for a in areas], "residents": [a[1] for a in areas]}, outputs)


# --- The table -------------------------------------------------------------------------------------------------------


def table():
    makers = [
        interval_rows,
        share_rows,
        two_counts_rows,
        xmr_rows,
        chart_rows,
        assurance_rows,
        seasonal_rows,
        funnel_rows,
    ]
    return [HEADER, *(line for maker in makers for line in maker())]


def same(left, right):
    try:
        return close(float(left), float(right))
    except ValueError:
        return left == right


def compare(kept, fresh):
    differences = [] if len(kept) == len(fresh) else [f"{len(kept)} rows in the table, {len(fresh)} anew"]
    for number, (old, new) in enumerate(zip(kept, fresh), 1):
        parts = [re.split(r"[\t =,:]", line) for line in (old, new)]
        if len(parts[0]) != len(parts[1]) or not all(map(same, *parts)):
            differences.append(f"row {number}:\n  in the table: {old}\n  anew:         {new}")
    return differences


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", metavar="FILE", type=Path, help="write the table here instead of comparing")
    arguments = parser.parse_args()
    fresh = table()
    if arguments.write:
        arguments.write.write_text("\n".join(fresh) + "\n", encoding="utf-8")
        print(f"{len(fresh) - 1} rows written to {arguments.write}")
        return
    differences = compare(TABLE.read_text(encoding="utf-8").splitlines(), fresh)
    for difference in differences[:SHOWN_MAX]:
        print(difference)
    if differences:
        sys.exit(f"{len(differences)} differences between {TABLE.name} and what was computed anew")
    print(f"{len(fresh) - 1} rows agree")


if __name__ == "__main__":
    main()
