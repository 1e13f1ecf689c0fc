#!/usr/bin/env python3
"""Checks the workbook of an edition: the same tables as its CSV files, and laid out so that everybody can read them.

    tests/checks/workbook.py EDITION_FOLDER

LibreOffice opens the workbook and writes every sheet as CSV: what it shows must be what the edition's CSV files say, cell
by cell. openpyxl reads what is stored: numbers as numbers, and the rules for accessible spreadsheets (one table a sheet,
a title in A1, nothing merged, hidden, filled, computed or frozen, properties set). frictionless validates datapackage.json.
One line when all is well; exits 1 with every violation. Needs LibreOffice Calc, and openpyxl and frictionless from PyPI.
"""

import json
import re
import subprocess
import sys
import tempfile
import zipfile
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

sys.dont_write_bytecode = True

import openpyxl  # noqa: E402 - after the line that keeps compiled files out of the tree
from openpyxl.utils import range_boundaries  # noqa: E402

from rendered.edition import Edition, plain, records, tool  # noqa: E402
from rendered.findings import Findings  # noqa: E402

# Comma, quotation mark, UTF-8, from the first line, cells as they are shown, every sheet to a file of its own.
AS_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
FRONT_SHEETS = ["Cover", "Contents", "Notes"]
# Look like numbers and are names: action 4.10 is not action 4.1.
NAMES = {"Number"}
NUMBER = re.compile(r"-?\d+(\.\d+)?")
ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")
MARK = re.compile(r"(\[[a-z]+\])+")


def number(text):
    """A number as a program for people shows it."""
    try:
        return Decimal(text.replace(",", "").replace("\u2212", "-").replace("\u00a3", "").removesuffix("%"))
    except InvalidOperation:
        return None


def disarmed(cell):
    """CSV files carry an apostrophe before what a spreadsheet program would take for a formula."""
    return cell[1:] if re.match(r"'\s*[=+\-@\uff1d\uff0b\uff0d\uff20\u2212]", cell) else cell


def is_number_column(header, cells):
    filled = [cell for cell in cells if cell and not MARK.fullmatch(cell)]
    return header not in NAMES and bool(filled) and all(NUMBER.fullmatch(cell) for cell in filled)


# --- As LibreOffice shows it -----------------------------------------------------------------------------------------


def shown_sheets(workbook):
    """Every sheet by name, as rows of texts."""
    with tempfile.TemporaryDirectory() as folder:
        profile = Path(folder) / "profile"
        command = ["soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--convert-to", AS_CSV]
        command += ["--outdir", folder, str(workbook)]
        ran = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300, check=False)
        begins = workbook.stem + "-"
        sheets = {path.stem.removeprefix(begins): records(path) for path in Path(folder).glob(f"{begins}*.csv")}
    if ran.returncode != 0 or not sheets:
        sys.exit(f"workbook: LibreOffice cannot open {workbook.name}: {ran.stdout}{ran.stderr}")
    return sheets


def day(text):
    """A date, however it is shown."""
    for form in ("%Y-%m-%d", "%d %B %Y", "%d/%m/%Y"):
        try:
            return datetime.strptime(str(text), form).date()
        except ValueError:
            pass
    return None


def same_as_shown(findings, where, header, wanted, shown):
    """One cell: numbers as numbers, whatever their format; all else as text."""
    wanted = disarmed(wanted)
    findings.count("cells as shown")
    if plain(shown) == plain(wanted):
        return
    if header not in NAMES and NUMBER.fullmatch(wanted) and number(shown) == Decimal(wanted):
        return
    if ISO_DAY.fullmatch(wanted) and day(shown) == day(wanted):
        return
    findings.add(*where, f"shows `{shown}`; the CSV file says `{wanted}`")


# --- The tables ------------------------------------------------------------------------------------------------------


def header_row(rows, header):
    """The index of the row that is this header, in a sheet's rows."""
    for index, row in enumerate(rows):
        if [plain(str(cell)) for cell in row if cell not in (None, "")] == [plain(name) for name in header]:
            return index
    return None


def sheet_of(findings, book, path, header):
    """The one sheet that has this CSV file's header."""
    found = [sheet for sheet in book.worksheets if header_row(sheet.iter_rows(values_only=True), header) is not None]
    is_one = len(found) == 1
    names = ", ".join(sheet.title for sheet in found) or "no sheet"
    findings.expect(is_one, path.name, "its sheet", f"{names} has its header: {', '.join(header)[:100]}")
    return found[0] if is_one else None


