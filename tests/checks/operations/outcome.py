"""How things stand in a home once a quarter is over, and whether that is as it must be.

Compared with a quarter that nothing disturbed: the figures byte for byte, the lake's rows, every file that was made, and
every message against what the mail server took. A message was lost when it is owed and neither taken nor `unknown`, or said
to be `accepted` and not taken; it was doubled when the server took it twice.
"""

import csv
import hashlib
import io
import json
from collections import Counter

from .partnership import DONE, PERIOD

# The clock of a later run is another one: when a row came and was told apart from others that came.
ARRIVAL = ("arrived_at", "sequence")
# Tables are given an identity and a time when they are created: nothing compares those.
CREATED_AT_RANDOM = "00000000000000000000.json"
NOT_COMPARED = ("ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm", "quarterdeck.lock")
# States in which nothing is owed any more.
SENT = "accepted"
UNKNOWN = "unknown"
CANCELLED = "cancelled"


class Message:
    def __init__(self, entry):
        self.id = entry["message_id"]
        self.kind = entry["kind"]
        self.edition = entry["edition"]
        self.recipient = entry["recipient_masked"]
        # What it is, whichever run made it: a run that was given up is followed by one with another name.
        self.slot = f"{self.kind} to {self.recipient} about {self.edition or entry.get('submission', 'the machine')}"
        self.state = entry["state"]


def messages_of(listed):
    """Messages by their id, as `outbox list --json` has them."""
    return {entry["message_id"]: Message(entry) for entry in json.loads(listed or '{"messages": []}')["messages"]}


class Outcome:
    """Everything that is looked at, gathered from a home and its mail server."""

    def __init__(self, home, server):
        self.faults = []
        self.verified = self.ask(home, "verify", "--json")
        self.indicators = self.ask(home, "indicators", "--period", PERIOD, "--json")
        self.rows = {table: self.table(home, table) for table in ("observations", "actions")}
        self.messages = messages_of(self.ask(home, "outbox", "list", "--json"))
        editions = json.loads(self.ask(home, "report", "list", "--json") or '{"editions": []}')
        self.editions = [edition["id"] for edition in editions["editions"]]
        self.taken = server.taken()
        self.files = files_of(home.data)

    def ask(self, home, *arguments):
        ran = home.run(*arguments)
        if ran.code != 0:
            self.faults.append(ran.said())
        return ran.stdout

    def table(self, home, name):
        return self.rows_in(self.ask(home, "query", f"select * from {name}", "--format", "csv"))

    @staticmethod
    def rows_in(text):
        header, *rows = list(csv.reader(io.StringIO(text))) or [[]]
        return [dict(zip(header, row)) for row in rows]

    def rows_without(self, *columns):
        """Each row as a line, in an order that does not depend on how it got there."""
        return sorted(
            table + "\x1f" + "\x1f".join(value for column, value in row.items() if column not in columns)
            for table, rows in self.rows.items()
            for row in rows
        )

    def times_taken(self):
        return Counter(one.message_id for one in self.taken)

    def unknown(self):
        """Messages nobody knows about, and how many of them the server took."""
        ids = [message.id for message in self.messages.values() if message.state == UNKNOWN]
        times = self.times_taken()
        return len(ids), sum(1 for message_id in ids if times[message_id])


def files_of(data):
    found = {}
    for path in sorted(data.rglob("*")):
        name = path.relative_to(data).as_posix()
        if path.is_file() and name not in NOT_COMPARED:
            is_random = path.name == CREATED_AT_RANDOM
            found[name] = "" if is_random else hashlib.sha256(path.read_bytes()).hexdigest()
    return found


class Verdict:
    """What is wrong, each fault with its kind, for counting."""

    def __init__(self):
        self.faults = []

    def add(self, kind, what):
        self.faults.append((kind, what))

    def count(self, kind):
        return sum(1 for one, _ in self.faults if one == kind)

    def kinds(self):
        return Counter(kind for kind, _ in self.faults)


