"""The Home Office's figures by partnership: as they stand, and as a note on the source says they must be taken.

Two files of the same scenario: the real extract of 2025/26, and made-up quarters of three years in the layout of the open
data, in which five of the twelve partnerships fall to next to nothing in January 2024.
"""

import collections
import csv
import fnmatch
import tomllib

from . import arithmetic, rates
from .home import FIXTURES, Home, Tally

SCENARIO = FIXTURES / "scenarios" / "home-office"
CONFIG = SCENARIO / "config"
NOTES = "source-notes.toml"
EXTRACT = SCENARIO / "sent" / "ho_csp_kent_2025-26_by_offence_group.csv"
OPEN_DATA = SCENARIO / "sent" / "prc-csp-illustrative.csv"
AS_OF = "2026-07-24"
YEARS = ("2023-24", "2024-25", "2025-26")
QUARTERS = [f"{year}Q{quarter}" for year in YEARS for quarter in (1, 2, 3, 4)]
NOTE_BEGINS = "2024-01"
FIRST_QUARTER_FLAGGED = "2023-24Q4"
FLAGGED = ("Maidstone", "Medway", "Tonbridge and Malling", "Dartford and Gravesham", "Tunbridge Wells")
# As the Home Office words it.
WHY = (
    "Due to ongoing IT issues, crime data for Maidstone, Medway, Tonbridge and Malling, Dartford and Gravesham, and "
    "Tunbridge Wells are recorded under an unassigned CSP group from 2024 onwards."
)
GROUPS = {
    "Criminal damage and arson": "criminal-damage",
    "Drug offences": "drug-offences",
    "Miscellaneous crimes against society": "miscellaneous",
    "Possession of weapons offences": "weapons",
    "Public order offences": "public-order",
    "Robbery": "robbery",
    "Sexual offences": "sexual-offences",
    "Theft offences": "theft",
    "Violence against the person": "violence-person",
}
# What must not appear of a flagged area.
NUMBERS = ("value", "change", "change_pct", "rate_per_1000", "rate_lower", "rate_upper", "position", "position_of", "peer_average",
           "rolling_12_months", "direction")


class Kent:
    """Partnerships, their residents, and whom they are compared with."""

    def __init__(self):
        partnership, self.measures = arithmetic.definitions(CONFIG)
        csps = [area for area in partnership["area"] if area["geography"] == "csp"]
        self.codes = {area["name"]: area["code"] for area in csps}
        residents = arithmetic.residents()
        self.people = {area["code"]: sum(residents[code] for code in area["districts"]) for area in csps}
        peers = partnership["peer_set"][0]
        self.peers, self.label = peers["areas"], peers["label"]
        self.flagged = {self.codes[name] for name in FLAGGED}


def extract_counts(kent):
    """{measure: {area: count}} of the extract, with the sum of all groups; and what stands under no partnership."""
    counts, unassigned = collections.defaultdict(collections.Counter), 0
    with EXTRACT.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["CSP Name"] == "Unassigned Kent":
                unassigned += int(row["Offence Count"])
                continue
            area = kent.codes[row["CSP Name"]]
            for group in (GROUPS[row["Offence Group"]], "crime"):
                counts[f"ho-{group}"][area] += int(row["Offence Count"])
    return counts, unassigned


def open_data_counts(kent):
    """{quarter: {measure: {area: count}}} of the made-up file: codes added up into groups."""
    counts = collections.defaultdict(lambda: collections.defaultdict(collections.Counter))
    with OPEN_DATA.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["CSP Name"] == "Unassigned Kent":
                continue
            quarter = f"{row['Financial Year'].replace('/', '-')}Q{row['Financial Quarter']}"
            for group in (GROUPS[row["Offence Group"]], "crime"):
                counts[quarter][f"illustrative-ho-{group}"][kent.codes[row["CSP Name"]]] += int(row["Offence Count"])
    return counts


