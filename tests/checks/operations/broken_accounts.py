"""The check of the soak: what is looked at is broken on purpose, one thing at a time, and each must be noticed."""

import copy
import csv
import shutil
import sqlite3

from .accounts import judge, judge_years
from .big_partnership import REPORT
from .report import heading, row
from .returns import HOME_AREA


def self_test(soak):
    """Lives through one quarter, which must be in order, and then doctors what is known of it."""
    whole = soak.quarter(0)
    lived = soak.lived[0]
    print()
    heading("broken on purpose", "noticed as")
    broken = [
        ("nothing is broken", lambda one: None, None),
        ("the mail server forgets a message it took", forget, "lost"),
        ("the mail server took a message twice", lambda one: one.taken.append(one.taken[3]), "doubled"),
        ("the mail server took a message that nobody wrote", strange, "strange"),
        ("an edition is not in the ledger", in_ledger("DELETE FROM editions WHERE report = ?", REPORT), "edition"),
        ("an edition is there that nobody asked for", in_ledger(SECOND_EDITION, REPORT), "edition"),
        ("a reader's message is not in the outbox", in_ledger(ONE_LESS), "edition"),
        ("the report was never due", in_ledger("DELETE FROM occurrences WHERE job = ?", REPORT), "schedule"),
        ("the report was missed, and nobody was told", in_ledger(MISSED, REPORT), "schedule"),
        ("a job is still due", in_ledger("UPDATE occurrences SET state = 'due' WHERE job = 'collect-returns'"), "schedule"),
        ("a message is left unknown", in_ledger(LEFT.format("unknown")), "waiting"),
        ("a message is left waiting", in_ledger(LEFT.format("deferred")), "untrue"),
        ("a return is not on record", in_ledger(NOT_ON_RECORD), "return"),
        ("a figure of the edition is another", another_figure(soak.work / "doctored"), "figures"),
        ("a figure of the edition is missing", another_figure(soak.work / "emptied", "[x]"), "figures"),
    ]
    for what, breaking, expected in broken:
        evidence = copy.copy(whole)
        evidence.taken = list(whole.taken)
        evidence.ledger = soak.work / "doctored.sqlite"
        shutil.copyfile(whole.ledger, evidence.ledger)
        breaking(evidence)
        demand(soak, what, judge(evidence, lived), expected)
    for what, memory, size, expected in [
        ("memory that stays, a ledger of 40 MB", [90_000 + 900 * (number % 3) for number in range(20)], 40e6, None),
        ("memory that rises by 2 MB a quarter", [90_000 + 2048 * number for number in range(20)], 40e6, "memory"),
        ("a ledger of 60 MB", [90_000] * 20, 60e6, "ledger"),
    ]:
        evidence = copy.copy(whole)
        evidence.memory = list(enumerate(memory, start=1))
        evidence.ledger_bytes = size
        demand(soak, what, judge_years(evidence), expected)


def demand(soak, what, verdict, expected):
    noticed = sorted(verdict.kinds())
    row(what, ", ".join(noticed) or "nothing")
    if (expected not in noticed) if expected else noticed:
        said = "; ".join(what for _, what in verdict.faults[:3]) or "nothing"
        soak.violations.add("self-test", f"{what}: must be noticed as {expected or 'nothing'}, and was: {said}")


SECOND_EDITION = (
    "INSERT INTO editions SELECT edition_id || '-again', report, period, lake_version, definitions_hash, content_sha256, folder,"
    " created_at, state, state_at, why FROM editions WHERE report = ?"
)
FIRST_REPORT = "WHERE message_id = (SELECT min(message_id) FROM outbox WHERE kind = 'report')"
ONE_LESS = f"UPDATE outbox SET kind = 'notice', edition = NULL {FIRST_REPORT}"
MISSED = "UPDATE occurrences SET state = 'missed', why = 'it was due too long ago', run_id = NULL WHERE job = ?"
LEFT = f"UPDATE outbox SET state = '{{}}' {FIRST_REPORT}"
NOT_ON_RECORD = "UPDATE submissions SET expected = '2001-02Q1' WHERE return_id = 'council'"


def forget(evidence):
    del evidence.taken[3]


def strange(evidence):
    one = copy.copy(evidence.taken[3])
    one.message_id = "nobody-wrote-this@fallow-vale.example"
    evidence.taken.append(one)


def in_ledger(statement, *values):
    def change(evidence):
        connection = sqlite3.connect(evidence.ledger)
        changed = connection.execute(statement, values).rowcount
        connection.commit()
        connection.close()
        if changed < 1:
            raise RuntimeError(f"the self-test changed nothing: {statement}")

    return change


def another_figure(folder, figure=None):
    """One more than it was, or what is given, in the first row of the partnership's own area that has a figure."""

    def change(evidence):
        shutil.copytree(evidence.data / "reports", folder / "reports")
        evidence.data = folder
        for table in folder.rglob("*-Q?-indicators.csv"):
            with open(table, newline="", encoding="utf-8") as file:
                rows = list(csv.DictReader(file))
            changed = next(one for one in rows if one["Area code"] == HOME_AREA and one["Figure"].isdecimal())
            changed["Figure"] = figure or str(int(changed["Figure"]) + 1)
            with open(table, "w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, rows[0].keys())
                writer.writeheader()
                writer.writerows(rows)

    return change