def judge(outcome, references, same_clock=True, same_order=True, same_bytes=True):
    """Compares with undisturbed quarters, one of which it must be like.

    There is more than one where a file came in between: then it may have been read before it or together with it, and a
    report may have gone out before it. `same_clock` says whether all ran at the hours of the undisturbed quarter,
    `same_order` whether files were taken in by the same steps, `same_bytes` whether no message tells of the machine.
    """
    verdict = Verdict()
    for fault in outcome.faults:
        verdict.add("command", fault)
    if json.loads(outcome.verified or "{}").get("damage") != []:
        verdict.add("verify", f"verify found damage: {outcome.verified[:600]}")
    def owed(one):
        return Counter(message.id if same_order else message.slot for message in one.messages.values())

    as_expected = [one for one in references if owed(one) == owed(outcome)]
    if as_expected:
        references = as_expected
    else:
        nearest = min(references, key=lambda one: ((owed(one) - owed(outcome)) + (owed(outcome) - owed(one))).total())
        for name in sorted(owed(nearest) - owed(outcome)):
            verdict.add("lost", f"{name} was never queued")
        for name in sorted(owed(outcome) - owed(nearest)):
            verdict.add("strange", f"{name} is no message of an undisturbed quarter")
    if outcome.indicators not in [one.indicators for one in references]:
        verdict.add("figures", "the indicators are others: " + first_difference(references[0].indicators, outcome.indicators))
    leave_out = () if same_clock and same_order else ARRIVAL
    rows = outcome.rows_without(*leave_out)
    if rows not in [one.rows_without(*leave_out) for one in references]:
        expected = references[0].rows_without(*leave_out)
        gone, more = Counter(expected) - Counter(rows), Counter(rows) - Counter(expected)
        verdict.add("rows", f"the lake has {len(rows)} rows in place of {len(expected)}: {len(gone)} are gone, {len(more)} are new")
    if same_clock and same_order:
        compare_files(outcome, references[0], verdict)
    of_messages(outcome, references[0], verdict, same_bytes=same_bytes and same_clock and same_order)
    return verdict


def compare_files(outcome, reference, verdict):
    """One fault for all files of a folder that are wrong in the same way."""
    wrong = {}
    for name in sorted(set(outcome.files) | set(reference.files)):
        here, there = outcome.files.get(name), reference.files.get(name)
        if here != there:
            is_what = "missing" if here is None else "there and should not be" if there is None else "not the same"
            wrong.setdefault((name.split("/")[0], is_what), []).append(name)
    for (_, is_what), names in wrong.items():
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        verdict.add("files", f"{names[0]}{more}: {is_what}")


def of_messages(outcome, reference, verdict, same_bytes):
    times = outcome.times_taken()
    for message_id, count in times.items():
        if count > 1:
            verdict.add("doubled", f"the mail server took {message_id} {count} times")
        if message_id not in outcome.messages:
            verdict.add("strange", f"the mail server took {message_id}, which is in no outbox")
    for message in outcome.messages.values():
        count = times[message.id]
        if message.state == SENT and count == 0:
            verdict.add("lost", f"{message.id} is said to be accepted, and the mail server never took it")
        elif message.state == CANCELLED and message.edition not in outcome.editions[:-1]:
            verdict.add("lost", f"{message.id} was cancelled, and nothing took its place")
        elif message.state == CANCELLED and count:
            verdict.add("untrue", f"{message.id} is said to be cancelled, and the mail server took it")
        elif message.state not in (SENT, UNKNOWN, CANCELLED):
            verdict.add("lost", f"{message.id} is still {message.state}")
    to = {one.message_id: (one.recipient, one.digest) for one in reference.taken}
    for one in outcome.taken:
        recipient, digest = to.get(one.message_id, (one.recipient, one.digest))
        if one.recipient != recipient:
            verdict.add("strange", f"{one.message_id} went to another recipient")
        if same_bytes and one.digest != digest:
            verdict.add("strange", f"{one.message_id} was not the same message to the byte")


def first_difference(one, other):
    for number, (left, right) in enumerate(zip(one.splitlines(), other.splitlines()), start=1):
        if left != right:
            return f"line {number}: {left.strip()[:120]} -> {right.strip()[:120]}"
    return f"{len(one)} bytes -> {len(other)} bytes"


def plainly_ended(ran):
    """What is wrong with how a run ended that nothing disturbed, if anything is."""
    if "panicked" in ran.stderr or "RUST_BACKTRACE" in ran.stderr:
        return f"it panicked: {ran.said()}"
    return None if ran.code in DONE else ran.said()
