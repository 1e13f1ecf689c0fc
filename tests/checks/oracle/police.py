"""Kent's street-level crime of January to June 2025: every type, district, month and quarter, from the rows.

The rows of three districts are in the tree, and those of no place and of places outside the county; they are counted
here and must be what the derived counts say. The other ten districts come from the derived counts alone.
"""

import collections
import csv
import re

from . import arithmetic, rates
from .home import FIXTURES, Home, Tally

FOLDER = FIXTURES / "real" / "police-uk"
WORKBOOK = FIXTURES / "partners" / "kent-police" / "Sevenoaks CSP - police crime and ASB by district Jan-Jun 2025.xlsx"
COUNTED = ("Sevenoaks", "Tonbridge and Malling", "Tunbridge Wells")
MONTHS = [f"2025-{month:02}" for month in range(1, 7)]
PERIODS = {"2024-25Q4": MONTHS[:3], "2025-26Q1": MONTHS[3:], **{month: [month] for month in MONTHS}}
ASB = "Anti-social behaviour"
# What the crime types of data.police.uk are called in config/measures.toml.
MEASURES = {
    ASB: "police-asb",
    "Bicycle theft": "police-bicycle-theft",
    "Burglary": "police-burglary",
    "Criminal damage and arson": "police-criminal-damage",
    "Drugs": "police-drugs",
    "Other crime": "police-other-crime",
    "Other theft": "police-other-theft",
    "Possession of weapons": "police-weapons",
    "Public order": "police-public-order",
    "Robbery": "police-robbery",
    "Shoplifting": "police-shoplifting",
    "Theft from the person": "police-theft-person",
    "Vehicle crime": "police-vehicle-crime",
    "Violence and sexual offences": "police-violence-sexual",
}
# What is compared with a year before must be missing: nothing is held from before January 2025.
MISSING = ("same_quarter_last_year", "change", "change_pct", "rolling_12_months", "rolling_12_months_previous", "direction")


def derived_counts():
    counts = collections.Counter()
    with (FOLDER / "kent_2025_H1_counts_derived.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            counts[row["Month"], row["District"], row["Crime type"]] += int(row["Count"])
    return counts


def counted_rows(kent):
    """Rows by month, district and type: a district is the name of the small area without its number and letter."""
    counts = collections.Counter()
    for month in MONTHS:
        with (FOLDER / f"{month}-kent-street_3districts.csv").open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                name = row["LSOA name"]
                district = re.sub(r" \d{3}[A-Z]$", "", name) if name else "(no location)"
                if name and district not in kent:
                    district = "(outside Kent)"
                counts[row["Month"], district, row["Crime type"]] += 1
    return counts


def rows_and_counts():
    """The published rows, counted, against the derived counts."""
    tally = Tally("police: rows counted, and the derived counts")
    derived = derived_counts()
    kent = {district for _, district, _ in derived if not district.startswith("(")}
    counted = counted_rows(kent)
    both = {*COUNTED, "(no location)", "(outside Kent)"}
    for key in sorted({key for key in derived | counted if key[1] in both}):
        tally.same(" ".join(key), derived[key], counted[key])
    tally.holds("rows of other districts", all(key[1] in both for key in counted), "there are some: count them too")
    tally.same("months", sorted({month for month, _, _ in derived}), MONTHS)
    tally.same("districts", len(kent), 13)
    tally.same("crime types", sorted({kind for _, _, kind in derived}), sorted(MEASURES))
    return tally.close()


def indicators(program):
    """What the program makes of the partner's workbook, against those counts."""
    tally = Tally("police: indicators of 13 districts, 2 quarters, 6 months")
    derived = derived_counts()
    # The rows where there are any, whatever the derived counts say.
    kent = {district for _, district, _ in derived if not district.startswith("(")}
    for key, count in counted_rows(kent).items():
        derived[key] = count
    partnership, measures = arithmetic.definitions()
    codes = {area["name"]: area["code"] for area in partnership["area"] if area["geography"] == "district"}
    people = arithmetic.residents()
    peers = next(peers for peers in partnership["peer_set"] if peers["geography"] == "district")
    tally.same("peers", len(peers["areas"]), 12)
    kinds = {measure: [kind] for kind, measure in MEASURES.items()}
    kinds["police-crime"] = [kind for kind in MEASURES if kind != ASB]
    tally.same("parts of all crime", sorted(measures["police-crime"]["sum_of"]),
               sorted(MEASURES[kind] for kind in kinds["police-crime"]))
    with Home(program) as home:
        home.sources(kent_police=("kent-police-monthly", [WORKBOOK]))
        home.collect("2025-26Q1")
        for period, months in PERIODS.items():
            found = home.indicators(period)
            for measure, parts in kinds.items():
                counts = {
                    codes[district]: sum(derived[month, district, kind] for month in months for kind in parts)
                    for district in kent
                }
                rates.compare(tally, period, found, measures[measure], counts, people, peers["areas"], peers["label"])
                for area in counts:
                    row = found.get((measure, area), {})
                    for key in MISSING:
                        tally.same(f"{period} {measure} {area} {key}", row.get(key, "no such key"), None)
                    tally.same(f"{period} {measure} {area} marks", row.get("value_status"), ["p"])
            strays = {key for key, row in found.items() if key[0].startswith("police-") and key[1] not in codes.values()}
            tally.same(f"{period} other areas", strays, set())
    return tally.close()
