"""Tables that can be pasted into a report, and the end of a check."""

import sys

SHOWN_MAX = 40


def row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def heading(*cells):
    row(*cells)
    row(*["---"] * len(cells))


class Violations:
    """What must not be, each with where it was seen; the same fault in many places is said once."""

    def __init__(self, check):
        self.check = check
        self.found = {}
        self.count = 0

    def add(self, where, what):
        self.found.setdefault(what, []).append(where)
        self.count += 1

    def end(self):
        """Says everything and ends the program if there is anything to say."""
        by_number = sorted(self.found.items(), key=lambda item: -len(item[1]))
        for what, where in by_number[:SHOWN_MAX]:
            first = f"{len(where)} times, first {where[0]}" if len(where) > 1 else where[0]
            print(f"{self.check}: {first}: {' '.join(what.split())}", file=sys.stderr)
        if self.count:
            sys.exit(f"{self.check}: {self.count} violations of {len(by_number)} kinds")
