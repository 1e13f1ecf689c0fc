"""What whoever looks after an installation does about its mail, as docs/operations.md says."""

import json
from collections import Counter

from .accounts import Books, copied_ledger
from .outcome import plainly_ended


class Operator:
    """Does with the program itself what a person would, at moments when the scheduler is between two looks."""

    def __init__(self, home, server, folder, violations):
        self.home = home
        self.server = server
        # For copies of the ledger and the relay's log.
        self.folder = folder
        self.violations = violations
        self.settled = Counter()

    def run(self, at, *arguments):
        """What it says; whatever does not end as it should is a violation."""
        ran = self.home.run(*arguments, clock=at)
        wrong = plainly_ended(ran)
        if wrong:
            self.violations.add(at, f"the operator's {wrong}")
        return ran.stdout

    def books(self):
        return Books(copied_ledger(self.home.data, self.folder))

    def turn(self, at):
        """Settles what is unknown by the relay's log, sends again what failed. How many messages had not come to their end."""
        self.run(at, "status", "--json")
        books = self.books()
        unknown, refused, deferred = books.in_state("unknown"), books.in_state("refused"), books.in_state("deferred")
        listed = json.loads(self.run(at, "outbox", "list", "--json") or '{"messages": []}')["messages"]
        shown = {one["message_id"] for one in listed if one["state"] == "unknown"}
        if shown != unknown:
            self.violations.add(at, f"`outbox list` shows {len(shown)} unknown messages, the ledger has {len(unknown)}")
        if unknown:
            self.settle(at, unknown)
        failed = {name for name in refused if not books.is_replaced(books.messages[name])}
        if self.server.is_up and (failed or unknown):
            self.run(at, "outbox", "resend", "--failed")
        if self.server.is_up and deferred:
            self.run(at, "outbox", "retry", min(deferred))
        return len(unknown | failed | deferred | books.in_state("approved", "sending", "planned"))

    def settle(self, at, unknown):
        """By the relay's log; of what it does not name, since it is complete, nothing arrived."""
        log = self.folder / "mail.log"
        log.write_text(self.server.postfix_log(), encoding="ascii")
        self.run(at, "outbox", "settle", "--log", str(log))
        left = self.books().in_state("unknown")
        for name in sorted(left):
            self.run(at, "outbox", "settle", name, "--as", "refused")
        now = self.books()
        for name in unknown:
            self.settled[now.messages[name]["state"]] += 1
