#!/usr/bin/env python3
"""Holds every rendering of an edition against its report.json: the same figures, verdicts, rates and actions in each.

    tests/checks/parity.py EDITION_FOLDER

Read are email.html, email.txt, page/index.html, the PDF pack, the workbook and the CSV files; none of it by code of the
project. Every indicator's four figures, verdict, rate and position must stand in one row with its name, and in the column
that is headed so; every success measure with its verdict; every overdue action with its date and days; the counts at the
top, in words and as the verdicts of the tables add up. One line with how many values were compared; exits 1 at any
difference. Needs openpyxl and pikepdf from PyPI.
"""

import re
import sys
from decimal import Decimal, InvalidOperation

sys.dont_write_bytecode = True

import openpyxl  # noqa: E402 - after the line that keeps compiled files out of the tree
import pikepdf  # noqa: E402

from rendered.edition import Edition, plain, records  # noqa: E402
from rendered.findings import Findings  # noqa: E402
from rendered.markup import Markup  # noqa: E402
from rendered.structure import rows_of, structure  # noqa: E402

MARKS = r"(?: \[[^\[\]]+\])*"


class Rows:
    """A rendering with tables: the page, the message, the pack."""

    def __init__(self, name, text, tables):
        self.name = name
        self.text = plain(text)
        self.tables = [[[(plain(cell), is_header) for cell, is_header in row] for row in table] for table in tables]

    def named(self, name):
        """Rows in which a header cell is this name, with or without marks; each with its table's headings.

        A row of one cell is a heading over others.
        """
        is_name = re.compile(re.escape(plain(name)) + MARKS)
        for table in self.tables:
            headings = next((row for row in table if row and all(is_header for _, is_header in row)), [])
            for row in table:
                if len(row) > 1 and any(is_header and is_name.fullmatch(cell) for cell, is_header in row):
                    yield [cell for cell, _ in headings], [cell for cell, _ in row]


def holds(cell, value):
    """Whether a value stands in a cell as a word of its own, not inside a longer number."""
    return re.search(rf"(?<![\w.,+\u2212\]-]){re.escape(plain(value))}(?![\w%\[]|[.,]\d)", cell) is not None


def says(cells, word):
    """Whether one of the cells is this verdict: the word, behind its shape."""
    return any(re.match(rf"\W*{re.escape(word)}(?!\w)", cell) for cell in cells)


def in_order(cells, values):
    """Whether each of the values has a cell of its own, in this order."""
    rest = iter(cells)
    return all(any(holds(cell, value) for cell in rest) for value in values)


def change_text(change):
    return change["text"] + (f" ({change['percent']})" if change["percent"] else "")


# --- Renderings with tables ------------------------------------------------------------------------------------------


def figures_in_rows(findings, rendering, report):
    """Name, four figures and verdict; a table that has these columns must have them right wherever it is."""
    columns = report["indicators"]["columns"]
    titles = [{columns["now"]}, {columns["year_before"], columns["year_before_short"]}, {columns["change"]}, {columns["twelve_months"]}]
    rows = [row for group in report["indicators"]["groups"] for row in group["rows"]]
    words = {row["tag"]["word"] for row in rows}
    for row in rows:
        found = [(headings, cells) for headings, cells in rendering.named(row["name"]) if all(title & set(headings) for title in titles)]
        for headings, cells in found:
            figures_in_row(findings, rendering.name, row, titles, dict(zip(headings, cells)))
        verdicts = {word for _, cells in found for word in words if says(cells[1:], word)}
        same(findings, rendering.name, row["name"], "verdict", verdicts == {row["tag"]["word"]}, verdicts, row["tag"]["word"])
        if not found:
            findings.add(rendering.name, row["name"], f"no row with this name in a table with the columns {titles}")


def figures_in_row(findings, name, row, titles, cells):
    figures = row["figures"]
    texts = [figures[key]["text"] for key in ("now", "year_before", "change", "twelve_months")]
    for choices, text in zip(titles, texts):
        title = next((title for title in cells if title in choices), sorted(choices)[0])
        cell = cells.get(title, "")
        same(findings, name, row["name"], title, holds(cell, text), cell, text)
    if figures["change"]["percent"]:
        found, percent = " | ".join(cells.values()), figures["change"]["percent"]
        same(findings, name, row["name"], "change in percent", holds(found, percent), found, percent)