def holds_the_table(findings, workbook, sheet, shown, table):
    """Every cell of one CSV file, as shown and as stored; nothing below it and nothing beside it."""
    header, name = table[0], f"{workbook.name}!{sheet.title}"
    stored = [list(row) for row in sheet.iter_rows()]
    first = header_row(sheet.iter_rows(values_only=True), header)
    in_numbers = [is_number_column(title, [row[column] for row in table[1:]]) for column, title in enumerate(header)]
    is_as_long = len(stored) - first == len(table) and len(shown) == len(stored)
    if not findings.expect(is_as_long, name, "rows", f"{len(stored) - first} from its header on; the CSV file has {len(table)}"):
        return
    for index, wanted in enumerate(table):
        row, texts = stored[first + index], shown[first + index]
        beside = [cell.value for cell in row[len(header) :] if cell.value is not None]
        findings.expect(not beside, name, "columns", f"there is something beside the table: {beside}")
        for column, text in enumerate(wanted):
            where = (name, f"cell {row[column].coordinate}")
            same_as_shown(findings, where, header[column], text, texts[column] if column < len(texts) else "")
            same_as_stored(findings, where, text, row[column].value, index > 0 and in_numbers[column])


def same_as_stored(findings, where, wanted, stored, is_number):
    """What somebody calculates with: a number is no text, and a mark no number."""
    wanted = disarmed(wanted)
    findings.count("cells as stored")
    if ISO_DAY.fullmatch(wanted) and isinstance(stored, datetime):
        stored = stored.date().isoformat()
    if is_number and NUMBER.fullmatch(wanted):
        is_one = isinstance(stored, (int, float)) and not isinstance(stored, bool)
        if not is_one or Decimal(repr(stored)) != Decimal(wanted):
            findings.add(*where, f"is stored as {stored!r}; it should be the number {wanted}")
        findings.count("numbers")
    elif plain("" if stored is None else str(stored)) != plain(wanted):
        findings.add(*where, f"is stored as {stored!r}; the CSV file says `{wanted}`")


# --- How it is laid out ----------------------------------------------------------------------------------------------


def has_properties(findings, workbook, book):
    properties = book.properties
    for name in ("title", "creator", "subject", "created"):
        findings.expect(getattr(properties, name), workbook.name, "properties", f"{name} is not set")
    titles = [sheet.title for sheet in book.worksheets]
    findings.expect(titles[: len(FRONT_SHEETS)] == FRONT_SHEETS, workbook.name, "sheets", f"begin with {titles[:3]}")
    findings.expect(book.active.title == titles[0], workbook.name, "sheets", f"it opens at {book.active.title}, not at the first")
    inside = zipfile.ZipFile(workbook).namelist()
    for part in inside:
        is_foreign = re.search(r"vbaProject|/media/|/drawings/|/externalLinks/|/charts/", part)
        findings.expect(not is_foreign, workbook.name, "contents", f"there is {part}: no macros, pictures or links to other files")


def is_laid_out(findings, workbook, sheet):
    """What holds for every sheet."""
    name = f"{workbook.name}!{sheet.title}"
    findings.count("sheets")
    findings.expect(len(sheet.title) <= 31, name, "name", "is longer than 31 characters")
    findings.expect(isinstance(sheet["A1"].value, str) and sheet["A1"].value.strip(), name, "A1", "there is no title in it")
    findings.expect(sheet.sheet_state == "visible", name, "sheets", "it is hidden")
    findings.expect(not sheet.merged_cells.ranges, name, "merged cells", str(sheet.merged_cells))
    findings.expect(sheet.freeze_panes is None, name, "panes", f"are frozen at {sheet.freeze_panes}")
    findings.expect(sheet.auto_filter.ref is None, name, "filter", "there is one")
    findings.expect(not sheet.conditional_formatting, name, "colours", "they depend on values")
    active = sheet.sheet_view.selection[0].activeCell if sheet.sheet_view.selection else "A1"
    findings.expect(active == "A1", name, "cursor", f"is in {active}, not in A1")
    for kind, dimensions in (("row", sheet.row_dimensions), ("column", sheet.column_dimensions)):
        hidden = [str(key) for key, dimension in dimensions.items() if dimension.hidden]
        findings.expect(not hidden, name, f"hidden {kind}s", ", ".join(hidden))
    for cell in (cell for row in sheet.iter_rows() for cell in row):
        findings.expect(cell.data_type not in ("f", "e"), name, "formulas", f"{cell.coordinate} holds {cell.value!r}")
        findings.expect(cell.fill.fill_type in (None, "none"), name, "fills", f"{cell.coordinate} has a background")


def says_what_is_in_it(findings, workbook, book):
    """The contents name every sheet of data."""
    if "Contents" not in book.sheetnames:
        return
    listed = {plain(str(value)) for row in book["Contents"].iter_rows(values_only=True) for value in row if value}
    for sheet in book.worksheets:
        if sheet.title.startswith("Table_"):
            is_listed = any(sheet.title in text for text in listed)
            findings.expect(is_listed, f"{workbook.name}!Contents", "contents", f"{sheet.title} is not in them")


