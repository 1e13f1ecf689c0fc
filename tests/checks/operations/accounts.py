"""What must be accounted for after each quarter of the soak: by the ledger, the mail server, the partners and the editions.

The ledger is read from a copy, by another SQLite than the program's. What a report must say is worked out from what partners
had sent by then.
"""

import csv
import hashlib
import shutil
import sqlite3
from collections import Counter
from datetime import datetime, timedelta, timezone

from .big_partnership import HELD_FOR, REPORT, REVIEW, REVIEW_DAYS
from .outcome import Verdict
from .returns import HOME_AREA

LEDGER_FILES = ("ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-journal")
LEDGER_BYTES_MAX = 50 * 1000 * 1000
SLOPE_MB_MAX = 1.0
# The first quarters fill what is kept for later ones.
MEMORY_FROM = 5
SETTLED = ("accepted", "cancelled")
# Why a letter that waited for the mail server does not go any more, and nothing needs to take its place.
OVERTAKEN = {
    "error-letter": ["a file for this return has been accepted since"],
    "reminder": ["nothing of what it reminds of is owed any more", "it says how things stood days ago"],
}
# By then whatever fell due must be done, or on record as missed.
PATIENCE = timedelta(hours=2)


class Lived:
    """What is known of a quarter from outside the program."""

    def __init__(self, quarter):
        self.quarter = quarter
        self.sent = []
        # When, by which source, SHA-256 of what, and whether it was surely kept: not where the look died or the disk was full.
        self.delivered = []
        # Editions that somebody asked for by hand.
        self.by_hand = 0
        # The machine was off for too long for a report to be made up for.
        self.may_miss = False
        self.partners = []
        # Days on which it was off, counted from the quarter's end.
        self.off = set()
        self.ended = None


    def is_off_around(self, moment):
        day = (moment.date() - self.quarter.after).days
        return not self.off.isdisjoint(range(day - 1, day + 4))


class Books:
    """What the ledger says."""

    def __init__(self, file):
        connection = sqlite3.connect(file)
        connection.row_factory = sqlite3.Row
        try:
            read = "SELECT edition_id, report, period, folder, created_at, state FROM editions ORDER BY created_at, edition_id"
            self.editions = connection.execute(read).fetchall()
            read = "SELECT job, occurrence, due_at, state, why FROM occurrences"
            self.occurrences = {(one["job"], one["occurrence"]): one for one in connection.execute(read)}
            read = "SELECT message_id, kind, edition, recipient, sha256, state, queued_at, last_reply FROM outbox"
            self.messages = {one["message_id"]: one for one in connection.execute(read)}
            read = "SELECT hash, return_id, expected, state FROM submissions"
            self.submissions = {tuple(one)[:3]: one["state"] for one in connection.execute(read)}
        finally:
            connection.close()
        newest = {(one["report"], one["period"]): one["edition_id"] for one in self.editions}
        self.newest = set(newest.values())

    def editions_of(self, job, quarter):
        return [one for one in self.editions if one["report"] == job and one["period"] == str(quarter)]

    def in_state(self, *states):
        return {name for name, one in self.messages.items() if one["state"] in states}

    def is_replaced(self, message):
        """Whether a newer edition has taken the place of the one that a message brings."""
        return message["edition"] is not None and message["edition"] not in self.newest

    @staticmethod
    def is_overtaken(message):
        """Whether what a letter says was no longer so when it could have gone."""
        return any(why in (message["last_reply"] or "") for why in OVERTAKEN.get(message["kind"], []))


def copied_ledger(data, folder):
    """A copy of the ledger as it stands, with what is not yet in its main file."""
    for name in LEDGER_FILES:
        (folder / name).unlink(missing_ok=True)
        if (data / name).exists():
            shutil.copyfile(data / name, folder / name)
    return folder / "ledger.sqlite"


def ledger_bytes(data):
    return sum((data / name).stat().st_size for name in LEDGER_FILES if (data / name).exists())


class Evidence:
    """Everything that is looked at."""

    def __init__(self, ledger, data, taken, readers):
        self.ledger = ledger
        self.data = data
        self.taken = taken
        # Of each report the addresses it goes to.
        self.readers = readers
        # (quarter's number from 1, kB) while one process lived.
        self.memory = []
        self.ledger_bytes = 0

    def books(self):
        return Books(self.ledger)


def judge(evidence, lived, verdict=None):
    """Everything about one quarter that is over; and all mail there ever was."""
    verdict = verdict or Verdict()
    books = evidence.books()
    of_schedule(verdict, books, lived)
    of_editions(verdict, books, lived, evidence)
    of_mail(verdict, books, evidence.taken)
    of_returns(verdict, books, lived)
    for edition in books.editions_of(REPORT, lived.quarter):
        of_figures(verdict, edition, lived, evidence.data)
    return verdict


