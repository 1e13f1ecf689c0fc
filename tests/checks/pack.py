#!/usr/bin/env python3
"""Checks the PDF pack of an edition: accessible by PDF/UA, complete, marked, with the data inside.

    tests/checks/pack.py EDITION_FOLDER

What is checked: no finding of pdfua; PDF/UA-1 and PDF/A-3a declared; title, language and tags; every font embedded, with
its characters mapped; headings without gaps; every table with header cells, and every row with one; every picture with
alternative text; every indicator's name, figure and verdict, and every success measure; the attached files, equal to the
edition's CSV files byte for byte; the marking at the top and at the bottom of every page. One line when all is well;
exits 1 with every violation. Needs poppler's tools (Debian's poppler-utils), and pdfua with pikepdf from PyPI.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True

import pikepdf  # noqa: E402 - after the line that keeps compiled files out of the tree

from rendered.edition import Edition, output, plain, tool  # noqa: E402
from rendered.findings import Findings  # noqa: E402
from rendered.structure import structure  # noqa: E402

# Points from the upper and the lower edge of a page within which its marking stands.
EDGE = 72


# pdfua 0.1.3 asks pikepdf 10 in a way that makes it stop in this rule (empty headings); has_headings() looks for them.
PDFUA_GIVES_UP = {"UA-14-001"}


def is_pdf_ua(findings, pack):
    command = [sys.executable, "-m", "pdfua", "check", "--format", "json", str(pack)]
    ran = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    try:
        said = json.loads(ran.stdout)
    except ValueError:
        findings.add(pack.name, "PDF/UA", f"pdfua does not work: {(ran.stdout + ran.stderr)[-1500:]}")
        return
    if not said.get("summary"):
        findings.add(pack.name, "PDF/UA", f"pdfua cannot read it: {said.get('error')}")
        return
    for finding in said["findings"]:
        findings.add(pack.name, "PDF/UA", f"{finding['rule_id']} {finding['message']}")
    for rule in said["skipped"]:
        if "raised" in rule["reason"] and rule["rule_id"] not in PDFUA_GIVES_UP:
            findings.add(pack.name, "PDF/UA", f"pdfua gave up on {rule['rule_id']}: {rule['reason']}")
    findings.expect(ran.returncode == 0, pack.name, "PDF/UA", f"pdfua ends with {ran.returncode}")
    findings.count("rules of pdfua", said["summary"]["rules_run"])


def is_declared(findings, pack, pdf):
    """What a reader program asks first: title, language, and which standards it claims to follow."""
    name, catalog = pack.name, pdf.Root
    with pdf.open_metadata() as metadata:
        claims = {
            "title": plain(str(metadata.get("dc:title", ""))),
            "PDF/UA part": str(metadata.get("pdfuaid:part", "")),
            "PDF/A part": str(metadata.get("pdfaid:part", "")),
            "PDF/A conformance": str(metadata.get("pdfaid:conformance", "")),
        }
    findings.expect(claims["title"], name, "title", "the document has no title")
    for claim, value in (("PDF/UA part", "1"), ("PDF/A part", "3"), ("PDF/A conformance", "A")):
        findings.expect(claims[claim].upper() == value, name, claim, f"is `{claims[claim]}`, not {value}")
    language = str(catalog.get("/Lang", ""))
    findings.expect(language == "en-GB", name, "language", f"is `{language}`, not en-GB")
    preferences = catalog.get("/ViewerPreferences", {})
    findings.expect(bool(preferences.get("/DisplayDocTitle", False)), name, "title", "readers show the file name in its place")


def pdfinfo(pack):
    lines = output("pdfinfo", pack).splitlines()
    return {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}


def is_open_and_tagged(findings, pack, info):
    wanted = {"Tagged": "yes", "Encrypted": "no", "JavaScript": "no", "Form": "none", "PDF version": "1.7"}
    for key, value in wanted.items():
        findings.expect(info.get(key) == value, pack.name, key, f"is `{info.get(key)}`, not {value}")
    findings.expect("(A4)" in info.get("Page size", ""), pack.name, "Page size", f"is {info.get('Page size')}, not A4")


def has_its_fonts(findings, pack):
    """`emb`: it looks the same everywhere. `uni`: it can be searched, copied and read aloud."""
    for line in output("pdffonts", pack).splitlines()[2:]:
        font = line.split()[0]
        embedded, _, mapped = re.search(r" (yes|no) +(yes|no) +(yes|no) +\d+ +\d+$", line).groups()
        findings.expect(embedded == "yes", pack.name, "fonts", f"{font} is not embedded")
        findings.expect(mapped == "yes", pack.name, "fonts", f"characters of {font} cannot be read")
        findings.count("fonts")


# --- What the structure tree holds -----------------------------------------------------------------------------------


def has_headings(findings, pack, root):
    level = 0
    for heading in root.all("H1", "H2", "H3", "H4", "H5", "H6"):
        now, text = int(heading.kind[1]), heading.text()
        findings.expect(now <= level + 1, pack.name, "headings", f"`{text}` is of level {now} and follows level {level}")
        findings.expect(text, pack.name, "headings", "one is empty")
        level = now
        findings.count("headings")


def has_header_cells(findings, pack, root):
    for number, table in enumerate(root.all("Table"), 1):
        rows = [[cell for cell in row.children if cell.kind in ("TH", "TD")] for row in table.all("TR")]
        begins = " | ".join(cell.text() for cell in rows[0])[:60] if rows else ""
        where = f"table {number} ({begins})"
        findings.count("tables")
        if not findings.expect(rows, pack.name, "tables", f"{where} has no rows"):
            continue
        is_headed = all(cell.kind == "TH" for cell in rows[0])
        findings.expect(is_headed, pack.name, "tables", f"{where}: its first row is not made of header cells (TH)")
        for row in rows[1:]:
            is_headed = row and row[0].kind == "TH"
            text = row[0].text() if row else "an empty row"
            findings.expect(is_headed, pack.name, "tables", f"{where}: the row `{text[:40]}` begins without a header cell (TH)")


def has_alternative_texts(findings, pack, root):
    for element in root.all("Figure", "TH"):
        if element.kind == "Figure":
            text = plain(str(element.source.get("/Alt", "")))
            findings.expect(len(text) >= 20, pack.name, "pictures", f"one has no alternative text worth it: `{text}`")
            findings.count("pictures")
        else:
            attributes = element.source.get("/A")
            attributes = attributes if isinstance(attributes, pikepdf.Array) else [attributes]
            scopes = [str(entry.get("/Scope", "")) for entry in attributes if isinstance(entry, pikepdf.Dictionary)]
            what = f"the header cell (TH) `{element.text()}` does not say what it heads (Scope)"
            findings.expect(any(scopes), pack.name, "tables", what)


# --- What it says ----------------------------------------------------------------------------------------------------


def says_what_the_report_says(findings, pack, root, edition):
    """Figures are held against their rows by parity.py; here, that they can be read out, and found on the pages."""
    tagged, drawn = root.text(), squeezed(output("pdftotext", "-raw", pack, "-"))

    def is_said(value):
        # A line ends anywhere, and so does a page: in the middle stand its foot and the next one's head.
        return plain(value) in tagged and all(word in drawn for word in plain(value).split())

    for row in edition.indicators():
        for what, value in (("name", row["name"]), ("figure", row["figures"]["now"]["text"]), ("verdict", row["tag"]["word"])):
            findings.expect(is_said(value), pack.name, f"{what} of an indicator", f"`{value}` of `{row['name']}` is not in it")
        findings.count("indicators")
    for row in edition.report["success"]["rows"]:
        findings.expect(is_said(row["text"]), pack.name, "success measures", f"`{row['text']}` is not in it")
        findings.count("success measures")


def squeezed(text):
    """Without white space."""
    return "".join(plain(text).split())


def attaches_the_data(findings, pack, edition):
    with tempfile.TemporaryDirectory() as folder:
        output("pdfdetach", "-saveall", "-o", folder, pack)
        attached = {path.name: path.read_bytes() for path in Path(folder).iterdir()}
    wanted = {path.name: path.read_bytes() for path in edition.tables}
    for name in sorted(wanted.keys() | attached.keys()):
        if findings.expect(name in attached, pack.name, "attachments", f"{name} is not attached"):
            findings.expect(attached[name] == wanted.get(name), pack.name, "attachments", f"{name} is not the edition's file")
        findings.count("attachments")


def is_marked(findings, pack, edition, info):
    """At the top and at the bottom: whoever holds one page of it knows."""
    marking = edition.report["marking"]
    pages, height = int(info["Pages"]), float(info["Page size"].split()[2])
    for place, top in (("top", 0), ("bottom", int(height) - EDGE)):
        area = ("-x", "0", "-y", str(top), "-W", "2000", "-H", str(EDGE))
        # Each page ends with a form feed.
        texts = output("pdftotext", *area, pack, "-").split("\f")[:pages]
        for number, text in enumerate(texts, 1):
            findings.expect(marking in plain(text), pack.name, "marking", f"page {number} has no `{marking}` at its {place}")
    findings.count("pages", pages)


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    findings = Findings("pack")
    for name in ("pdfinfo", "pdffonts", "pdftotext", "pdfdetach"):
        tool(findings, name, "poppler-utils")
    edition = Edition(sys.argv[1])
    edition.needs(findings, edition.pack)
    pack, info = edition.pack, pdfinfo(edition.pack)
    is_pdf_ua(findings, pack)
    is_open_and_tagged(findings, pack, info)
    has_its_fonts(findings, pack)
    with pikepdf.open(pack) as pdf:
        is_declared(findings, pack, pdf)
        if not findings.expect("/StructTreeRoot" in pdf.Root, pack.name, "tags", "there are none: nothing can be read out"):
            findings.end()
        root = structure(pdf)
        has_headings(findings, pack, root)
        has_header_cells(findings, pack, root)
        has_alternative_texts(findings, pack, root)
    says_what_the_report_says(findings, pack, root, edition)
    attaches_the_data(findings, pack, edition)
    is_marked(findings, pack, edition, info)
    findings.end("pages", "fonts", "headings", "tables", "pictures", "indicators", "attachments")


if __name__ == "__main__":
    main()