def collected(program, contract, path, period, with_notes):
    """A home that has taken the file in, without or with the scenario's notes on sources."""
    home = Home(program, CONFIG, SCENARIO / "jobs", AS_OF)
    notes = home.path / "config" / NOTES
    if with_notes and not notes.exists():
        raise SystemExit(f"{CONFIG.relative_to(FIXTURES)}/{NOTES} is not there")
    if not with_notes:
        notes.unlink(missing_ok=True)
    home.sources(home_office=(contract, [path]))
    home.collect(period)
    return home


def read_as_it_stands(program):
    """Without a note: what the files say. Collapsed figures may be held back, see `collapses_are_held`: not looked at here."""
    tally = Tally("Home Office: read as it stands")
    kent = Kent()
    counts, unassigned = extract_counts(kent)
    tally.same("Medway in all", counts["ho-crime"][kent.codes["Medway"]], 107)
    tally.same("Unassigned Kent", unassigned, 68563)
    with collected(program, "ho-offence-groups", EXTRACT, "2025-26", with_notes=False) as home:
        found = home.indicators("2025-26")
        tally.same("what is there", set(found), {(measure, area) for measure, by in counts.items() for area in by})
        for measure, by_area in counts.items():
            # Eleven of twelve are missing: no position.
            rates.compare(tally, "2025-26", found, kent.measures[measure], by_area, kent.people, kent.peers, kent.label)
    by_quarter = open_data_counts(kent)
    tally.same("quarters", sorted(by_quarter), QUARTERS)
    with collected(program, "ho-open-data", OPEN_DATA, QUARTERS[-1], with_notes=False) as home:
        for quarter in QUARTERS:
            found = home.indicators(quarter)
            for measure, by_area in by_quarter[quarter].items():
                if quarter < FIRST_QUARTER_FLAGGED:
                    rates.compare(tally, quarter, found, kent.measures[measure], by_area, kent.people, kent.peers, kent.label)
                for area in set(by_area) - kent.flagged:
                    own_row(tally, (quarter, measure, area), found[measure, area], by_quarter, kent)
    return tally.close()


def own_row(tally, key, row, by_quarter, kent):
    """The own figures of an area that is not flagged: count, rate, the year before, twelve months."""
    quarter, measure, area = key
    at, where = QUARTERS.index(quarter), " ".join(key)
    count = [by_quarter[each][measure][area] for each in QUARTERS[: at + 1]]
    now, before = count[at], count[at - 4] if at >= 4 else None
    rolling = sum(count[at - 3 :]) if at >= 3 else None
    tally.same(f"{where} value", row["value"], now)
    tally.same(f"{where} rate", row["rate_per_1000"], arithmetic.thousandths(arithmetic.rate(now, kent.people[area])))
    tally.same(f"{where} a year before", row["same_quarter_last_year"], before)
    tally.same(f"{where} change", row["change"], None if before is None else now - before)
    tally.same(f"{where} percent", row["change_pct"], None if before is None else arithmetic.tenths_of_percent(now, before))
    tally.same(f"{where} 12 months", row["rolling_12_months"], rolling)


# --- Without the note, nobody having looked --------------------------------------------------------------------------

# From here on there is a year before the fall to compare with.
FIRST_QUARTER_HELD = "2024-25Q1"
# Whose counts are large enough in each of the five.
LARGE = ("illustrative-ho-crime", "illustrative-ho-theft", "illustrative-ho-violence-person")


def collapses_are_held(program):
    """Without a note: a fall of 99 % is held until a person lets it through, however long ago it was, and ranks nobody."""
    tally = Tally("Home Office: collapsed figures stay held back")
    kent = Kent()
    with collected(program, "ho-open-data", OPEN_DATA, QUARTERS[-1], with_notes=False) as home:
        periods = [quarter for quarter in QUARTERS if quarter >= FIRST_QUARTER_HELD]
        for period in [*periods, *YEARS[1:]]:
            found = home.indicators(period)
            for measure in LARGE:
                for area in kent.peers:
                    where, row = f"{period} {measure} {area}", found[measure, area]
                    tally.same(f"{where} position", row["position"], None)
                    if area in kent.flagged:
                        tally.same(f"{where} value", row["value"], None)
                        tally.same(f"{where} rate", row["rate_per_1000"], None)
    return tally.close()


# --- With the note ---------------------------------------------------------------------------------------------------


