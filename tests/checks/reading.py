#!/usr/bin/env python3
"""Compares what the program reads with what other readers read, cell by cell.

    tests/checks/reading.py target/debug/quarterdeck target/debug/examples/cells [WHAT…]

Part one: every contract in fixtures/contracts/ is run with `check --figures`, and each figure's value is held against
the cell as openpyxl, xlrd, pyxlsb, ezodf or csv gives it. Which cells hold figures is said here once more, by their
ranges and never by a contract: no figure may be missing, none extra, none different. What a figure is about is held
against the texts beside it: each text must go with one area, period, measure and part, and each of those with one text.

Part two: every cell of every sample workbook that both sides can open must be the same.

Prints one line a file; exits 1 at any difference. Needs openpyxl, xlrd, pyxlsb and ezodf (with lxml and setuptools).
"""

import collections
import csv
import datetime
import io
import json
import re
import signal
import subprocess
import sys
import tempfile
import warnings
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import ezodf
import openpyxl
import pyxlsb
import xlrd

warnings.simplefilter("ignore")

ROOT = Path(__file__).resolve().parent.parent.parent
CONFIG = ROOT / "fixtures/contracts/config"
REAL = ROOT / "fixtures/real"
SHOWN_MAX = 5

# --- Cells by other readers ------------------------------------------------------------------------------------------