def rates_in_rows(findings, rendering, report):
    for row in (row for group in report["peers"]["groups"] for row in group["rows"]):
        rate = row["rate"]
        candidates = [cells for _, cells in rendering.named(row["name"])]
        in_sequence = [rate["per_1000"], rate["peer_average"]]
        anywhere = [rate["interval"], rate["over"], rate["position"], rate["position_before"]]
        texts = [text for text in [*in_sequence, *anywhere] if text]
        is_there = any(
            in_order(cells[1:], in_sequence) and all(any(holds(cell, text) for cell in cells[1:]) for text in anywhere if text)
            for cells in candidates
        )
        findings.count("values", len(texts))
        if not is_there:
            found = "; ".join(" | ".join(cells[1:]) for cells in candidates) or "no row of this name"
            findings.add(rendering.name, f"rate of {row['name']}", f"{' | '.join(texts)} is not in a row; found: {found}")


def success_in_rows(findings, rendering, report):
    for row in report["success"]["rows"]:
        cells = [cells for _, cells in rendering.named(row["text"])]
        is_said = any(says(found[1:], row["tag"]["word"]) for found in cells)
        same(findings, rendering.name, row["text"][:60], "verdict", is_said, cells or "no row", row["tag"]["word"])
        same(findings, rendering.name, row["text"][:60], "why", plain(row["sentence"]) in rendering.text, "not said", row["sentence"])


def actions_in_rows(findings, rendering, report):
    for row in report["actions"]["overdue"]:
        # The number stands before the action or in a cell of its own; long actions are shortened at a word.
        begins = plain(row["action"]).removesuffix("\u2026").strip()
        wanted = [row["due"], str(row["days_late"]), row["status"]]
        lines = (" | ".join(cell for cell, _ in cells) for table in rendering.tables for cells in table)
        found = [line for line in lines if begins in line and line.startswith(row["number"])]
        is_there = any(all(holds(line.lower(), value.lower()) for value in wanted) for line in found)
        same(findings, rendering.name, f"overdue action {row['number']}", "due, days late, status", is_there, found, wanted)
        findings.count("values", 3)


def tiles_in_text(findings, rendering, report):
    """Number and word follow each other; a page may set them on two lines without a space between."""
    for tile in report["tiles"]:
        wanted = f"{tile['count']} {tile['label']}"
        is_said = re.search(rf"(?<![\w.,]){tile['count']} ?{re.escape(plain(tile['label']))}(?!\w)", rendering.text)
        same(findings, rendering.name, "counts at the top", tile["label"], is_said, "not said", wanted)
    finding = plain(report["headline"]["finding"])
    same(findings, rendering.name, "headline", "finding", finding in rendering.text, "not said", finding)


def same(findings, name, what, which, is_same, found, wanted):
    findings.count("values")
    if not is_same:
        findings.add(name, what, f"{which}: report.json has `{wanted}`; found: {found}")


# --- Plain text ------------------------------------------------------------------------------------------------------


def text_says(findings, edition):
    """email.txt has no tables: what belongs together follows each other, and nothing else stands between."""
    report, name = edition.report, edition.text.name
    text = plain(edition.text.read_text(encoding="utf-8"))
    plain_text = Rows(name, text, [])
    tiles_in_text(findings, plain_text, report)
    for row in edition.indicators():
        figures = row["figures"]
        texts = [figures["now"]["text"], figures["year_before"]["text"], change_text(figures["change"]), figures["twelve_months"]["text"]]
        follows(findings, name, text, f"{row['tag']['word'].upper()}: {row['name']}", MARKS, texts)
    for row in (row for group in report["peers"]["groups"] for row in group["rows"]):
        rate = row["rate"]
        before = [f"({rate['position_before']})"] if rate["position_before"] else []
        texts = [rate["per_1000"], rate["interval"], rate["over"], rate["peer_average"], rate["position"], *before]
        follows(findings, name, text, row["name"], MARKS, texts)
    for row in report["success"]["rows"]:
        follows(findings, name, text, f"{row['tag']['word'].upper()}: {row['text']}", "", [row["sentence"]])
    for row in report["actions"]["overdue"]:
        late = f"Due {row['due']}, {row['days_late']} days late. {row['status'][:1].upper()}{row['status'][1:]}."
        follows(findings, name, text, f"{row['number']} {row['action']}", f" Lead: {re.escape(plain(row['lead']))}\\.", [late])


