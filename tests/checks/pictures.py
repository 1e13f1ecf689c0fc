#!/usr/bin/env python3
"""Compares the pictures and PDF pages of two folders: the same figures must look the same.

    tests/checks/pictures.py FOLDER FOLDER [--tolerance 0]

Every PNG, at the same place in both, byte for byte; every page of every PDF as grey pixels at 60 to the inch, whose mean
difference may be up to the tolerance (of 255; 0 unless told). One line when all is well; exits 1 with every difference.
Needs Debian's poppler-utils.
"""

import argparse
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True

from rendered.edition import output, tool  # noqa: E402 - after the line that keeps compiled files out of the tree
from rendered.findings import Findings  # noqa: E402


def files(folder, pattern):
    return {str(path.relative_to(folder)): path for path in sorted(folder.rglob(pattern))}


def in_both(findings, folders, pattern):
    """Files at the same place in both; says which are in one alone."""
    one, other = (files(folder, pattern) for folder in folders)
    for name in sorted(one.keys() ^ other.keys()):
        findings.add(name, "pictures", f"is in {folders[0] if name in one else folders[1]} alone")
    return [(name, one[name], other[name]) for name in sorted(one.keys() & other.keys())]


def pages(path):
    """Size and grey pixels of each page."""
    with tempfile.TemporaryDirectory() as folder:
        output("pdftoppm", "-r", "60", "-gray", path, Path(folder) / "page")
        for page in sorted(Path(folder).iterdir()):
            # A PGM file: P5, width and height, 255, each on a line, then the pixels.
            _, size, _, pixels = page.read_bytes().split(b"\n", 3)
            yield size.decode(), pixels


def mean_difference(one, other):
    return sum(abs(a - b) for a, b in zip(one, other)) / len(one)


def compare_pdf(findings, name, one, other, tolerance):
    left, right = list(pages(one)), list(pages(other))
    if not findings.expect(len(left) == len(right), name, "pages", f"{len(left)} in one, {len(right)} in the other"):
        return
    for number, ((size, pixels), (other_size, other_pixels)) in enumerate(zip(left, right), 1):
        findings.count("pages")
        if not findings.expect(size == other_size, name, f"page {number}", f"is {size} pixels in one, {other_size} in the other"):
            continue
        difference = 0 if pixels == other_pixels else mean_difference(pixels, other_pixels)
        findings.expect(difference <= tolerance, name, f"page {number}", f"differs by {difference:.3f} on average; {tolerance} is allowed")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=Path, nargs=2, metavar="FOLDER")
    parser.add_argument("--tolerance", type=float, default=0, help="mean difference of a page's pixels, of 255")
    arguments = parser.parse_args()
    findings = Findings("pictures")
    tool(findings, "pdftoppm", "poppler-utils")
    for name, one, other in in_both(findings, arguments.folders, "*.png"):
        findings.count("pictures")
        findings.expect(one.read_bytes() == other.read_bytes(), name, "pictures", "differs")
    for name, one, other in in_both(findings, arguments.folders, "*.pdf"):
        compare_pdf(findings, name, one, other, arguments.tolerance)
    findings.end("pictures", "pages")


if __name__ == "__main__":
    main()