def judge_years(evidence, verdict=None):
    """What only many quarters show."""
    verdict = verdict or Verdict()
    size = evidence.ledger_bytes
    if size >= LEDGER_BYTES_MAX:
        verdict.add("ledger", f"the ledger has {size / 1e6:.1f} MB; it may have {LEDGER_BYTES_MAX / 1e6:.0f}")
    rises = slope(evidence.memory)
    if rises is not None and rises >= SLOPE_MB_MAX:
        verdict.add("memory", f"the process grows by {rises:.2f} MB a quarter; it may by less than {SLOPE_MB_MAX}")
    return verdict


def slope(memory):
    """Least squares, in MB a quarter; none where there are too few."""
    points = [(number, kb / 1024) for number, kb in memory if number >= MEMORY_FROM]
    if len(points) < 4:
        return None
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    over = sum((x - mean_x) * (y - mean_y) for x, y in points)
    return over / sum((x - mean_x) ** 2 for x, _ in points)


# --- One quarter -----------------------------------------------------------------------------------------------------


def of_schedule(verdict, books, lived):
    """Whatever fell due is done, or missed with a reason that somebody was told."""
    quarter = lived.quarter
    months = [f"{month:%Y-%m}" for month in months_before(quarter)]
    following = following_quarter(quarter)
    owed = [(REPORT, str(quarter)), (REVIEW, str(quarter)), ("rehearsal", following)]
    owed += [("sign-of-life", month) for month in months]
    for job, key in owed:
        record = books.occurrences.get((job, key))
        if record is None:
            verdict.add("schedule", f"nothing is on record of {job} for {key}")
        elif record["state"] == "missed" and not notice_of(books, f"missed-{job}-{key}"):
            verdict.add("schedule", f"{job} for {key} was missed, and nobody was told")
        elif record["state"] == "missed" and job == REPORT and not lived.may_miss:
            verdict.add("schedule", f"{job} for {key} was missed, and nothing was in its way: {record['why']}")
        elif record["state"] == "missed" and job == REVIEW and not lived.may_miss and was_in_time(lived, record):
            verdict.add("schedule", f"{job} for {key} was missed, and what it waited for was in")
    for (job, key), record in books.occurrences.items():
        if record["state"] == "due" and instant(record["due_at"]) < lived.ended - PATIENCE:
            verdict.add("schedule", f"{job} for {key} is still due: {record['why'] or 'and nothing says why'}")
        if record["state"] == "missed" and not record["why"]:
            verdict.add("schedule", f"{job} for {key} was missed, and nothing says why")


def was_in_time(lived, record):
    """Whether both returns that the review waits for had come days before it was too late."""
    late = instant(record["due_at"]) + timedelta(days=REVIEW_DAYS - 2)
    waited_for = [partner for partner in lived.partners if partner.number <= HELD_FOR]
    # Off for longer than those two days it may have found out too late.
    return not lived.is_off_around(late) and all(None not in known_by(lived, partner, late) for partner in waited_for)


def notice_of(books, beginning):
    return any(name.startswith(beginning + ".") for name, one in books.messages.items() if one["kind"] == "notice")


def of_editions(verdict, books, lived, evidence):
    """One released edition for what was due, and one for each time somebody asked; each of it to each reader once."""
    for job, wanted in ((REPORT, 1 + lived.by_hand), (REVIEW, 1)):
        record = books.occurrences.get((job, str(lived.quarter)))
        wanted = wanted if record is not None and record["state"] == "done" else wanted - 1
        editions = books.editions_of(job, lived.quarter)
        released = [one for one in editions if one["state"] == "released"]
        if len(released) != wanted or len(editions) != wanted:
            states = ", ".join(f"{one['edition_id']} {one['state']}" for one in editions) or "none"
            verdict.add("edition", f"{job} for {lived.quarter}: {wanted} released editions expected, there are: {states}")
        for edition in editions:
            name = edition["edition_id"]
            mail = [one for one in books.messages.values() if one["edition"] == name and one["kind"] == "report"]
            counts = Counter(one["recipient"] for one in mail)
            wrong = sum(counts[address] != 1 for address in evidence.readers[job]) + len(set(counts) - evidence.readers[job])
            if wrong:
                verdict.add("edition", f"{name}: for {wrong} addresses there is not exactly one message")
            if not (evidence.data / edition["folder"]).is_dir():
                verdict.add("edition", f"{name}: its folder is not there")


