"""What breaks a rule: all of it is said in one run, and then the check fails."""

import sys

SHOWN_MAX = 60


class Findings:
    """Collects what breaks a rule, and counts what was looked at."""

    def __init__(self, check):
        self.check = check
        self.found = []
        self.counts = {}

    def add(self, file, rule, what):
        self.found.append(f"{self.check}: {file}: {rule}: {what}")

    def expect(self, holds, file, rule, what):
        """Counts the rule as looked at, and says `what` when it does not hold."""
        self.count("rules looked at")
        if not holds:
            self.add(file, rule, what)
        return bool(holds)

    def count(self, what, number=1):
        self.counts[what] = self.counts.get(what, 0) + number

    def end(self, *counted):
        """Says what was found and ends the program; without findings, one line with what was counted.

        A check that looked at nothing has failed: each of `counted` must have been counted.
        """
        for what in counted:
            if not self.counts.get(what):
                self.found.append(f"{self.check}: nothing was counted as {what}: the check saw nothing")
        for line in self.found[:SHOWN_MAX]:
            print(line, file=sys.stderr)
        if self.found:
            sys.exit(f"{self.check}: {len(self.found)} found")
        print(f"{self.check}: " + ", ".join(f"{number} {what}" for what, number in self.counts.items()))
        sys.exit(0)