def follows(findings, name, text, first, between, texts):
    wanted = " ".join(plain(text) for text in texts)
    is_there = re.search(re.escape(plain(first)) + between + " " + re.escape(wanted) + r"(?![\w%]|[.,]\d)", text)
    findings.count("values", len(texts))
    if not is_there:
        at = text.find(plain(first))
        found = text[at : at + len(first) + len(wanted) + 40] if at >= 0 else "nothing that begins so"
        findings.add(name, plain(first)[:80], f"should be followed by `{wanted}`; found: {found}")


# --- Data files ------------------------------------------------------------------------------------------------------


def as_number(text):
    """The number in what readers see: `2,941 [r]`, `\u221245`, `+8.7%`; the mark itself where there is none."""
    bare = re.sub(MARKS + "$", "", text).strip() or text
    try:
        return Decimal(bare.replace(",", "").replace("\u2212", "-").replace("\u00a3", "").removesuffix("%").lstrip("+"))
    except InvalidOperation:
        return text


def as_cell(value):
    """The same of a cell of a data file."""
    return as_number(str(value) if value is not None else "")


def csv_tables(edition):
    """Rows of each table by heading: `indicators` for 2025-26-Q1-indicators.csv."""
    begins = edition.report["period_file_name"] + "-"
    for path in edition.tables:
        header, *rows = records(path)
        yield path.stem.removeprefix(begins), path.name, [dict(zip(header, row)) for row in rows]


def workbook_tables(edition, csv_headers):
    """The same of the workbook's sheets, by the header row they share with a CSV file."""
    book = openpyxl.load_workbook(edition.workbook, data_only=True, read_only=True)
    for sheet in book.worksheets:
        rows = [["" if cell is None else cell for cell in row] for row in sheet.iter_rows(values_only=True)]
        for index, row in enumerate(rows):
            key = csv_headers.get(tuple(row))
            if key:
                found = [dict(zip(row, cells)) for cells in rows[index + 1 :] if any(cell != "" for cell in cells)]
                yield key, f"{edition.workbook.name}!{sheet.title}", found


def figures_in_data(findings, name, rows, edition):
    by_name = {str(row["Indicator"]): row for row in rows}
    indicators = edition.indicators()
    same(findings, name, "indicators", "how many", len(rows) == len(indicators), len(rows), len(indicators))
    for row in indicators:
        found = by_name.get(row["name"])
        if found is None:
            findings.add(name, row["name"], "there is no such indicator")
            continue
        figures, rate = row["figures"], row["rate"]
        wanted = {
            "Figure": figures["now"]["text"],
            "Same period last year": figures["year_before"]["text"],
            "Change": figures["change"]["text"],
            "Rolling 12 months": figures["twelve_months"]["text"],
            "Verdict": row["tag"]["word"],
        }
        if figures["change"]["percent"]:
            wanted["Change %"] = figures["change"]["percent"]
        if rate:
            place = re.match(r"(\d+)\w\w of (\d+)", rate["position"])
            lower, _, upper = rate["interval"].partition(" to ")
            wanted |= {"Rate per 1,000": rate["per_1000"], "Rate lower 95%": lower, "Rate upper 95%": upper}
            wanted |= {"Peer average rate": rate["peer_average"], "Rate over": rate["over"]}
            wanted |= {"Position": place[1] if place else rate["position"]} | ({"Position out of": place[2]} if place else {})
        for column, text in wanted.items():
            is_same = as_cell(found.get(column)) == as_number(text)
            same(findings, name, row["name"], column, is_same, found.get(column), text)


