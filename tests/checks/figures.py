#!/usr/bin/env python3
"""Compares what the program computes with the same figures worked out a second time, from the rawest data there is.

    tests/checks/figures.py target/debug/quarterdeck [PART…]

Parts, all of these when none is named:

    police       counts, rates, limits and positions of 13 districts from published rows of street-level crime
    ons          every offence group of ONS Table C2 for the 12 Kent partnerships
    home-office  the Home Office's figures of Kent, read as they stand
    home-office-notes
                 areas that a note on the source flags have no figure, and nobody has a position among them
    headline     a published headline table: changes, percentages, directions
    changes      the changes that four published plans print, as partners' returns
    breakdowns   published totals and their parts
    home-office-gate
                 figures that collapsed stay held until somebody lets them through, even two years later
    home-office-held
                 what a note on the source explains is not held as well
    changes-implied
                 a printed change and percentage that contradict each other where there is no earlier count

Each part runs the program in a folder of its own, by `--json`, and says how many figures were compared. Counts and positions
are compared exactly (positions from fractions), rates to the digits that the program gives. Exits 1 at any difference.
Needs Python 3.11 and nothing else.
"""

import sys
from pathlib import Path

sys.dont_write_bytecode = True

from oracle import home_office, ons, plans, police  # noqa: E402 - after the line that keeps compiled files out of the tree

PARTS = {
    "police": lambda program: police.rows_and_counts() + police.indicators(program),
    "ons": ons.ranks,
    "home-office": home_office.read_as_it_stands,
    "home-office-notes": home_office.blocked_by_notes,
    "headline": plans.headline,
    "changes": plans.changes,
    "breakdowns": plans.breakdowns,
    "home-office-gate": home_office.collapses_are_held,
    "home-office-held": home_office.nothing_held,
    "changes-implied": plans.implied_changes,
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
