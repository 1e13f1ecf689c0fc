"""Table C2: every Kent partnership's figure, rate and position in every offence group, from the published file."""

import csv
import re

from . import arithmetic, rates
from .home import FIXTURES, Home, Tally

TABLE = FIXTURES / "site" / "ons" / "ons_table_C2_csp_ye_june_2025.csv"
HEADING_ROW = 8
YEAR = "2024-07..2025-06"
# Headings of the table, and the measures of config/measures.toml that must carry them.
MEASURES = {
    "Total recorded crime (excluding fraud)": "ons-total-crime",
    "Violence against the person": "ons-violence-person",
    "Homicide": "ons-homicide",
    "Death or serious injury caused by illegal driving": "ons-driving-death-injury",
    "Violence with injury": "ons-violence-injury",
    "Violence without injury": "ons-violence-no-injury",
    "Stalking and harassment": "ons-stalking-harassment",
    "Sexual offences": "ons-sexual-offences",
    "Robbery": "ons-robbery",
    "Theft offences": "ons-theft",
    "Burglary": "ons-burglary",
    "Residential burglary": "ons-residential-burglary",
    "Non-residential burglary": "ons-non-residential-burglary",
    "Vehicle offences": "ons-vehicle-offences",
    "Theft from the person": "ons-theft-person",
    "Bicycle theft": "ons-bicycle-theft",
    "Shoplifting": "ons-shoplifting",
    "All other theft offences": "ons-other-theft",
    "Criminal damage and arson": "ons-criminal-damage",
    "Drug offences": "ons-drug-offences",
    "Possession of weapons offences": "ons-weapons",
    "Public order offences": "ons-public-order",
    "Miscellaneous crimes against society": "ons-miscellaneous",
}
# What a figure of the table is the sum of.
SUMS = {
    "ons-total-crime": ["ons-violence-person", "ons-sexual-offences", "ons-robbery", "ons-theft", "ons-criminal-damage",
                        "ons-drug-offences", "ons-weapons", "ons-public-order", "ons-miscellaneous"],
    "ons-violence-person": ["ons-homicide", "ons-driving-death-injury", "ons-violence-injury", "ons-violence-no-injury",
                            "ons-stalking-harassment"],
    "ons-theft": ["ons-burglary", "ons-vehicle-offences", "ons-theft-person", "ons-bicycle-theft", "ons-shoplifting",
                  "ons-other-theft"],
    "ons-burglary": ["ons-residential-burglary", "ons-non-residential-burglary"],
}
# Too few to be ranked by.
WITHOUT_RATE = ("ons-homicide", "ons-driving-death-injury")


def published():
    """Rows of the Kent force: {partnership's code or "" for the force or "unassigned": {heading: count}}."""
    with TABLE.open(newline="", encoding="utf-8") as file:
        lines = list(csv.reader(file))
    headings = [re.sub(r"\s+", " ", text).strip() for text in lines[HEADING_ROW - 1]]
    found = {}
    for line in lines[HEADING_ROW:]:
        row = dict(zip(headings, (text.strip() for text in line), strict=True))
        if row["Police Force Area name"] != "Kent":
            continue
        name = row["Community Safety Partnership name"]
        key = row["Community Safety Partnership code"] or ("unassigned" if name.startswith("Unassigned") else "")
        if key in found:
            raise SystemExit(f"{key} twice in the table")
        found[key] = {head: int(row[head].replace(",", "")) for head in headings[6:]}
    return headings[6:], found


def ranks(program):
    """Figures, rates and positions of the 12 partnerships in every column."""
    tally = Tally("ONS Table C2: 12 partnerships, every offence group")
    headings, table = published()
    tally.same("columns of figures", sorted(headings), sorted(MEASURES))
    partnership, measures = arithmetic.definitions()
    areas = {area["code"]: area for area in partnership["area"] if area["geography"] == "csp"}
    partnerships = {code for code in table if code not in ("", "unassigned")}
    tally.same("partnerships", partnerships, set(areas))
    by_district = arithmetic.residents()
    people = {code: sum(by_district[district] for district in area["districts"]) for code, area in areas.items()}
    peers = next(peers for peers in partnership["peer_set"] if peers["geography"] == "csp")
    tally.same("peers", set(peers["areas"]), partnerships)
    for heading in headings:
        parts = sum(counts[heading] for code, counts in table.items() if code)
        tally.same(f"{heading}: partnerships and Unassigned Kent", parts, table[""][heading])
    with Home(program, as_of="2025-11-05") as home:
        home.sources(ons=("ons-table-c2", [TABLE]))
        home.collect("2025-26Q1")
        for period, months in ((YEAR, None), ("2025-26Q1", YEAR)):
            found = home.indicators(period)
            for heading, measure in MEASURES.items():
                counts = {code: table[code][heading] for code in partnerships}
                if measure in WITHOUT_RATE:
                    without_rate(tally, period, found, measure, counts, months)
                else:
                    rates.compare(tally, period, found, measures[measure], counts, people, peers["areas"],
                                  peers["label"], months)
            figure = "rolling_12_months" if months else "value"
            for measure, parts in SUMS.items():
                for code in partnerships:
                    whole = found[measure, code][figure]
                    tally.same(f"{period} {measure} {code} is its parts", sum(found[part, code][figure] for part in parts), whole)
    return tally.close()


def without_rate(tally, period, found, measure, counts, months):
    """The figure alone: no rate and no position."""
    for code, count in counts.items():
        row = found.get((measure, code), {})
        tally.same(f"{period} {measure} {code}", row.get("rolling_12_months" if months else "value"), count)
        for key in ("rate_per_1000", "position", "peer_average"):
            tally.same(f"{period} {measure} {code} {key}", row.get(key, "no such key"), None)