def explains_blank_cells(findings, workbook, sheet, table):
    """A cell without anything in it is a question, unless the rows above the table answer it."""
    above = " ".join(plain(str(row[0])).lower() for row in sheet.iter_rows(max_row=min(12, sheet.max_row), values_only=True) if row[0])
    has_blanks = any(cell == "" for row in table for cell in row)
    name = f"{workbook.name}!{sheet.title}"
    findings.expect(not has_blanks or "blank" in above, name, "blank cells", "there are some, and no row above the table says why")


def has_one_table(findings, workbook, sheet, names):
    """A sheet of data: one table, marked as such, to the last row and column."""
    name = f"{workbook.name}!{sheet.title}"
    says = [plain(str(row[0])) for row in sheet.iter_rows(max_row=min(8, sheet.max_row), values_only=True) if row[0]]
    findings.expect("This worksheet contains one table." in says, name, "rows above the table", f"do not say so: {says[:4]}")
    if not findings.expect(len(sheet.tables) == 1, name, "tables", f"there are {len(sheet.tables)}, not one"):
        return
    table = next(iter(sheet.tables.values()))
    left, top, right, bottom = range_boundaries(table.ref)
    ends = (left, right, bottom) == (1, sheet.max_column, sheet.max_row)
    findings.expect(ends, name, "table", f"is {table.ref}; the sheet's cells go to {sheet.dimensions}")
    findings.expect(table.headerRowCount in (None, 1), name, "table", "has no header row")
    findings.expect(table.autoFilter is None, name, "table", "has filter buttons")
    findings.expect(table.name not in names, name, "table", f"{table.name} is the name of another table as well")
    names.add(table.name)
    header = [sheet.cell(row=top, column=column).value for column in range(left, right + 1)]
    findings.expect([column.name for column in table.tableColumns] == header, name, "table", "headings in it differ from its cells'")
    blank = [row[0].row for row in sheet.iter_rows(min_row=top, max_row=bottom) if all(cell.value in (None, "") for cell in row)]
    findings.expect(not blank, name, "table", f"rows {blank} are blank")
    findings.count("tables")


# --- The package -----------------------------------------------------------------------------------------------------


def is_a_data_package(findings, edition):
    name = edition.package.name
    described = {resource.get("path") for resource in json.loads(edition.package.read_text(encoding="utf-8"))["resources"]}
    for path in edition.tables:
        findings.expect(path.name in described, name, "resources", f"{path.name} is not among them")
    for path in described:
        findings.expect((edition.folder / str(path)).is_file(), name, "resources", f"{path} is not there")
    # Prints warnings of its own when it is imported.
    command = [sys.executable, "-m", "frictionless", "validate", "--json", name]
    ran = subprocess.run(command, cwd=edition.folder, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    try:
        said = json.loads(ran.stdout)
    except ValueError:
        sys.exit(f"workbook: frictionless does not work: {(ran.stdout + ran.stderr)[-2000:]}")
    for error in said["errors"]:
        findings.add(name, "frictionless", error["message"])
    for task in said["tasks"]:
        findings.count("resources")
        for error in task["errors"][:10]:
            findings.add(task["place"], "frictionless", error["message"])
    findings.expect(said["valid"], name, "frictionless", "it is not valid")


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    findings = Findings("workbook")
    tool(findings, "soffice", "--no-install-recommends libreoffice-calc")
    edition = Edition(sys.argv[1])
    edition.needs(findings, edition.workbook, edition.package)
    workbook, book, shown = edition.workbook, openpyxl.load_workbook(edition.workbook), shown_sheets(edition.workbook)
    has_properties(findings, workbook, book)
    for sheet in book.worksheets:
        is_laid_out(findings, workbook, sheet)
    says_what_is_in_it(findings, workbook, book)
    names, taken = set(), set()
    for path in edition.tables:
        table = records(path)
        if sheet := sheet_of(findings, book, path, table[0]):
            taken.add(sheet.title)
            has_one_table(findings, workbook, sheet, names)
            explains_blank_cells(findings, workbook, sheet, table)
            holds_the_table(findings, workbook, sheet, shown.get(sheet.title, []), table)
    for sheet in book.worksheets:
        is_known = sheet.title in taken or not sheet.title.startswith("Table_")
        findings.expect(is_known, f"{workbook.name}!{sheet.title}", "its file", "no CSV file of the edition has its header")
    is_a_data_package(findings, edition)
    findings.end("sheets", "tables", "cells as shown", "cells as stored", "numbers", "resources")


if __name__ == "__main__":
    main()
