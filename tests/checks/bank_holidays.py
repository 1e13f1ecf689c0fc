#!/usr/bin/env python3
"""Bank holidays of England and Wales by another program, the package `holidays`.

fixtures/golden/bank-holidays.csv holds every one that is a weekday, 2000 to 2040; a test in crates/pipeline holds the
rules and config/bank-holidays.toml to it. This compares the file with the package. With --write it is made anew.
"""

import datetime
import pathlib
import sys

import holidays

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "fixtures/golden/bank-holidays.csv"
YEARS = range(2000, 2041)


def by_the_package():
    known = holidays.country_holidays("GB", subdiv="ENG", years=YEARS, language="en_GB")
    lines = ["date,name"]
    for day, name in sorted(known.items()):
        # A weekend is no working day anyway; its substitute is listed by itself.
        if day.weekday() < 5:
            lines.append(f"{day},{name}")
    return "\n".join(lines) + "\n"


def main():
    text = by_the_package()
    if sys.argv[1:] == ["--write"]:
        GOLDEN.write_text(text)
        return
    dates = lambda text: {datetime.date.fromisoformat(line.split(",")[0]) for line in text.splitlines()[1:]}
    ours, theirs = dates(GOLDEN.read_text()), dates(text)
    for day in sorted(ours ^ theirs):
        print(f"{day}: {'only in the file' if day in ours else 'only in the package'}")
    if ours != theirs:
        sys.exit(1)
    print(f"{len(ours)} bank holidays of {len(YEARS)} years agree with holidays {holidays.__version__}")


main()
