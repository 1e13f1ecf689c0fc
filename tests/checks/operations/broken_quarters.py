"""Whether the check of deaths notices: each thing that it looks at is broken on purpose."""

import shutil
import sqlite3
import sys

from .outcome import Outcome, judge
from .partnership import QUARTER, REPORT
from .report import Violations, heading, row


def self_test(check, played_to_death):
    """Breaks each thing that is looked at, after an undisturbed quarter, and demands the kind of fault it is."""

    def parquet(home, table):
        return next((home.data / "lake" / table).glob("part-*.parquet"))

    def submission(home):
        return next((home.data / "landing").rglob("*.bin"))

    def cut_in_half(path):
        path.chmod(0o600)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    def in_ledger(home, statement):
        with sqlite3.connect(home.data / "ledger.sqlite") as ledger:
            changed = ledger.execute(statement).rowcount
        ledger.close()
        if changed < 1:
            raise RuntimeError(f"the self-test changed nothing: {statement}")

    def send_again(home, server):
        in_ledger(home, "UPDATE outbox SET state = 'approved' WHERE kind = 'report'")
        home.step(4)

    def another_figure(home, server):
        home.correct()
        home.step(REPORT, crash_at="after-record")

    left_waiting, gone = "UPDATE outbox SET state = 'deferred' WHERE rowid = 3", "DELETE FROM outbox WHERE rowid = 3"
    broken = [
        ("a Parquet file is deleted", None, lambda home, server: parquet(home, "observations").unlink(), "verify"),
        ("a Parquet file is cut in half", None, lambda home, server: cut_in_half(parquet(home, "actions")), "verify"),
        ("a submission is cut in half", None, lambda home, server: cut_in_half(submission(home)), "verify"),
        ("the report's folder is gone", None, lambda home, server: shutil.rmtree(home.data / "reports"), "files"),
        ("the mail server forgets a message it took", ("loses", 5), None, "lost"),
        ("the mail server takes a message twice", ("doubles", 5), None, "doubled"),
        ("accepted messages are sent again", None, send_again, "doubled"),
        ("a message is left waiting", None, lambda home, server: in_ledger(home, left_waiting), "lost"),
        ("a message is gone from the outbox", None, lambda home, server: in_ledger(home, gone), "lost"),
        ("figures came in that nobody reported", None, another_figure, "figures"),
        ("nothing is broken", None, lambda home, server: None, None),
    ]
    heading("broken on purpose", "noticed as")
    for what, server_fault, breaking, expected in broken:
        desk = check.desks.get()
        home = desk.home(0)
        server = desk.server
        if server_fault:
            setattr(server, *server_fault)
        for number in range(len(QUARTER)):
            home.arrive(number)
            home.step(number)
        try:
            if breaking:
                breaking(home, server)
            verdict = judge(Outcome(home, server), [check.clean])
            noticed = sorted(verdict.kinds())
        finally:
            server.loses = server.doubles = None
            shutil.rmtree(home.folder, ignore_errors=True)
            check.desks.put(desk)
        demand(check, what, noticed, expected)
    right = check.program
    for what, place, statement, expected in [
        ("a program that sends again what was being sent", "after-send", "state = 'approved' WHERE state = 'sending'", "doubled"),
        ("a program that believes what was being sent", "after-mark-sending", "state = 'accepted' WHERE state = 'sending'", "lost"),
        ("the program itself", "after-send", None, None),
    ]:
        check.program = faulty(check, statement) if statement else right
        before = Violations("crashes")
        check.violations, before = before, check.violations
        played = played_to_death(place)
        check.violations = before
        check.program = right
        noticed = sorted(played.verdict.kinds()) if played.has_landed else ["not reached"]
        demand(check, f"{what}, died at {place}", noticed, expected)
    nowhere = played_to_death("no-such-place")
    row("a place that nothing comes to", "never reached" if not nowhere.has_landed else "reached")
    if nowhere.has_landed:
        check.violations.add("self-test", "a place that is not there was said to be reached")


def demand(check, what, noticed, expected):
    row(what, ", ".join(noticed) or "nothing")
    if (expected not in noticed) if expected else noticed:
        said = f"{what} must be noticed as {expected or 'nothing'}, and was as {noticed or 'nothing'}"
        check.violations.add("self-test", said)


def faulty(check, statement):
    """The program, with something done to its ledger before each run."""
    script = check.work / "faulty"
    script.write_text(
        f"#!{sys.executable}\n"
        "import os, sqlite3, sys\n"
        "if os.path.exists('var/ledger.sqlite'):\n"
        "    ledger = sqlite3.connect('var/ledger.sqlite')\n"
        "    if ledger.execute(\"SELECT 1 FROM sqlite_schema WHERE name = 'outbox'\").fetchone():\n"
        f"        ledger.execute(\"UPDATE outbox SET {statement}\")\n"
        "    ledger.commit()\n"
        "    ledger.close()\n"
        f"os.execv({str(check.program)!r}, [{str(check.program)!r}, *sys.argv[1:]])\n",
        encoding="utf-8",
    )
    script.chmod(0o755)
    return script