def verdicts_add_up(findings, name, rows, edition):
    """The counts at the top are counts of this table's verdicts."""
    kinds = {row["tag"]["word"]: row["tag"]["kind"] for row in edition.indicators()}
    found = [kinds.get(str(row["Verdict"])) for row in rows]
    for tile in edition.report["tiles"]:
        same(findings, name, "verdicts", tile["label"], found.count(tile["kind"]) == tile["count"], found.count(tile["kind"]), tile["count"])


def success_in_data(findings, name, rows, edition):
    by_id = {str(row["Id"]): row for row in rows}
    wanted = edition.report["success"]["rows"]
    same(findings, name, "success measures", "how many", len(rows) == len(wanted), len(rows), len(wanted))
    for row in wanted:
        found = by_id.get(row["id"], {})
        for column, text in (("Success measure", row["text"]), ("Verdict", row["tag"]["word"]), ("Why", row["sentence"])):
            same(findings, name, row["id"], column, plain(str(found.get(column))) == plain(text), found.get(column), text)


def actions_in_data(findings, name, rows, edition):
    """Actions share numbers now and then: number and text together name one."""
    actions = {(str(row["Number"]), plain(str(row["Action"]))): row for row in rows}
    wanted = edition.report["actions"]["all_data"]
    same(findings, name, "actions", "how many", len(rows) == len(wanted), len(rows), len(wanted))
    for row in wanted:
        found = actions.get((row["number"], plain(row["action_data"])), {})
        late = "" if row["days_late"] is None else str(row["days_late"])
        for column, text in (("Due date", row["due_data"]), ("Days late", late), ("Status", row["status"])):
            cell = str(found.get(column))
            # A workbook may hold the day as a date.
            is_same = cell == text or (column == "Due date" and cell.removesuffix(" 00:00:00") == text)
            same(findings, name, f"action {row['number']}", column, is_same, cell, text)


DATA = {
    "indicators": [figures_in_data, verdicts_add_up],
    "success-measures": [success_in_data],
    "actions": [actions_in_data],
}


def data_says(findings, tables, edition, where):
    seen = set()
    for key, name, rows in tables:
        seen.add(key)
        for compare in DATA.get(key, []):
            compare(findings, name, rows, edition)
    needed = {"indicators"} | ({"success-measures"} if edition.report["success"]["rows"] else set())
    needed |= {"actions"} if edition.report["actions"]["all_data"] else set()
    for key in sorted(needed - seen):
        findings.add(where, key, "there is no such table")


# --- All of it -------------------------------------------------------------------------------------------------------


def renderings(edition):
    for path in (edition.html, edition.page):
        markup = Markup(path.read_text(encoding="utf-8"))
        yield Rows(str(path.relative_to(edition.folder)), markup.text, markup.rows())
    with pikepdf.open(edition.pack) as pdf:
        root = structure(pdf)
        yield Rows(edition.pack.name, root.text(), rows_of(root))


def for_others(edition):
    """Messages in which another priority comes first, or a section is left out: the indicators are for everybody."""
    for path in sorted(edition.folder.glob("email-*.html")):
        markup = Markup(path.read_text(encoding="utf-8"))
        yield Rows(path.name, markup.text, markup.rows())


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    findings = Findings("parity")
    edition = Edition(sys.argv[1])
    edition.needs(findings, edition.html, edition.text, edition.page, edition.pack, edition.workbook)
    for rendering in renderings(edition):
        for compare in (tiles_in_text, figures_in_rows, rates_in_rows, success_in_rows, actions_in_rows):
            compare(findings, rendering, edition.report)
        findings.count("renderings")
    for rendering in for_others(edition):
        for compare in (tiles_in_text, figures_in_rows):
            compare(findings, rendering, edition.report)
        findings.count("messages for others")
    text_says(findings, edition)
    from_csv = list(csv_tables(edition))
    data_says(findings, from_csv, edition, "CSV files")
    headers = {tuple(rows[0]): key for key, _, rows in from_csv if rows}
    data_says(findings, workbook_tables(edition, headers), edition, edition.workbook.name)
    findings.count("renderings", 3)
    findings.end("values", "renderings")


if __name__ == "__main__":
    main()
