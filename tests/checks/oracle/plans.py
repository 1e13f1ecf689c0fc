"""Published plans: a headline table, the changes that four plans print, totals and their parts."""

import csv
import tomllib
from fractions import Fraction
from pathlib import Path

from . import arithmetic
from .home import FIXTURES, Home, Tally

GOLDEN = FIXTURES / "golden"
CONTRACTS = FIXTURES / "contracts" / "config"
SCENARIO_JOBS = FIXTURES / "scenarios" / "home-office" / "jobs"
AS_OF = "2026-06-30"
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
# Where a workbook of changes has its table: the first row below the headings, and the columns of change.
FIRST_ROW = 4
NUMBER, PERCENT = "E", "F"


def rows(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def number(text):
    return int(text) if text else None


def as_written(period):
    """As the program writes it: a financial year has a name of its own."""
    first, last = period.split("..")
    is_year = first.endswith("-04") and last == f"{int(first[:4]) + 1}-03"
    return f"{first[:4]}-{last[2:4]}" if is_year else period


def year_before(period):
    first, last = ((int(month[:4]) - 1, month[4:]) for month in period.split(".."))
    return f"{first[0]}{first[1]}..{last[0]}{last[1]}"


def direction(change):
    return None if change is None else "up" if change > 0 else "down" if change < 0 else "no-clear-change"


# --- The headline table ----------------------------------------------------------------------------------------------


def headline(program):
    """What the program makes of the counts, against what the document prints and what follows from them."""
    tally = Tally("headline table: 17 rows of a published assessment")
    _, measures = arithmetic.definitions()
    by_label = {measure["label"]: id for id, measure in measures.items()}
    period = "2018-11..2019-10"
    with Home(program, as_of=AS_OF) as home:
        home.sources(tw=("tunbridge-wells-headline", [GOLDEN / "tunbridge-wells-headline-2019.xlsx"]))
        home.collect(period)
        found = home.indicators(period)
    table = rows(GOLDEN / "tunbridge-wells-headline-table.csv")
    tally.same("rows", len(table), 17)
    for line in table:
        name = line["measure"]
        row = found[by_label[f"{name} (Tunbridge Wells assessment)"], "E07000116"]
        now, before = number(line["current"]), number(line["previous"])
        known = now is not None and before is not None
        change = now - before if known else None
        percent = arithmetic.tenths_of_percent(now, before) if known else None
        tally.same(f"{name}: the document's change", number(line["change"]), change)
        tally.same(f"{name}: the document's percentage", float(line["pct_change"]) if line["pct_change"] else None, percent)
        tally.same(f"{name}: the document's direction", line["direction"] or None, direction(change))
        for key, wanted in (("value", now), ("same_quarter_last_year", before), ("change", change), ("change_pct", percent),
                            ("direction", direction(change))):
            tally.same(f"{name} {key}", row[key], wanted)
        tally.same(f"{name} marks", row["value_status"], [] if known else ["x"])
    return tally.close()


# --- The changes that plans print ------------------------------------------------------------------------------------


def in_words(period):
    return " to ".join(f"{MONTHS[int(month[5:]) - 1]} {month[:4]}" for month in period.split(".."))


def documents():
    """{(document, period): rows}, in the order of the file."""
    found = {}
    for row in rows(GOLDEN / "published-changes.csv"):
        found.setdefault((row["document"], row["period"]), []).append(row)
    return found


def shown(exact, text):
    """Whether a printed number is the exact one, to the digits that it shows."""
    digits = len(text.partition(".")[2])
    return abs(exact - Fraction(text)) <= Fraction(1, 2 * 10**digits)


def wrong_cells(lines, previous, implied=False):
    """Cells of a workbook whose change or percentage does not follow from its counts. `implied`: where there is no earlier
    count, from the count and its printed change."""
    for row, line in enumerate(lines, FIRST_ROW):
        now, before = number(line["current"]), number(line[previous])
        if before is None and implied and now is not None and line["published_change"]:
            before = now - int(line["published_change"])
        if now is None or before is None:
            continue
        if line["published_change"] and not shown(Fraction(now - before), line["published_change"]):
            yield f"{NUMBER}{row}", line["measure"]
        if line["published_pct"] and not shown(Fraction((now - before) * 100, before), line["published_pct"]):
            yield f"{PERCENT}{row}", line["measure"]


def list_is_sound():
    """What published-changes.csv itself works out must hold."""
    tally = Tally("published changes: what the list itself works out")
    bad = []
    for lines in documents().values():
        for line in lines:
            name = f"{line['document']} {line['measure']} {line['period']}"
            now, before = number(line["current"]), number(line["recomputed_previous"])
            if line["previous"]:
                tally.same(f"{name}: previous", before, int(line["previous"]))
            elif line["published_change"] and now is not None:
                tally.same(f"{name}: previous", before, now - int(line["published_change"]))
            if before:
                exact = Fraction((now - before) * 100, before)
                tally.holds(f"{name}: percentage", shown(exact, line["recomputed_pct"]), line["recomputed_pct"])
            cells = list(wrong_cells([line], "recomputed_previous"))
            printed = bool(line["published_pct"] or line["published_change"] and line["previous"])
            wanted = ("no" if cells else "yes") if before and printed else ""
            # Left open where only one of the two is printed: nothing can contradict it.
            if line["reconciles"]:
                tally.same(f"{name}: reconciles", line["reconciles"], wanted)
            else:
                tally.same(f"{name}: reconciles", [], cells)
            bad += [line["measure"]] if cells else []
    tally.same("rows that do not reconcile", bad, ["Shoplifting"])
    return tally.close()


def contract_of(document):
    return "plans-kent" if document.startswith("Kent") else "plans-districts"


def workbook(document, period, kind):
    return GOLDEN / "published-changes" / f"{document.replace('/', '-')}, {in_words(period)}, {kind}.xlsx"


def changes(program):
    """Each document and period as a return: its figures, and a finding for each change that does not follow, no other."""
    failed = list_is_sound()
    tally = Tally("published changes: 31 rows as returns, and their findings")
    codes = area_codes()
    labels = {contract: labels_of(contract) for contract in ("plans-districts", "plans-kent")}
    for (document, period), lines in documents().items():
        both = workbook(document, period, "both counts")
        tally.same(f"{both.name}: is there", both.exists(), any(line["recomputed_previous"] != line["previous"] for line in lines))
        kinds = [("as printed", "previous")] + ([("both counts", "recomputed_previous")] if both.exists() else [])
        for kind, previous in kinds:
            path = workbook(document, period, kind)
            figures, found = checked(program, path, contract_of(document), period)
            tally.same(f"{path.name}: accepted", found["accepted"], True)
            wanted = [("change-differs", "Changes", cell) for cell, _ in wrong_cells(lines, previous, implied=True)]
            got = [(finding["code"], finding["sheet"], finding["cell"]) for finding in found["findings"]]
            tally.same(f"{path.name}: findings", got, wanted)
            tally.same(f"{path.name}: figures", len(figures), 2 * len(lines))
            for line in lines:
                measure = labels[contract_of(document)][line["measure"]]
                for key_period, text in ((period, line["current"]), (year_before(period), line[previous])):
                    where = measure, codes[line["area"]], as_written(key_period)
                    tally.same(f"{path.name}: {where}", figures.get(where), (text, "" if text else "[x]"))
        path, previous = (both, "recomputed_previous") if both.exists() else (workbook(document, period, "as printed"), "previous")
        worked_out(program, tally, path, (document, period, lines), previous, labels, codes)
    return failed + tally.close()


def worked_out(program, tally, path, about, previous, labels, codes):
    """The changes that the program itself works out from the collected counts."""
    document, period, lines = about
    with Home(program, CONTRACTS, SCENARIO_JOBS, as_of=AS_OF) as home:
        home.sources(plans=(contract_of(document), [path]))
        home.collect(period)
        found = home.indicators(period)
    for line in lines:
        row = found[labels[contract_of(document)][line["measure"]], codes[line["area"]]]
        now, before = number(line["current"]), number(line[previous])
        known = now is not None and before is not None
        change = now - before if known else None
        percent = arithmetic.tenths_of_percent(now, before) if known else None
        for name, wanted in (("value", now), ("same_quarter_last_year", before), ("change", change), ("change_pct", percent),
                             ("direction", direction(change))):
            tally.same(f"{path.name}: {line['measure']} {name}", row[name], wanted)


def implied_changes(program):
    """As printed, with a change and a percentage but no earlier count: the two must agree with each other."""
    tally = Tally("published changes: change and percentage without an earlier count")
    for (document, period), lines in documents().items():
        path = workbook(document, period, "as printed")
        _, found = checked(program, path, contract_of(document), period)
        wanted = {("change-differs", cell) for cell, _ in wrong_cells(lines, "previous", implied=True)}
        tally.same(path.name, {(finding["code"], finding["cell"]) for finding in found["findings"]}, wanted)
    return tally.close()


def area_codes():
    """Codes by the areas' names in published-changes.csv."""
    return {
        "Tunbridge Wells": "E07000116",
        "Tonbridge and Malling": "E07000115",
        "Sevenoaks": "E07000111",
        "Kent and Medway": "E23000032",
        "Kent excluding Medway": "E10000016",
    }


def labels_of(contract):
    """Measures by the label that the contract gives them."""
    text = (CONTRACTS / "returns" / f"{contract}.toml").read_text(encoding="utf-8")
    return {label: said["measure"] for label, said in tomllib.loads(text)["labels"].items()}


def checked(program, path, contract, period):
    """({(measure, area, period): (value, marks)}, the document that `check` prints)."""
    with Home(program, CONTRACTS, SCENARIO_JOBS, as_of=AS_OF) as home:
        out = Path(home.path) / "figures.csv"
        # By the contract's file, as somebody does who writes it.
        toml = home.path / "config" / "returns" / f"{contract}.toml"
        found = home.run("check", str(path), "--contract", str(toml), "--period", period, "--figures", str(out), codes=(0, 3))
        figures = {}
        for row in rows(out):
            # A part of a measure goes by measure and part.
            what = row["measure"] + (f" {row['breakdown']}" if row["breakdown"] else "")
            figures[what, row["area"], row["period"]] = row["value"], row["marks"]
        return figures, found


# --- Totals and their parts ------------------------------------------------------------------------------------------

# As the plans print them: (file, period, area, [(measure, whole, {dimension: {part: count}})]).
BREAKDOWNS = [
    ("Tonbridge and Malling 2020-21, DAVSS", "2019-04..2020-03", "Tonbridge and Malling", [
        ("split-davss", 326, {"sex": {"female": 297, "male": 13}, "risk": {"low-or-medium": 283, "high": 27}}),
    ]),
    ("Kent CSA 2021, roads", "2020-01..2020-12", "Kent excluding Medway", [
        ("split-collisions", 2967, {"severity": {"fatal": 36, "serious": 639, "slight": 2292}}),
        ("split-casualties", 3931, {"severity": {"killed": 39, "serious": 705, "slight": 3187}}),
    ]),
    ("Sevenoaks 2024-25, environmental health", "2022-10..2023-09", "Sevenoaks", [
        ("split-environmental-health", 1086, {"kind": {"noise": 470, "other": 616}}),
    ]),
]


def breakdowns(program):
    """Figures as printed, and a finding for each dimension whose parts are not the whole, no other."""
    tally = Tally("published totals and their parts")
    for name, period, area, measures in BREAKDOWNS:
        path = GOLDEN / "published-breakdowns" / f"{name}.xlsx"
        figures, found = checked(program, path, "plans-breakdowns", period)
        tally.same(f"{name}: accepted", found["accepted"], True)
        wanted, expected = {}, []
        for measure, whole, dimensions in measures:
            wanted[measure] = whole
            for dimension, parts in dimensions.items():
                wanted |= {f"{measure} {dimension}={part}": count for part, count in parts.items()}
                if sum(parts.values()) != whole:
                    expected.append((sum(parts.values()), whole))
        tally.same(f"{name}: figures", {key[0] for key in figures}, set(wanted))
        for what, count in wanted.items():
            tally.same(f"{name}: {what}", figures.get((what, area_codes()[area], as_written(period))), (str(count), ""))
        said = [(finding["code"], finding["severity"]) for finding in found["findings"]]
        tally.same(f"{name}: findings", said, [("breakdown-differs", "warning")] * len(expected))
        for finding, (total, whole) in zip(found["findings"], expected, strict=False):
            message = finding["message"]
            tally.holds(f"{name}: says both sums", f"make {total}" in message and f"is {whole}" in message, message)
    return tally.close()
