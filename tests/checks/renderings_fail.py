#!/usr/bin/env python3
"""Breaks a copy of an edition on purpose in many ways, and sees that the checks of renderings.sh name each of them.

    tests/checks/renderings_fail.py EDITION_FOLDER MESSAGE

A check that finds nothing may be one that looks at nothing. One line when every fault is named; exits 1 with those that
are not. Needs what renderings.sh needs, and is to be run with the same Python environment.
"""

import email
import email.policy
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True

import openpyxl  # noqa: E402 - after the line that keeps compiled files out of the tree
import pikepdf  # noqa: E402
from openpyxl.styles import PatternFill  # noqa: E402

from rendered.edition import Edition  # noqa: E402

HERE = Path(__file__).resolve().parent


def broken_report(edition):
    """Other figures than all the renderings have: each must be seen to differ."""
    report = edition.report
    row = next(row for row in edition.indicators() if row["figures"]["now"]["number"])
    row["figures"]["now"]["text"] = "7,654,321"
    rated = next((row for row in edition.indicators() if row["rate"]), None)
    indicators, success = (f"{report['period_file_name']}-{table}.csv" for table in ("indicators", "success-measures"))
    renderings = ["email.html", "email.txt", "page/index.html", edition.pack.name, f"{edition.workbook.name}!", indicators]
    yield from ((f"parity: {name}", "7,654,321") for name in renderings)
    yield "page-and-mail: email.html: figures as text", "7,654,321"
    yield "pack: ", "figure of an indicator: `7,654,321`"
    if rated:
        peer = next(row for group in report["peers"]["groups"] for row in group["rows"])
        peer["rate"]["position"] = "77th of 99"
        yield from ((f"parity: {name}", "77th of 99") for name in renderings[:4])
    if report["success"]["rows"]:
        report["success"]["rows"][0]["tag"]["word"] = "Sunk"
        yield from ((f"parity: {name}", "Sunk") for name in ["email.html", "page/index.html", edition.pack.name, success])
    if report["actions"]["overdue"]:
        report["actions"]["overdue"][0]["days_late"] = 4321
        yield from ((f"parity: {name}", "4321") for name in renderings[:4])
    report["tiles"][0]["count"] += 500
    yield "parity: email.html: counts at the top", ""
    yield f"parity: {indicators}: verdicts", ""
    report["marking"] = "MARKED OTHERWISE"
    yield "pack: ", "page 1 has no `MARKED OTHERWISE` at its top"
    yield "received: ", "does not begin with [MARKED OTHERWISE]"
    edition.report_file.write_text(json.dumps(report), encoding="utf-8")


IN_MAIL = {
    '<p style="width:900px">Wide</p>': [("page-and-mail: email.html: wider than the window: the document is", "320 pixels")],
    '<div style="width:60px;height:9px;overflow:hidden">Room for less than this</div>': [("page-and-mail: email.html: cut off", "Room for less")],
    '<p style="width:40px;white-space:nowrap">Longer than its box is wide</p>': [("page-and-mail: email.html: runs out of its box", "Longer than")],
    '<p style="color:#bbbbbb">Pale</p>': [("page-and-mail: email.html: axe color-contrast", "")],
    '<img src="https://pictures.example/x.png">': [
        ("page-and-mail: email.html: alternative text", "x.png"),
        ("page-and-mail: email.html: requests", "x.png"),
        ("page-and-mail: email.html: size of pictures", "x.png"),
        ("mail-clients: ", "a picture from the web"),
    ],
    '<p style="display:flex">Flexible</p>': [("mail-clients: email.html: display:flex", "outlook.windows")],
    "<center>In the middle</center>": [("html-valid: email.html", "center")],
}
IN_PAGE = {
    '<svg role="img" aria-label="Drawn" viewBox="0 0 90 20" width="90" height="20"><text x="5" y="15">One</text><text x="12" y="15">Two</text>'
    '<text x="60" y="15">Goes on outside</text></svg>': [
        ("page-and-mail: page/index.html: labels overlap", "“One”"),
        ("page-and-mail: page/index.html: runs out of its box", "Goes on outside"),
    ],
    "<script>console.error('Said aloud')</script>": [("page-and-mail: page/index.html: console", "Said aloud")],
    '<a href="#nowhere">Nowhere</a>': [("page-and-mail: page/index.html: links", "#nowhere")],
    '<div style="overflow-x:auto;width:90px"><p style="width:400px">Scrolls</p></div>': [
        ("page-and-mail: page/index.html: scrolls by itself", "Scrolls"),
        ("page-and-mail: page/index.html: cut off", "printed"),
    ],
    "<p>Open <b>and <i>never</b> closed</i></p>": [("html-valid: index.html", "")],
}


def broken_markup(path, faults):
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("</body>", "\n".join(faults) + "</body>"), encoding="utf-8")
    return [expected for all_of_it in faults.values() for expected in all_of_it]