def note_is_as_published(tally, kent):
    """The scenario's note names the areas, the time and the words of the Home Office, and every measure from that source."""
    notes = tomllib.loads((CONFIG / NOTES).read_text(encoding="utf-8"))["note"]
    covered = set()
    for note in notes:
        areas = {kent.codes.get(area, area) for area in note["areas"]}
        tally.same("areas of the note", areas, kent.flagged)
        tally.same("the note's beginning", str(note["from"])[:7], NOTE_BEGINS)
        tally.same("the note's end", note.get("to"), None)
        tally.same("the note's effect", note["effect"], "block")
        tally.same("the note's words", note["why"], WHY)
        covered |= {id for id in kent.measures for name in note["measures"] if fnmatch.fnmatchcase(id, name)}
    # A sum is flagged with its parts, whether or not it is named.
    parts = {id for id, measure in kent.measures.items() if not measure.get("sum_of")}
    tally.same("measures without a note", parts - covered, set())


def nothing_held(program):
    """With the note: what it blocks is explained, so nobody is asked to let it through, and its figures are said nowhere."""
    tally = Tally("Home Office: what a note explains is not held as well")
    kent = Kent()
    with collected(program, "ho-open-data", OPEN_DATA, QUARTERS[-1], with_notes=True) as home:
        for quarter in QUARTERS:
            for (measure, area), row in home.indicators(quarter).items():
                if area in kent.flagged:
                    tally.same(f"{quarter} {measure} {area}: figures held", len(row["held"]), 0)
    return tally.close()


def said_once(row):
    """Whether the note's words are among what an indicator says, once in each place."""
    said = [row["reason"], *row["gaps"]]
    return any(WHY.rstrip(".") in text for text in said) and len(set(row["gaps"])) == len(row["gaps"])


def flagged_row(tally, where, row):
    """A flagged area: no number of any kind, and why."""
    if row is None:
        return tally.holds(where, False, "no indicator: a reader would not see that one is missing")
    for key in NUMBERS:
        tally.same(f"{where} {key}", row[key], None)
    tally.same(f"{where} verdict", row["verdict"], "cannot-judge")
    tally.holds(f"{where} marks", "x" in row["value_status"], row["value_status"])
    return tally.holds(f"{where} says why", said_once(row), [row["reason"], *row["gaps"]])


def peer_row(tally, where, row):
    """An area beside flagged ones: no position, with the reason."""
    for key in ("position", "position_of", "peers", "peer_average"):
        tally.same(f"{where} {key}", row[key], None)
    gaps = [gap for gap in row["gaps"] if gap.startswith("no position")]
    tally.same(f"{where} says once that there is no position", len(gaps), 1)
    tally.holds(f"{where} says whom it is for", bool(gaps) and any(name in gaps[0] for name in FLAGGED), gaps)


def blocked_by_notes(program):
    """With the scenario's note: nothing of the flagged areas, no position for anybody, and before January 2024 all as ever."""
    tally = Tally("Home Office: with the note on the source")
    kent = Kent()
    counts, _ = extract_counts(kent)
    with collected(program, "ho-offence-groups", EXTRACT, "2025-26", with_notes=True) as home:
        note_is_as_published(tally, kent)
        found = home.indicators("2025-26")
        for measure, by_area in counts.items():
            for area in by_area:
                flagged_row(tally, f"2025-26 {measure} {area}", found.get((measure, area)))
    by_quarter = open_data_counts(kent)
    with collected(program, "ho-open-data", OPEN_DATA, QUARTERS[-1], with_notes=True) as home:
        for quarter in QUARTERS:
            found = home.indicators(quarter)
            for measure, by_area in by_quarter[quarter].items():
                if quarter < FIRST_QUARTER_FLAGGED:
                    rates.compare(tally, quarter, found, kent.measures[measure], by_area, kent.people, kent.peers, kent.label)
                    continue
                for area in by_area:
                    where, row = f"{quarter} {measure} {area}", found.get((measure, area))
                    if area in kent.flagged:
                        flagged_row(tally, where, row)
                    else:
                        own_row(tally, (quarter, measure, area), row, by_quarter, kent)
                        peer_row(tally, where, row)
    return tally.close()