def column_number(letters):
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def column_letters(number):
    letters = ""
    number += 1
    while number:
        number, digit = divmod(number - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


class Grid:
    """One sheet: cells by row and column from 0; None where there is nothing."""

    def __init__(self, rows):
        self.rows = rows

    def at(self, row, column):
        if 0 <= row < len(self.rows) and 0 <= column < len(self.rows[row]):
            value = self.rows[row][column]
            return None if value == "" else value
        return None


def opened(path):
    """Sheets of a workbook by name, in order."""
    kind = path.suffix.lower()
    if kind in (".xlsx", ".xlsm"):
        book = openpyxl.load_workbook(path, data_only=True)
        return {sheet.title: Grid(dense(sheet)) for sheet in book.worksheets}
    if kind == ".xls":
        book = xlrd.open_workbook(path, logfile=io.StringIO())
        return {sheet.name: Grid([xls_row(book, sheet, row) for row in range(sheet.nrows)]) for sheet in book.sheets()}
    if kind == ".csv":
        with open(path, encoding="utf-8-sig", newline="") as file:
            return {"csv": Grid([row for row in csv_lines(file)])}
    raise ValueError(f"no reader for {path}")


def dense(sheet):
    """Rows of lists, as long as the last filled cell of each."""
    rows = []
    for (row, column), cell in sorted(sheet._cells.items()):
        if cell.value is not None:
            rows.extend([] for _ in range(row - len(rows)))
            rows[-1].extend([None] * (column - 1 - len(rows[-1])))
            rows[-1].append(cell.value)
    return rows


def csv_lines(file):
    """Rows by the line they stand on in a spreadsheet program: blank lines are rows too."""
    for row in csv.reader(file):
        yield row


def xls_row(book, sheet, row):
    cells = []
    for column in range(sheet.ncols):
        cell = sheet.cell(row, column)
        if cell.ctype == xlrd.XL_CELL_DATE:
            try:
                cells.append(xlrd.xldate.xldate_as_datetime(cell.value, book.datemode))
            except xlrd.xldate.XLDateError:
                cells.append(cell.value)
        elif cell.ctype == xlrd.XL_CELL_ERROR:
            cells.append(xlrd.error_text_from_code.get(cell.value, "#ERROR"))
        elif cell.ctype == xlrd.XL_CELL_BOOLEAN:
            cells.append(bool(cell.value))
        else:
            cells.append(cell.value)
    return cells


# --- What a cell means -----------------------------------------------------------------------------------------------

BLANK = "[x]"


def meaning(value, unit, symbols):
    """A cell as (value, marks), by rules of its own; units are count, percent, fraction (0 to 1) and decimal."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return "", symbols.get("", BLANK)
    if isinstance(value, str):
        text = value.strip()
        if text in symbols:
            return ("0", "") if symbols[text] == "0" else ("", symbols[text])
        try:
            value = Decimal(text.replace(",", ""))
        except ArithmeticError:
            return text, "no number"
    else:
        value = Decimal(repr(value))
    if unit == "count":
        whole = value.to_integral_value()
        if abs(whole - value) > Decimal("1e-9"):
            return str(value), "no count"
        return str(int(whole)), ""
    if unit == "fraction":
        value *= 100
    return str(value.quantize(Decimal("0.01"), ROUND_HALF_UP) + 0), ""


def plain(text):
    """A label without what does not belong to it: case, blanks, footnotes."""
    text = re.sub(r"\s+", " ", str(text)).strip().lower().replace("&", "and")
    text = re.sub(r"[¹²³†*]+$", "", text)
    before = None
    while before != text:
        before = text
        text = re.sub(r"(?<=[a-z)'’:])\d{1,2}(, ?\d{1,2})*$", "", text).strip()
    return text


# --- Which cells hold figures ----------------------------------------------------------------------------------------


class Block:
    """Figures on one sheet: rows and columns as a person would point at them.

    rows, columns   "7-62", "C E-V X-AA"
    unit            one for all, or by column letters: {"C-D": "count", "F-AE": "decimal"}
    area, says      where the area and everything else stands: "B" the cell of this column in the row, "5" the cell of
                    this row in the column, "A^" the nearest above, "4<" the nearest to the left, "5|4" the first that is
                    not blank, "=text" always this, "sheet" the sheet's name
    period          (first month, last month), or a function of a text, and where the text stands
    """

    def __init__(self, sheet, rows, columns, unit, area, says, period, symbols=None, skip=None):
        self.sheet, self.rows, self.columns = sheet, rows, columns
        self.unit, self.area, self.says, self.period = unit, area, says, period
        self.symbols = symbols or {}
        self.skip = skip

    def cells(self, grid):
        for row in numbers(self.rows):
            if self.skip and self.skip(grid, row - 1):
                continue
            for column in letters(self.columns):
                yield row - 1, column

    def unit_of(self, column):
        if isinstance(self.unit, str):
            return self.unit
        return next(unit for where, unit in self.unit.items() if column in letters(where))


def numbers(text):
    for part in text.split():
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def letters(text):
    found = []
    for part in text.split():
        first, _, last = part.partition("-")
        found.extend(range(column_number(first), column_number(last or first) + 1))
    return found


def said(grid, sheet, where, row, column):
    """The text at a place relative to a cell."""
    for choice in where.split("|"):
        if choice.startswith("="):
            return choice[1:]
        if choice == "sheet":
            return sheet
        fill = choice[-1] if choice[-1] in "^<" else ""
        choice = choice.rstrip("^<")
        if choice.isdigit():
            at_row, at_column = int(choice) - 1, column
        else:
            at_row, at_column = row, column_number(choice)
        value = grid.at(at_row, at_column)
        while value in (None, "") or (isinstance(value, str) and not value.strip()):
            if fill == "^" and at_row > 0:
                at_row -= 1
            elif fill == "<" and at_column > 0:
                at_column -= 1
            else:
                break
            value = grid.at(at_row, at_column)
        if value is not None and str(value).strip():
            return value
    return ""


MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()


def month(text):
    return MONTHS.index(text.strip().lower()[:3]) + 1


def months_named(text):
    """`Apr '10 to Mar '11`, `Jan '18 to Dec '18`."""
    found = re.findall(r"([A-Z][a-z]{2}) '(\d\d)", str(text))
    (first, first_year), (last, last_year) = found
    return f"20{first_year}-{month(first):02}", f"20{last_year}-{month(last):02}"


def mid_year(text):
    year = re.search(r"\d{4}", str(text)).group()
    return f"{year}-06", f"{year}-06"


def year_or_2020(text):
    """`2019 people per sq. km`, `Area (sq km)`."""
    return mid_year(text) if re.search(r"\d{4}", str(text)) else MID_2020


def rolling(text):
    """`Nov-Jan 2007`: the year is the last month's."""
    first, last, year = re.match(r"(\w{3})-(\w{3}) (\d{4})", str(text)).groups()
    year = int(year)
    before = year - 1 if month(first) > month(last) else year
    return f"{before}-{month(first):02}", f"{year}-{month(last):02}"


def year_and_month(year, name):
    when = f"{int(year)}-{month(name):02}"
    return when, when


def years(text):
    """`2014`, `2012-2014`."""
    found = re.findall(r"\d{4}", str(text))
    return f"{found[0]}-01", f"{found[-1]}-12"


def span(period):
    """A period as the program writes it, as (first month, last month)."""
    if match := re.fullmatch(r"(\d{4})-\d\dQ([1-4])", period):
        year, quarter = int(match[1]), int(match[2])
        year, first = (year + 1, 1) if quarter == 4 else (year, 1 + 3 * quarter)
        return f"{year}-{first:02}", f"{year}-{first + 2:02}"
    if match := re.fullmatch(r"(\d{4}-\d\d)\.\.(\d{4}-\d\d)", period):
        return match[1], match[2]
    year, other = period.split("-")
    if int(other) == (int(year) + 1) % 100 and len(other) == 2 and int(other) > 12:
        return f"{year}-04", f"{int(year) + 1}-03"
    return period, period


PFA_2019 = "ons-crime/pfatablesdec19.xlsx"
PFA_2018 = "ons-crime/policeforceareatablesyearendingmarch2018v2.xlsx"
MYE = "ons-population/ukpopestimatesmid2020on2021geography.xls"
NHSE = "messy/nhse_vaccinations_monthly_copy.xlsx"
DASH = {"-": "[z]", "..": "[x]", "+": "[z]", "NA": "[x]"}
YEAR_2019 = ("2019-01", "2019-12")
YEAR_2018 = ("2017-04", "2018-03")
MID_2020 = ("2020-06", "2020-06")
JABS = ("2020-12", "2021-05")


def pfa(sheet, rows, columns, unit, says, period):
    """Rows without a code are of no area: British Transport Police, a country without one of its forces."""
    return Block(sheet, rows, columns, unit, "A", says, period, DASH, skip=lambda grid, row: grid.at(row, 0) is None)


def filled(grid):
    """The number of the last row with anything in it."""
    return max(number for number, row in enumerate(grid.rows, 1) if any(cell not in (None, "") for cell in row))


HUNDRED = {"100%*": "[x]"}
YJB_FIGURES = "B-E G-I K-Q"


def yjb_blocks(sheets):
    """A block of rows for each area: the area alone on its row, four sections, a total."""
    return [
        Block(name, f"3-{len(grid.rows)}", YJB_FIGURES, "count", yjb_area, ["A", "1<|2", "2"], ("2012-04", "2013-03"),
              skip=yjb_skip)
        for name, grid in sheets.items() if name != "National"
    ]


YJB_SECTIONS = {"pre-court", "first-tier", "community", "custody"}


def yjb_skip(grid, row):
    label = grid.at(row, 0)
    return label is None or plain(label) in YJB_SECTIONS or grid.at(row, 1) is None


def yjb_area(grid, row, _):
    while True:
        row -= 1
        label = grid.at(row, 0)
        if label is not None and plain(label) not in YJB_SECTIONS and grid.at(row, 1) is None and not label.startswith("*"):
            return label


def lfs_blocks(wanted):
    blocks = []
    # Rows of figures of each group, and the heading row of the ages they are of.
    for sheet, columns, groups in [
        ("seasonally adjusted", "B D F H J L N P R",
         [("All Persons", "9-497", 4), ("Male", "507-995", 4), ("Female", "1005-1493", 4),
          ("All Persons", "1509-1997", 1504), ("Male", "2007-2495", 1504), ("Female", "2505-2993", 1504)]),
        ("not seasonally adjusted", "B-J",
         [("All Persons", "9-243", 4), ("Male", "251-485", 4), ("Female", "493-727", 4),
          ("All Persons", "741-975", 736), ("Male", "983-1217", 736), ("Female", "1225-1459", 736)]),
    ]:
        for sex, rows, ages in groups if sheet == wanted else []:
            says = [f"={sex}", f"={'16 and over' if ages == 4 else '16 to 64'}", str(ages), "sheet"]
            left_out = lambda grid, row: grid.at(row, 1) is None  # noqa: E731
            blocks.append(Block(sheet, rows, columns, "decimal", "=UK", [*says, "A"], (rolling, "A"), {"..": "[x]"}, left_out))
    return blocks


def ott_blocks(_):
    blocks = []
    for sheet, first, last, columns, headings in [
        ("Table 1", 7, 48, "C E G I K M O Q", ["3|4|5", "6"]),
        ("Table 2", 7, 48, "C E G I K M", ["3|4", "6"]),
        ("Table 3", 7, 48, "C E G I K M O Q", ["3|4|5", "6"]),
        ("Table 4", 7, 48, "C E G I K M", ["3|4", "6"]),
    ]:
        rows = f"{first}-{last}"
        blocks.append(Block(sheet, rows, columns, "decimal", "=UK", ["sheet", *headings, "A^", "B"], (year_and_month, "A^", "B")))
    # Each group of columns is one flow, named beside or above the rows of headings.
    for columns, flow in (("C E", "earnings"), ("G I", "expenditure"), ("K L", "balance")):
        blocks.append(Block("Table 5", "8-49", columns, "decimal", "=UK", ["sheet", f"={flow}", "7", "A^", "B"],
                            (year_and_month, "A^", "B")))
    return blocks


# By a name for people: the contract, the file under fixtures/real, the period asked for, and the blocks (or a function from
# sheets to blocks; or, for lists of incidents, from sheets to counts).
CASES = {
    "ons-pfa-counts 2019": ("ons-pfa-counts", PFA_2019, "2019-01..2019-12", [
        pfa("Table P1", "7-62", "C E-V X-AA", "count", ["5|4"], YEAR_2019),
    ]),
    "ons-pfa-counts 2018": ("ons-pfa-counts", PFA_2018, "2017-04..2018-03", [
        pfa("Table P1", "7-62", "C E-V X-AA", "count", ["5|4"], YEAR_2018),
    ]),
    "ons-pfa-change 2019": ("ons-pfa-change", PFA_2019, "2019-01..2019-12", [
        pfa("Table P2", "7-62", "C E-V X-AA", "percent", ["5|4"], YEAR_2019),
    ]),
    "ons-pfa-change 2018": ("ons-pfa-change", PFA_2018, "2017-04..2018-03", [
        pfa("Table P2", "7-62", "C E-V X-AA", "percent", ["5|4"], YEAR_2018),
    ]),
    "ons-pfa-rates 2019": ("ons-pfa-rates", PFA_2019, "2019-01..2019-12", [
        pfa("Table P3", "7-61", "C D F H-Z AB-AE", {"C D": "count", "F-AE": "decimal"}, ["5"], YEAR_2019),
    ]),
    "ons-pfa-rates 2018": ("ons-pfa-rates", PFA_2018, "2017-04..2018-03", [
        pfa("Table P3", "7-61", "C D F H-Z AB-AE", {"C D": "count", "F-AE": "decimal"}, ["5"], YEAR_2018),
    ]),
    "ons-pfa-knives 2019": ("ons-pfa-knives", PFA_2019, "2019-01..2019-12", [
        pfa("Table P4  ", "7-62", "C-P", {"C E G I K M O": "count", "D F H J L N P": "percent"}, ["4<", "5"], YEAR_2019),
    ]),
    "ons-pfa-knives 2018": ("ons-pfa-knives", PFA_2018, "2017-04..2018-03", [
        pfa("Table P4", "7-62", "C-P", {"C E G I K M O": "count", "D F H J L N P": "percent"}, ["4<", "5"], YEAR_2018),
    ]),
    "ons-pfa-knife-years 2019": ("ons-pfa-knife-years", PFA_2019, "2019-01..2019-12", [
        pfa("Table P5 ", "7-64", "C-X", {"C E G I K M O Q S U W": "count", "D F H J L N P R T V X": "percent"},
            ["4<", "5"], (months_named, "4<")),
    ]),
    "ons-pfa-knife-years 2018": ("ons-pfa-knife-years", PFA_2018, "2017-04..2018-03", [
        pfa("Table P5", "7-62", "C-R", {"C E G I K M O Q": "count", "D F H J L N P R": "percent"},
            ["4<", "5"], (months_named, "4<")),
    ]),
    "ons-pfa-knife-rates": ("ons-pfa-knife-rates", PFA_2019, "2019-01..2019-12", [
        pfa("Table P6", "6-61", "C-D", "decimal", ["4"], (months_named, "4")),
    ]),
    "ons-pfa-asb": ("ons-pfa-asb", PFA_2018, "2017-04..2018-03", [
        pfa("Table P6", "6-41 43-59", "D H L P", {"D H L": "percent", "P": "count"}, ["4<", "5"], YEAR_2018),
        pfa("Table P7", "8-63", "C-X", {"C E G I K M O Q S U W": "count", "D F H J L N P R T V X": "decimal"},
            ["4<", "5"], (months_named, "4<")),
        pfa("Table P8", "7-62", "C-E", "percent", ["5"], YEAR_2018),
    ]),
    "ons-pfa-estimates": ("ons-pfa-estimates", PFA_2018, "2016-06", [
        pfa("Table P9", "6-60", "C-Q", "count", ["=residents", "5"], (years, "5")),
        pfa("Table P10", "6-60", "C-Q", "count", ["=households", "5"], (years, "5")),
    ]),
    "ons-population": ("ons-population", MYE, "2020-06", [
        Block("MYE2 - Persons", "9-428", "D-CQ", "count", "A", ["sheet", "8"], MID_2020),
        Block("MYE2 - Males", "9-428", "D-CQ", "count", "A", ["sheet", "8"], MID_2020),
        Block("MYE2 - Females", "9-428", "D-CQ", "count", "A", ["sheet", "8"], MID_2020),
        Block("MYE3", "9-428", "D-O", {"D-F H I K L O": "count", "G J M N": "decimal"}, "A", ["sheet", "8"], MID_2020,
              {"No data": "[x]"}),
        Block("MYE4", "9-428", "D-W", "count", "A", ["sheet", "8"], (mid_year, "8")),
        Block("MYE 6", "9-428", "D-W", "decimal", "A", ["sheet", "8"], (mid_year, "8")),
    ]),
    "ons-countries": ("ons-countries", MYE, "2020-06", [
        Block("MYE1", "9-11 13-31", "B-H", "count", "8", ["A"], MID_2020),
    ]),
    "ons-density": ("ons-density", MYE, "2020-06", [
        Block("MYE 5", "9-428", "D-AR", {" ".join(column_letters(at) for at in range(4, 44, 2)): "count", "D-AR": "decimal"},
              "A", ["sheet", "8"],
              (year_or_2020, "8")),
    ]),
    "ons-wards": ("ons-wards", "ons-population/sape23dt8a_mid2020_wards_kent.csv", "2020-06", lambda sheets: [
        Block("csv", f"6-{filled(sheets['csv'])}", "E-CR", "count", "A", ["5"], MID_2020),
    ]),
    "ons-c2": ("ons-c2", "ons-crime/ons_table_C2_csp_ye_june_2025.csv", "2025-26Q1", lambda sheets: [
        Block("csv", f"9-{filled(sheets['csv'])}", "G-AC", "count", "D", ["8"], ("2024-07", "2025-06"), {"[x]": "[x]"},
              skip=lambda grid, row: not (grid.at(row, 3) or "").strip()),
    ]),
    "ho-csp": ("ho-csp", "home-office-csp/ho_csp_header_and_two_rows.csv", "2020-21Q1", [
        Block("csv", "2", "I", "count", "D", ["A", "B", "F", "H"], ("2015-04", "2015-06")),
        Block("csv", "3", "I", "count", "D", ["A", "B", "F", "H"], ("2020-04", "2020-06")),
    ]),
    "ho-csp-year": ("ho-csp-year", "home-office-csp/ho_csp_kent_2025-26_by_offence_group.csv", "2025-04..2026-03", [
        Block("csv", "2-19", "F", "count", "D", ["A", "E"], ("2025-04", "2026-03")),
    ]),
    "police-counts": ("police-counts", "police-uk/kent_2025_H1_counts_derived.csv", "2025-01..2025-06", lambda sheets: [
        Block("csv", f"2-{filled(sheets['csv'])}", "D", "count", "B", ["A", "C"], (lambda text: (text, text), "A")),
    ]),
    "dft-collisions": ("dft-collisions", "stats19/dft-road-casualty-statistics-collision-2025_kent-sample.csv", "2025-01..2025-12",
                       lambda sheets: counted(sheets, "P", "L", lambda text: f"{text[6:]}-{text[3:5]}", "I")),
    "yjb-disposals": ("yjb-disposals", "messy/yjb_disposals_by_region_2012-13.xls", "2012-04..2013-03", yjb_blocks),
    "yjb-national": ("yjb-national", "messy/yjb_disposals_by_region_2012-13.xls", "2012-04..2013-03", [
        Block("National", "3-354", YJB_FIGURES, "count", yjb_area, ["A", "1<|2", "2"], ("2012-04", "2013-03"), skip=yjb_skip),
    ]),
    "nhs-pyll": ("nhs-pyll", "messy/nhs_ccg_outcomes_1.1_pyll.xlsx", "2014-01..2014-12", lambda sheets: [
        Block("CCG_1.1_I00767_D_V8", f"23-{filled(sheets['CCG_1.1_I00767_D_V8'])}", "G-L", "decimal", "C",
              ["22", "A", "E", "F"], (years, "A")),
    ]),
    "nhse-vaccinations": ("nhse-vaccinations", NHSE, "2020-12..2021-05", [
        Block("Region & Age", "13 15-21", "D-M O-X Z AB-AK", {"D-Z": "count", "AB-AK": "fraction"}, "B", ["11<", "12"], JABS, HUNDRED),
        Block("Ethnicity", "15-31", "D E G H J L", {"D-J": "count", "L": "fraction"}, "=England", ["11<", "12", "B"], JABS),
        Block("IMD 50+", "12-21", "C-E", {"C D": "count", "E": "fraction"}, "=England", ["11", "B"], JABS),
        Block("Primary Care Staff", "11 13-19", "D F H", {"D F": "count", "H": "fraction"}, "B", ["10", "=staff"], JABS),
        *(Block("At Risk or Carer (under 65)", f"{top + 1} {top + 3}-{top + 9}", "D E G I K", {"D-I": "count", "K": "fraction"}, "B",
                [str(top), f"={top}"], JABS) for top in (10, 21, 32, 43, 54, 65)),
    ]),
    "nhse-residents": ("nhse-residents", NHSE, "2019-06", [
        Block("Population estimates (ONS)", "14 16-22", "D-O", "count", "B", ["13"], ("2019-06", "2019-06")),
    ]),
    "nhse-regions": ("nhse-regions", NHSE, "2020-12..2021-05", [
        Block("Ethnicity & Region", "15-31", "D-J L-R V-AB", {"D-R": "count", "V-AB": "fraction"}, "12", ["11<", "B"], JABS, HUNDRED),
        Block("Ethnicity, Region & Age", "16-32", "D-M O-X Z-AI AK-AT AV-BE BG-BP BR-CA", "count", "12<", ["11<", "13", "B"], JABS),
    ]),
    "lfs-sa": ("lfs-sa", "messy/ons_lfs_a02.xls", "2011-09..2011-11", lambda _: lfs_blocks("seasonally adjusted")),
    "lfs-nsa": ("lfs-nsa", "messy/ons_lfs_a02.xls", "2011-09..2011-11", lambda _: lfs_blocks("not seasonally adjusted")),
    "overseas-travel": ("overseas-travel", "messy/ons_overseas_travel_ott.xls", "2015-06", ott_blocks),
    "imd-population": ("imd-population", "messy/ons_population_by_imd_2020.xlsx", "2020-06", [
        Block("Table 1 - England", "5-14 16-25", "C-CO", "count", "=England", ["A^", "B", "4"], MID_2020),
        Block("Table 2 - Wales", "5-14 16-25", "C-CO", "count", "=Wales", ["A^", "B", "4"], MID_2020),
    ]),
    "nomis-age": ("nomis-age", "messy/nomis_export_population_by_age_region.xlsx", "2020-06", [
        Block("Data", f"{top + 1}-{top + 92}", "B-J", "count", str(top), ["A", f"={top}"], MID_2020) for top in (7, 109, 211)
    ]),
    "nomis-small": ("nomis-small", "messy/nomis_preamble_small.csv", "2019-01..2019-12", [
        Block("csv", "9-10", "B", "count", "A", ["7"], ("2019-01", "2019-12")),
    ]),
    "months-in-blocks": ("months-in-blocks", "../contracts/made-up/months in blocks.xlsx", "2020-12", [
        Block("Sheet1", "5-24", "D-I", "count", "J", ["4", "B^"], (lambda text: (f"2020-{month(text):02}",) * 2, "B^")),
    ]),
    "form": ("form", "../contracts/made-up/form.xlsx", "2025-26Q1", [
        Block("Form", "5-7", "B", "count", "=Sevenoaks", ["A"], ("2025-04", "2025-06"), {"nil": "0"}),
    ]),
    "month-tabs": ("month-tabs", "../contracts/made-up/one sheet a month.xlsx", "2025-26Q1", [
        Block(f"{name} 2025", "4-6", "B", "count", "A", ["sheet"], (f"2025-{number:02}",) * 2)
        for number, name in ((4, "April"), (5, "May"), (6, "June"))
    ]),
    "type-tabs": ("type-tabs", "../contracts/made-up/one sheet a type.xlsx", "2025-26Q1", [
        Block(sheet, "2-3", "B-D", "count", "A", ["sheet", "1"], (lambda text: (f"2025-{month(text):02}",) * 2, "1"))
        for sheet in ("Graffiti", "Fly-tipping")
    ]),
    "dates-list": ("dates-list", "../contracts/made-up/dates without a heading.xlsx", "2002-02", lambda _: collections.Counter({
        ("E07000111", "2001-01", ""): 1, ("E07000111", "2002-02", ""): 2,
    })),
}

for name in sorted(REAL.glob("police-uk/2025-*-kent-street_3districts.csv")):
    when = name.name[:7]
    CASES[f"police-street {when}"] = (
        "police-street", f"police-uk/{name.name}", when,
        lambda sheets: counted(sheets, "I", "B", lambda text: text, "J", district=lambda text: text[:-5]),
    )


# --- Comparing -------------------------------------------------------------------------------------------------------


def counted(sheets, area, date, when, part, district=None):
    """Rows of a list, counted by hand: {(area, month, part or nothing): number}."""
    grid = sheets["csv"]
    counts = collections.Counter()
    for row in range(1, filled(grid)):
        name = grid.at(row, column_number(area))
        name = district(name) if district and name else name
        if not name:
            continue
        key = name, when(grid.at(row, column_number(date)))
        counts[(*key, "")] += 1
        counts[(*key, plain(grid.at(row, column_number(part))))] += 1
    return counts


def program_figures(program, contract, path, period):
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "figures.csv"
        command = [program, "--config", str(CONFIG), "--as-of", "2026-06-30", "check", str(path), "--return", contract,
                   "--period", period, "--figures", str(out)]
        ran = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
        if ran.returncode not in (0, 3) or not out.exists():
            raise SystemExit(f"{contract}: {path.name}: exit {ran.returncode}\n{ran.stdout}{ran.stderr}")
        accepted = "would be accepted" in ran.stdout
        with open(out, encoding="utf-8", newline="") as file:
            return accepted, ran.stdout, list(csv.DictReader(file))


class Pairs:
    """Each text with one thing, each thing with one text."""

    def __init__(self, what):
        self.what, self.by_text, self.by_thing = what, {}, {}

    def differs(self, text, thing):
        known, other = self.by_text.setdefault(text, thing), self.by_thing.setdefault(thing, text)
        if known != thing:
            return f"{self.what}: {text!r} is {known} and {thing}"
        return f"{self.what}: {thing} is {other!r} and {text!r}" if other != text else None


def compare_blocks(blocks, sheets, figures):
    """Differences between the cells of the blocks and the program's figures."""
    ours = {}
    differences = []
    for figure in figures:
        where = figure["sheet"], figure["cell"]
        if where in ours:
            differences.append(f"{where}: two figures of one cell")
        ours[where] = figure
    cells = 0
    areas, parts = Pairs("area"), Pairs("part")
    for block in blocks:
        grid = sheets[block.sheet]
        for row, column in block.cells(grid):
            where = block.sheet, f"{column_letters(column)}{row + 1}"
            cells += 1
            wanted = meaning(grid.at(row, column), block.unit_of(column), block.symbols)
            figure = ours.pop(where, None)
            if figure is None:
                differences.append(f"{where}: missing, should be {wanted}")
                continue
            got = figure["value"], figure["marks"]
            if got != wanted:
                differences.append(f"{where}: {got}, should be {wanted}")
            found = about(block, grid, row, column, figure, areas, parts)
            differences.extend(f"{where}: {difference}" for difference in found)
    differences.extend(f"{where}: extra, {figure['value']}{figure['marks']}" for where, figure in ours.items())
    return cells, differences


def about(block, grid, row, column, figure, areas, parts):
    """What is wrong with what a figure is said to be about."""
    if callable(block.area):
        area = block.area(grid, row, column)
    else:
        area = said(grid, block.sheet, block.area, row, column)
    area = "England" if area == "Total4" or area == "Total7" or area == "Total" else area
    code = re.match(r"[EWSNK]\d{8}$", str(area))
    if code and figure["area"] != area:
        yield f"area {figure['area']}, should be {area}"
    if not code and (wrong := areas.differs(plain(area), figure["area"])):
        yield wrong
    text = tuple(plain(said(grid, block.sheet, where, row, column)) for where in block.says)
    period = span(figure["period"])
    if isinstance(block.period[0], str):
        wanted = block.period
    else:
        read, *where = block.period
        wanted = read(*(said(grid, block.sheet, place, row, column) for place in where))
    if period != tuple(wanted):
        yield f"period {period}, should be {tuple(wanted)}"
    thing = figure["measure"], figure["breakdown"], period
    if wrong := parts.differs(text, thing):
        yield wrong


def compare_counts(counts, figures):
    """Differences between counted rows and the program's counts, for areas that it knows."""
    names = area_names()
    differences = []
    ours = {}
    for figure in figures:
        part = figure["breakdown"].partition("=")[2]
        when, _ = span(figure["period"])
        ours[figure["area"], when, part] = figure["value"]
    wanted = {}
    for (area, when, part), count in counts.items():
        code = area if re.match(r"E\d{8}$", area) else names.get(plain(area))
        if code:
            wanted[code, when, PARTS.get(part, part.replace(" ", "-"))] = str(count)
    for key in wanted.keys() | ours.keys():
        if wanted.get(key) != ours.get(key):
            differences.append(f"{key}: {ours.get(key)}, should be {wanted.get(key)}")
    return len(wanted), differences


PARTS = {"1": "fatal", "2": "serious", "3": "slight"}


def area_names():
    """Districts by name."""
    text = (CONFIG / "partnership.toml").read_text(encoding="utf-8")
    found = re.findall(r'code = "(E0\w+)", name = "([^"]+)", geography = "district"', text)
    return {plain(name): code for code, name in found}


def read_figures(program):
    failed = 0
    print(f"{'what':28} {'cells':>7} {'differences':>11}")
    total = 0
    for name, (contract, path, period, blocks) in CASES.items():
        path = REAL / path
        sheets = opened(path)
        accepted, told, figures = program_figures(program, contract, path, period)
        blocks = blocks(sheets) if callable(blocks) else blocks
        compare = compare_counts if isinstance(blocks, collections.Counter) else None
        cells, differences = compare(blocks, figures) if compare else compare_blocks(blocks, sheets, figures)
        if not accepted:
            differences.insert(0, f"refused: {told[:600]}")
        total += cells
        failed += bool(differences)
        print(f"{name:28} {cells:7} {len(differences):11}")
        for difference in differences[:SHOWN_MAX]:
            print(f"    {difference}")
    print(f"{'all':28} {total:7}")
    return failed


# --- Every cell of the sample workbooks ------------------------------------------------------------------------------


def others_cells(path):
    """{sheet: {cell: value}} as another reader gives it; values are texts, numbers, booleans, dates."""
    kind = path.suffix.lower()
    if kind in (".xlsx", ".xlsm", ".xls"):
        return {
            name: {
                f"{column_letters(column)}{row}": value
                for row, cells in enumerate(grid.rows, 1) for column, value in enumerate(cells) if value not in (None, "")
            }
            for name, grid in opened(path).items()
        }
    if kind == ".xlsb":
        with pyxlsb.open_workbook(str(path)) as book:
            found = {}
            for name in book.sheets:
                with book.get_sheet(name) as sheet:
                    found[name] = {
                        f"{column_letters(cell.c)}{cell.r + 1}": cell.v
                        for row in sheet.rows(sparse=True) for cell in row if cell.v not in (None, "")
                    }
            return found
    found = {}
    for sheet in ezodf.opendoc(str(path)).sheets:
        cells = found[sheet.name] = {}
        for row in range(sheet.nrows()):
            for column in range(sheet.ncols()):
                cell = sheet[row, column]
                value = cell.plaintext() if cell.value_type == "string" else cell.value
                if value not in (None, ""):
                    cells[f"{column_letters(column)}{row + 1}"] = value
    return found


def ours_cells(reader, paths):
    """{path: {sheet: {cell: (kind, text)}}}, or the code of the finding."""
    ran = subprocess.run([reader, *map(str, paths)], capture_output=True, text=True, check=True)
    found = {}
    for line in ran.stdout.splitlines():
        path, sheet, cell, kind, value = line.split("\t", 4)
        if kind == "refused":
            found[path] = value
        else:
            value = json.loads(value) if kind == "text" else value
            found.setdefault(path, {}).setdefault(json.loads(sheet), {})[cell] = kind, value
    return found


DAY_ONE = {"1900": datetime.datetime(1899, 12, 30), "1904": datetime.datetime(1904, 1, 1)}


def moment(value):
    """A date of another reader, to the second; None if it is none."""
    if isinstance(value, datetime.datetime):
        return (value.replace(tzinfo=None) + datetime.timedelta(microseconds=500_000)).replace(microsecond=0)
    if isinstance(value, datetime.date):
        return datetime.datetime(value.year, value.month, value.day)
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d", value):
        return moment(datetime.datetime.fromisoformat(value))
    return None


def same(ours, theirs):
    """Whether both say the same of a cell."""
    kind, text = ours
    if kind == "text":
        return isinstance(theirs, str) and text.split() == theirs.split()
    if kind == "bool":
        return str(theirs).lower() in (text, {"true": "1", "false": "0"}[text])
    if kind == "error":
        return isinstance(theirs, str) and theirs.startswith("#") or isinstance(theirs, (int, float))
    if kind == "date":
        ours = datetime.datetime.fromisoformat(text)
        if isinstance(theirs, (int, float)) and not isinstance(theirs, bool):
            serials = (abs((ours - day).total_seconds() / 86400 - theirs) for day in DAY_ONE.values())
            return any(serial < 1e-5 for serial in serials)
        return moment(theirs) == ours
    if isinstance(theirs, datetime.timedelta):
        theirs = theirs.total_seconds() / 86400
    if isinstance(theirs, datetime.time):
        theirs = (theirs.hour * 3600 + theirs.minute * 60 + theirs.second + theirs.microsecond / 1e6) / 86400
    if lasting := re.fullmatch(r"PT(\d+)H(\d+)M([\d.]+)S", str(theirs)):
        hours, minutes, seconds = map(float, lasting.groups())
        theirs = ((hours * 60 + minutes) * 60 + seconds) / 86400
    if isinstance(theirs, str):
        try:
            theirs = float(theirs)
        except ValueError:
            return False
    if not isinstance(theirs, (int, float)):
        return False
    return abs(float(text) - theirs) <= 1e-9 * max(1, abs(theirs))


def give_up(*_):
    raise TimeoutError


# Some of the samples are made to keep a reader busy for ever.
PATIENCE_SECONDS = 20
signal.signal(signal.SIGALRM, give_up)


def read_cells(reader):
    folder = REAL / "calamine-tests"
    paths = sorted(path for path in folder.iterdir() if path.suffix in (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"))
    ours = ours_cells(reader, paths)
    failed = total = compared = 0
    one_sided = collections.Counter()
    print(f"\n{'every cell of':44} {'cells':>7} {'differences':>11}")
    for path in paths:
        mine = ours.get(str(path), {})
        try:
            signal.alarm(PATIENCE_SECONDS)
            theirs = others_cells(path)
        except Exception:  # noqa: BLE001 - whatever another reader does with a broken file
            one_sided["neither opens it" if isinstance(mine, str) else f"only we open it: {path.name}"] += 1
            continue
        finally:
            signal.alarm(0)
        if isinstance(mine, str):
            one_sided[f"refused by us ({mine}): {path.name}"] += 1
            continue
        cells, differences = 0, []
        for sheet in mine.keys() | {name for name, cells in theirs.items() if cells}:
            one, other = mine.get(sheet, {}), theirs.get(sheet, {})
            for cell in one.keys() | other.keys():
                cells += 1
                if cell not in one or cell not in other or not same(one[cell], other[cell]):
                    differences.append(f"{sheet}!{cell}: {one.get(cell)}, should be {other.get(cell)!r}")
        known = KNOWN.get(path.name, ("", 0))
        if len(differences) != known[1]:
            failed += 1
        total += cells
        compared += 1
        if differences:
            print(f"{path.name:44} {cells:7} {len(differences):11}  {known[0]}")
            for difference in sorted(differences)[:SHOWN_MAX] if len(differences) != known[1] else []:
                print(f"    {difference}")
    print(f"{f'{compared} of {len(paths)} workbooks':44} {total:7}")
    for what, count in sorted(one_sided.items()):
        print(f"    {count} x {what}")
    return failed


# Where another reader is not to be followed: why, and in how many cells.
KNOWN = {
    "date.xls": ("a length of time: a number for us, a date for the other", 1),
    "date_1904.xls": ("a length of time: a number for us, a date for the other", 1),
    "date_iso.xlsx": ("a time of day without a date: a text for us", 1),
    "encoded_entities.xlsx": ("nothing but a line break: blank for us", 1),
    "whitespace_trim.xlsx": ("nothing but blanks: blank for us", 1),
    "has_x000D_.xlsx": ("a line break, which the other leaves in its code", 1),
    "has_x000D_inline.xlsx": ("a line break, which the other leaves in its code", 1),
    "xls_formula_columns_beyond_z.xls": ("formulas without a saved result: said by us, blank for the other", 2),
    "issue_419.xlsb": ("a text, which the other takes for a number", 1),
    "strict_iso_paths.xlsx": ("the other finds no sheet in a strict file", 1368),
}


def main():
    program, reader, *only = sys.argv[1:]
    for name in [name for name in CASES if only and name not in only]:
        del CASES[name]
    failed = read_figures(program)
    if not only:
        failed += read_cells(reader)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