def elements(node):
    children = node.get("/K")
    for child in children if isinstance(children, pikepdf.Array) else [children]:
        if isinstance(child, pikepdf.Dictionary) and "/S" in child:
            yield child
            yield from elements(child)


def broken_pack(path):
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        tagged = list(elements(pdf.Root.StructTreeRoot))
        del next(element for element in tagged if element.S == "/Figure")["/Alt"]
        # The last table: the first ones are those that others look up.
        table = [element for element in tagged if element.S == "/Table"][-1]
        next(element for element in elements(table) if element.S == "/TH").S = pikepdf.Name.TD
        pdf.Root.Lang = "de"
        name = sorted(pdf.attachments)[0]
        del pdf.attachments[name]
        pdf.save(path)
    yield "pack: ", "one has no alternative text"
    yield "pack: ", "its first row is not made of header cells"
    yield "pack: ", "language: is `de`"
    yield "pack: ", f"attachments: {name} is not attached"


def broken_workbook(edition):
    book = openpyxl.load_workbook(edition.workbook)
    sheet = next(sheet for sheet in book.worksheets if sheet.title.startswith("Table_") and sheet.max_row > 12)
    cell = next(cell for row in sheet.iter_rows(min_row=8) for cell in row if cell.data_type == "n" and cell.value)
    cell.value, cell.fill = cell.value + 1, PatternFill("solid", fgColor="FFFF00")
    other = next(other for row in sheet.iter_rows(min_row=cell.row + 1) for other in row if other.data_type == "n" and other.value)
    other.value, other.data_type = str(other.value), "s"
    sheet.row_dimensions[7].hidden = True
    cover = book.worksheets[0]
    cover["C9"], cover.freeze_panes = "=1+1", "A2"
    cover.merge_cells("D1:E1")
    book.properties.title = None
    book.save(edition.workbook)
    yield f"workbook: {edition.workbook.name}!{sheet.title}: cell {cell.coordinate}", "shows"
    yield f"workbook: {edition.workbook.name}!{sheet.title}: cell {cell.coordinate}", "is stored as"
    yield f"workbook: {edition.workbook.name}!{sheet.title}: cell {other.coordinate}", "should be the number"
    yield "workbook: ", f"fills: {cell.coordinate} has a background"
    yield "workbook: ", "hidden rows: 7"
    yield "workbook: ", "formulas: C9 holds"
    yield "workbook: ", "merged cells: D1:E1"
    yield "workbook: ", "panes: are frozen"
    yield "workbook: ", "title is not set"


def broken_package(path):
    package = json.loads(path.read_text(encoding="utf-8"))
    gone = package["resources"].pop(0)["path"]
    path.write_text(json.dumps(package), encoding="utf-8")
    yield "workbook: datapackage.json", f"{gone} is not among them"


def broken_message(path):
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    picture = next((part for part in message.walk() if part.get_content_maintype() == "image"), None)
    if picture:
        picture.replace_header("Content-ID", "<another@picture>")
        yield "received: ", "another@picture"
    attached = next(part for part in message.walk() if part.get_content_disposition() == "attachment")
    attached.set_payload("MTIz")
    yield "received: ", f"{attached.get_filename()}: attachments: is not the edition's file"
    text = message.get_body(("plain",))
    text.set_content(text.get_content() + "long " * 30 + "\n")
    yield "received: ", "a line has 15"
    del message["Auto-Submitted"]
    yield "received: ", "Auto-Submitted: is `None`"
    message.replace_header("Message-ID", "<20250721.1@localhost>")
    yield "received: ", "Message-ID"
    path.write_bytes(bytes(message))


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    with tempfile.TemporaryDirectory(prefix="quarterdeck-broken-") as folder:
        # The edition's name is part of its messages' identity.
        copy, message = Path(folder) / Path(sys.argv[1]).resolve().name, Path(folder) / "message.eml"
        shutil.copytree(sys.argv[1], copy)
        shutil.copyfile(sys.argv[2], message)
        edition = Edition(copy)
        expected = [*broken_report(edition), *broken_markup(edition.html, IN_MAIL), *broken_markup(edition.page, IN_PAGE)]
        expected += [*broken_pack(edition.pack), *broken_workbook(edition), *broken_package(edition.package), *broken_message(message)]
        command = [HERE / "renderings.sh", copy, Path(folder) / "seen", message]
        ran = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    lines = ran.stdout.splitlines()
    missed = [(begins, holds) for begins, holds in expected if not any(line.startswith(begins) and holds in line for line in lines)]
    for begins, holds in missed:
        print(f"renderings-fail: nothing was said like `{begins}… {holds}`", file=sys.stderr)
    if missed or ran.returncode != 1:
        print(ran.stdout[-20_000:], ran.stderr, file=sys.stderr)
        sys.exit(f"renderings-fail: {len(missed)} of {len(expected)} faults were not named; renderings.sh ended with {ran.returncode}")
    print(f"renderings-fail: {len(expected)} faults made on purpose, every one named")


if __name__ == "__main__":
    main()