def of_mail(verdict, books, taken, at_close=True):
    """Every message against the mail server's log."""
    times = Counter(one.message_id for one in taken)
    for one in taken:
        message = books.messages.get(one.message_id)
        if message is None:
            verdict.add("strange", f"the mail server took {one.message_id}, which is in no outbox")
        elif (one.recipient, one.digest) != (message["recipient"], message["sha256"]):
            verdict.add("strange", f"{one.message_id} did not arrive as it stands in the outbox")
    for name, count in times.items():
        if count > 1:
            verdict.add("doubled", f"the mail server took {name} {count} times")
    for name, message in books.messages.items():
        count, state = times[name], message["state"]
        if state == "accepted" and not count:
            verdict.add("lost", f"{name} is said to be accepted, and the mail server never took it")
        elif state in ("refused", "cancelled", "planned", "approved", "deferred") and count:
            verdict.add("untrue", f"{name} is said to be {state}, and the mail server took it")
        elif at_close and state not in SETTLED and not (state == "refused" and books.is_replaced(message)):
            verdict.add("waiting", f"{name} is still {state} at the end of the quarter")
        elif state == "cancelled" and not books.is_replaced(message) and not books.is_overtaken(message):
            verdict.add("lost", f"{name} was cancelled, and nothing took its place")


def of_returns(verdict, books, lived):
    """Whatever a partner sent is on record, taken in or refused as it should be."""
    delivered = {digest for _, _, digest, is_sure in lived.delivered if is_sure}
    for sent in lived.sent:
        digest = hashlib.sha256(sent.content).hexdigest()
        if sent.partner.has_site and (digest not in delivered or is_cut(sent)):
            continue
        state = books.submissions.get((digest, sent.partner.id, str(lived.quarter)))
        if state != ("accepted" if sent.is_good else "refused"):
            is_what = "is not on record" if state is None else f"is {state}"
            trouble = sent.trouble or "nothing wrong"
            verdict.add("return", f"{sent.partner.id} for {lived.quarter}, `{sent.name}` ({trouble}), {is_what}")


def is_cut(sent):
    """A workbook without its end is not even taken from a site: it looks like a broken connection."""
    return sent.trouble == "damaged file" and sent.name.endswith("xlsx")


def of_figures(verdict, edition, lived, data):
    """The edition's figures of the period against what partners had sent when it was made."""
    made, folder = instant(edition["created_at"]), data / edition["folder"]
    table = folder / f"{lived.quarter.file_name}-indicators.csv"
    if not table.is_file():
        verdict.add("figures", f"{edition['edition_id']}: there is no table of indicators")
        return
    with open(table, newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["Area code"] == HOME_AREA]
    shown = {row["Measure"]: row["Figure"] for row in rows}
    compared = 0
    for partner in {sent.partner.id: sent.partner for sent in lived.sent}.values():
        possible = known_by(lived, partner, made)
        for measure, (_, disclosure, _) in partner.measures.items():
            right = {as_shown(totals and totals[measure], disclosure) for totals in possible}
            there = shown.get(measure, "[x]")
            compared += 1
            if there not in right:
                said = " or ".join(sorted(right))
                verdict.add("figures", f"{edition['edition_id']}: {measure} is {there}, and must be {said}")
    if not compared:
        verdict.add("figures", f"{edition['edition_id']}: there was nothing to compare")


def known_by(lived, partner, moment):
    """What the program can have known then: the last that came, or `None`; more than one where nobody can say."""
    good = [sent for sent in lived.sent if sent.partner is partner and sent.is_good]
    if not partner.has_site:
        by_then = [sent.totals for sent in good if sent.at <= moment]
        return [by_then[-1] if by_then else None]
    by_digest = {hashlib.sha256(sent.content).hexdigest(): sent.totals for sent in good}
    possible = [None]
    for at, source, digest, is_sure in lived.delivered:
        if source == partner.id and at <= moment and digest in by_digest:
            possible = [by_digest[digest]] if is_sure else [*possible, by_digest[digest]]
    return possible


def as_shown(total, disclosure):
    """A figure as readers see it: exact, to the nearest 5, or withheld."""
    if total is None:
        return "[x]"
    if disclosure == "open":
        return str(total)
    if disclosure == "suppressed" and 0 < total < 5:
        return "[c]"
    return str((total + 2) // 5 * 5)


def instant(text):
    """RFC 3339 in UTC with nine decimals."""
    return datetime.fromisoformat(text[:19]).replace(tzinfo=timezone.utc)


def months_before(quarter):
    """The months whose end is followed by a sign of life in the days of this quarter, as their first days."""
    after = quarter.after
    number = after.year * 12 + after.month - 1
    return [after.replace(year=(number + offset) // 12, month=(number + offset) % 12 + 1) for offset in (-1, 0, 1)]


def following_quarter(quarter):
    after = quarter.after
    return str(type(quarter)(after.year, after.month))
