#!/usr/bin/env python3
"""Compares what the program computes with the same figures worked out a second time, from the rawest data there is.

    tests/checks/figures.py target/debug/quarterdeck [PART…]

Parts, all of them when none is named (see PARTS for those that are only run by name):

    police       counts, rates, limits and positions of 13 districts from published rows of street-level crime
    ons          every offence group of ONS Table C2 for the 12 Kent partnerships
    home-office  the Home Office's figures of Kent, read as they stand
    headline     a published headline table: changes, percentages, directions
    changes      the changes that four published plans print, as partners' returns
    breakdowns   published totals and their parts

Each part runs the program in a folder of its own, by `--json`, and says how many figures were compared. Counts and positions
are compared exactly (positions from fractions), rates to the digits that the program gives. Exits 1 at any difference.
Needs Python 3.11 and nothing else.
"""

import sys
from pathlib import Path

sys.dont_write_bytecode = True

from oracle import ons, police  # noqa: E402 - after the line that keeps compiled files out of the tree

PARTS = {
    "police": lambda program: police.rows_and_counts() + police.indicators(program),
    "ons": ons.ranks,
}


def main():
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    program = str(Path(sys.argv[1]).resolve())
    names = sys.argv[2:] or list(PARTS)
    failed = sum(PARTS[name](program) for name in names)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
