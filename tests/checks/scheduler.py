#!/usr/bin/env python3
"""Lets `serve` meet stopped, killed, late and doubled processes and clocks that jump, and looks whether a report goes out once.

    tests/checks/scheduler.py [PROGRAM] [--only WORD] [--self-test] [--keep]

A small partnership (fixtures/scenarios/small) whose report is due on 21 July 2025 at 09:00 in London. Real processes run by
a clock of libfaketime, one file for all processes of a data folder, so that it can be put forward and back while they run;
what they wait for goes by the real, monotonic clock. Mail goes to a server that this script is, and what it took is compared
with what the ledger says. Needs Debian's package faketime, Python 3.11 and nothing else; about four minutes. A table on
standard output; exits 1 if anything in it is wrong. --self-test: lets two instances run that know nothing of each other, and
doctors the evidence in other ways; each must be noticed.
"""

import argparse
import json
import os
import re
import shutil
import signal
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

sys.dont_write_bytecode = True

from operations.partnership import default_program  # noqa: E402 - after what keeps compiled files out of the tree
from operations.serving import JOB, LONDON, PERIOD, RECIPIENTS, STOPS_WITHIN, Home  # noqa: E402

DUE = "2025-07-21T08:00:00"
EDITION, CHAIR = "2025-26-Q1-01", "chair@fallow-vale.example"
# What the program promises, in real seconds.
BEAT, WITHOUT_BEAT, LEASE, SIGNS = 20, 70, 60, 10
AT_WORK = 6


# --- What must hold --------------------------------------------------------------------------------------------------


def taken_by(server):
    """How often the mail server took each message, by recipient and id."""
    return Counter((one.recipient, one.message_id) for one in server.taken())


def once(home, folders=("var",), unknown=0):
    """One run, one edition, each message once: everything that speaks against it."""
    wrong, states = [], {}
    for data in folders:
        runs = home.rows("SELECT run_id, outcome FROM runs WHERE job = ? AND period = ?", JOB, PERIOD, data=data)
        if len(runs) != 1 or runs[0][1] is None:
            wrong.append(f"{data}: runs {runs}")
        editions = home.rows("SELECT edition_id, state FROM editions WHERE period = ?", PERIOD, data=data)
        if [state for _, state in editions] != ["released"]:
            wrong.append(f"{data}: editions {editions}")
        sql = "SELECT substr(due_at, 1, 19), state FROM occurrences WHERE job = ? AND occurrence = ?"
        due = home.rows(sql, JOB, PERIOD, data=data)
        if due != [(DUE, "done")]:
            wrong.append(f"{data}: occurrences {due}")
        sql = "SELECT message_id, recipient, kind, state FROM outbox"
        states |= {(recipient, id): (kind, state) for id, recipient, kind, state in home.rows(sql, data=data)}
    taken = taken_by(home.server)
    wrong += [f"taken {times} times: {key[1]}" for key, times in taken.items() if times > 1]
    wrong += [f"taken and not in the ledger: {key[1]}" for key in taken if key not in states]
    for key, (_, state) in states.items():
        is_lost = state == "accepted" and key not in taken
        if is_lost or state in ("approved", "sending", "planned"):
            wrong.append(f"{state} and taken {taken[key]} times: {key[1]}")
        if state not in ("accepted", "unknown") and key in taken:
            wrong.append(f"{state} and taken all the same: {key[1]}")
    reports = [key for key, (kind, _) in states.items() if kind == "report"]
    if len(reports) != RECIPIENTS:
        wrong.append(f"{len(reports)} messages of the report, not {RECIPIENTS}")
    count = sum(state == "unknown" for _, state in states.values())
    if count != unknown:
        wrong.append(f"{count} messages are unknown, not {unknown}")
    return wrong


def heartbeat_is_right(home, process):
    """The file names the process in charge, and `status` shows it."""
    wrong = []
    beat = json.loads((home.folder / "var/heartbeat.json").read_text())
    (holder,) = home.rows("SELECT holder FROM leases")[0]
    if beat["holder"] != holder or f"process {process.pid}," not in holder or beat["state"] != "in-charge":
        wrong.append(f"heartbeat of {beat['holder']} ({beat['state']}), in charge is {holder}")
    shown = json.loads(home.run("status", "--json").stdout)["scheduler"]
    if not shown or shown["holder"] != holder:
        wrong.append(f"status shows {shown}")
    age = (datetime.fromtimestamp(time.time() + home.offset, tz=LONDON) - instant(beat["at"])).total_seconds()
    if not 0 <= age <= SIGNS + 15:
        wrong.append(f"the last sign of life is {age:.0f} seconds old")
    return wrong


def instant(text):
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text).replace("Z", "+00:00"))


def logs_are_right(home):
    """There are some, each line is one JSON object, and there is no address in them."""
    wrong, lines = [], 0
    for file in sorted((home.folder / "var/logs").glob("*.jsonl")):
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
            lines += 1
            try:
                if not isinstance(json.loads(line), dict):
                    wrong.append(f"{file.name}:{number} is no JSON object")
            except ValueError:
                wrong.append(f"{file.name}:{number} is not JSON")
            if "@" in line:
                wrong.append(f"{file.name}:{number} holds an address")
    return wrong if lines else ["there are no logs"]


# --- What is played --------------------------------------------------------------------------------------------------


class Check:
    def __init__(self, program, work, faketime):
        self.program, self.work, self.faketime = program, work, faketime
        self.started, self.lines, self.lock = [], [], threading.Lock()

    def line(self, order, what, seen, wrong=()):
        with self.lock:
            self.lines.append((order, what, seen, list(wrong)))

    def home(self, name, clock, **how):
        home = Home(self, name, **how)
        home.set_clock(clock)
        return home


def five_at_once(check):
    home = check.home("five", "2025-07-21T08:59:50")
    for _ in range(5):
        home.serve()
    first = home.wait_for_charge()
    home.wait_for_report()
    others = [process for process in home.processes if process is not first]
    time.sleep(SIGNS)
    wrong = [f"process {process.pid} ended: {process.text()[-300:].strip()}" for process in others if process.process.poll() is not None]
    wrong += [f"process {process.pid} says nothing of it" for process in others if "Standing by" not in process.text()]
    wrong += heartbeat_is_right(home, first)
    check.line("a1", "five started at once: one is in charge", "four say they stand by", wrong)
    first.send(signal.SIGKILL)
    began = time.monotonic()
    successor = home.wait("another takes over", lambda: home.in_charge() if home.in_charge() in others else None, LEASE + 40)
    took = time.monotonic() - began
    late = [f"it took {took:.0f} s"] if took > LEASE + SIGNS + 5 else []
    home.wait_for_mail()
    check.line("a2", "the one in charge is killed", f"another takes over after {took:.0f} s, sends what waits", late)
    check.line("g1", "heartbeat and status name the successor", "they do", heartbeat_is_right(home, successor))
    codes = home.end()
    wrong = once(home) + [f"exit codes {codes}"] * (sorted(codes) != [-signal.SIGKILL, 0, 0, 0, 0])
    check.line("a3", "five at once, one killed", "one run, one edition, each message once", wrong)
    check.line("g2", "logs: JSON, a line each, no address", "so they are", logs_are_right(home))


def stopped_across_the_tick(check):
    home = check.home("stopped", "2025-07-21T08:59:44")
    first = home.serve()
    home.wait_for_charge()
    second = home.serve()
    second.says("next")
    home.wait_for_clock("2025-07-21T08:59:52")
    first.send(signal.SIGSTOP)
    home.wait("another takes over", lambda: home.in_charge() is second, LEASE + 40)
    # The worst moment to wake up: the other one is in the middle of it.
    is_under_way = home.wait_for_begin()
    first.send(signal.SIGCONT)
    first.says("Standing by")
    home.wait_for_report()
    time.sleep(BEAT + SIGNS)
    wrong = heartbeat_is_right(home, second)
    home.finish()
    seen = "in the middle of" if is_under_way else "after"
    check.line("b1", "stopped across the tick", f"another runs it; woken {seen} that, it stands by", wrong + once(home))


def stopped_in_the_middle(check):
    home = check.home("halted", "2025-07-21T08:59:50")
    first = home.serve()
    home.wait_for_charge()
    second = home.serve()
    is_under_way = home.wait_for_begin()
    first.halt()
    is_under_way = is_under_way and not home.runs("outcome IS NOT NULL")
    home.wait("another takes over", lambda: home.in_charge() is second, LEASE + 40)
    time.sleep(BEAT)
    first.send(signal.SIGCONT)
    home.wait_for_report()
    first.says("Standing by")
    time.sleep(BEAT + 5)
    home.finish()
    seen = "another waits; woken, it ends its run" if is_under_way else "too late: it was made already"
    check.line("b2", "stopped in the middle of the run", seen, once(home))


def clock_put_forward(check):
    home = check.home("forward", "2025-07-21T08:59:48")
    home.serve()
    home.serve()
    home.wait_for_clock("2025-07-21T08:59:59")
    home.shift(3600)
    home.wait_for_report()
    time.sleep(BEAT + SIGNS)
    home.finish()
    check.line("c1", "the clock goes forward 1 h at the tick", "one run", once(home) + logs_are_right(home))


def clock_put_back(check):
    home = check.home("back", "2025-07-21T08:59:50")
    home.serve()
    home.serve()
    home.wait_for_begin()
    home.shift(-3600)
    home.wait_for_report()
    # The heartbeat goes by the clock that was put back; looks go on all the same.
    began = time.monotonic()
    home.wait_for_mail(WITHOUT_BEAT + 60)
    took = time.monotonic() - began
    home.set_clock("2025-07-21T08:59:55")
    time.sleep(BEAT + WITHOUT_BEAT / 2)
    home.end()
    seen = f"one run; mail leaves {took:.0f} s later; the tick comes again: nothing"
    check.line("c2", "the clock goes back 1 h in the run", seen, once(home) + logs_are_right(home))


def machine_was_off(check):
    home = check.home("off", "2025-07-21T11:30:00")
    home.serve()
    home.wait_for_report(40)
    home.end()
    home.serve()
    home.wait_for_mail()
    time.sleep(BEAT + 3)
    home.end()
    check.line("d1", "started after the tick, and again", "run once, at the first start", once(home))


def off_for_a_hundred_days(check):
    home = check.home("long-off", "2025-07-16T12:00:00")
    first = home.serve()
    # Down from now on; what it has seen of the schedule is on record.
    home.wait("it has looked at every job", lambda: home.rows("SELECT 1 FROM schedules WHERE job = ?", JOB), 60)
    first.stop()
    police = home.folder / "inbox/police"
    (sent,) = police.iterdir()
    header, *rows = sent.read_text("utf-8").splitlines()[1:]
    months = header.replace("Jan 2025,Feb 2025,Mar 2025", "Jul 2025,Aug 2025,Sep 2025")
    (police / "Districts Apr-Sep 2025 (illustrative).csv").write_text("\n".join([months, *rows]) + "\n")
    home.set_clock(str(datetime.fromisoformat("2025-07-21T09:00:00") + timedelta(days=100)))
    home.serve()
    made = "SELECT period, state FROM editions"
    home.wait("the report of the latest quarter is made", lambda: home.rows(made), 60)
    time.sleep(BEAT + 3)
    home.finish()
    wrong = [f"editions {home.rows(made)}"] * (home.rows(made) != [("2025-26Q2", "released")])
    due = home.rows("SELECT occurrence, state FROM occurrences WHERE job = ? ORDER BY 1", JOB)
    wrong += [f"occurrences {due}"] * (due != [(PERIOD, "missed"), ("2025-26Q2", "done")])
    taken = taken_by(home.server)
    notices = [id for _, id in taken if id.startswith(f"missed-{JOB}-")]
    wrong += [f"notices {notices}"] * (len(notices) != 1 or PERIOD not in notices[0])
    wrong += [f"taken twice: {id}" for (_, id), times in taken.items() if times > 1]
    check.line("d2", "started 100 days after", "the missed quarter in a notice, the latest run", wrong)


def another_time_zone(check):
    made = {}
    for zone in (None, "Pacific/Auckland", "UTC"):
        name = (zone or "no zone").replace("/", "-").lower().replace(" ", "-")
        home = check.home(name, "2025-07-21T08:59:45", variables={"TZ": zone} if zone else {})
        home.serve()
        home.wait_for_clock("2025-07-21T08:59:59")
        wrong = [f"run before its time: {home.runs()}"] if home.runs() else []
        home.wait_for_report()
        home.finish()
        made[zone] = home.rows("SELECT content_sha256 FROM editions")
        if made[zone] != made[None]:
            wrong.append("the edition is another")
        if zone:
            check.line(f"e{len(made) - 1}", f"TZ={zone}", "at nine in London, the same edition", wrong + once(home))


def told_to_stop_while_idle(check):
    home = check.home("idle", "2025-07-21T11:30:00")
    process = home.serve()
    home.wait_for_report()
    home.set_clock("2025-07-21T11:35:01")
    home.wait_for_mail()
    time.sleep(SIGNS)
    wrong = heartbeat_is_right(home, process)
    code, seconds = process.stop()
    wrong += [f"exit {code}"] * (code != 0) + [f"after {seconds:.1f} s"] * (seconds > STOPS_WITHIN)
    wrong += ["the lease was not given back"] * bool(home.rows("SELECT * FROM leases"))
    check.line("f1", "SIGTERM while nothing runs", f"exit {code} after {seconds:.1f} s, the lease given back", wrong + once(home))


def told_to_stop_in_a_report(check):
    home = check.home("mid-report", "2025-07-21T11:30:00")
    process = home.serve()
    is_under_way = home.wait_for_begin()
    code, seconds = process.stop()
    wrong = [f"exit {code}"] * (code not in (0, 75)) + [f"after {seconds:.1f} s"] * (seconds > STOPS_WITHIN)
    home.serve()
    home.wait_for_mail()
    home.end()
    when = "in the middle of a report" if is_under_way else "after a report (too late)"
    check.line("f2", f"SIGTERM {when}", f"exit {code} after {seconds:.1f} s; the rest at the next start", wrong + once(home))


def told_to_stop_while_reading(check):
    home = check.home("mid-reading", "2025-07-21T11:30:00")
    # Large enough for its reader to be met.
    rows = "".join(f"Noise,{number % 9},{number % 7},{number % 5}\n" for number in range(60_000))
    (home.folder / "inbox/housing/too much of it (illustrative).csv").write_text(f"Type,Apr 2025,May 2025,Jun 2025\n{rows}")
    process = home.serve()
    reader = home.wait("a reader is started", process.child, 60, between=0.002)
    os.kill(reader, signal.SIGSTOP)
    time.sleep(1)
    code, seconds = process.stop()
    wrong = [f"exit {code}"] * (code != 75) + [f"after {seconds:.1f} s"] * (seconds > STOPS_WITHIN)
    try:
        os.kill(reader, signal.SIGCONT)
        time.sleep(2)
        state = Path(f"/proc/{reader}/stat").read_text().rsplit(")", 1)[1].split()[0]
        wrong += ["its reader goes on"] * (state != "Z")
    except (ProcessLookupError, FileNotFoundError):
        pass
    home.serve()
    home.wait_for_report()
    home.finish()
    seen = f"exit {code} after {seconds:.1f} s; all of it at the next start"
    check.line("f3", "SIGTERM while a reader hangs", seen, wrong + once(home))


def told_to_stop_while_sending(check):
    for number, (where, unknown) in enumerate((("greeting", 0), ("whole", 1)), 4):
        home = check.home(f"silent-{where}", "2025-07-21T11:30:00")
        home.server.silent = where
        process = home.serve()
        home.wait("it talks to a silent server", lambda: home.server.silences, 60)
        code, seconds = process.stop()
        wrong = [f"exit {code}"] * (code != 75) + [f"after {seconds:.1f} s"] * (seconds > STOPS_WITHIN)
        home.server.silent = None
        home.serve()
        home.wait_for_report()
        home.finish()
        seen = f"exit {code} after {seconds:.1f} s; the rest at the next start, {unknown} unknown"
        what = "has a message and" if where == "whole" else "listens and"
        check.line(f"f{number}", f"SIGTERM, the server {what} says nothing", seen, wrong + once(home, unknown=unknown))


def held_by_a_person(check):
    home = check.home("held", "2025-07-18T10:00:00")
    made = home.run("run", JOB, "--no-send")
    held = home.run("hold", EDITION, "--why", "a name is wrong")
    wrong = [f"{one.args}: {one.stderr}" for one in (made, held) if one.returncode not in (0, 3)]
    notes = home.folder / "config/commentary" / PERIOD
    notes.mkdir(parents=True)
    (notes / "report.txt").write_text("by: Analyst\non: 2025-07-18\n\nThis changes what would be made.\n")
    home.set_clock("2025-07-21T08:59:55")
    home.serve()
    why = "SELECT why FROM occurrences WHERE job = ? AND occurrence = ? AND state = 'due'"
    home.wait("it is held back", lambda: any("which is held" in (said or "") for (said,) in home.rows(why, JOB, PERIOD)), 60)
    home.finish()
    editions = home.rows("SELECT edition_id, state FROM editions")
    wrong += [f"editions {editions}"] * (editions != [(EDITION, "held")])
    wrong += [f"sent {id}" for _, id in taken_by(home.server) if id.startswith(JOB)]
    check.line("h1", "held by a person, then something changes", "it stays held, and the operator hears", wrong)


def ledger_lost(check):
    home = check.home("ledger-lost", "2025-07-21T09:00:30")
    home.serve()
    home.wait_for_report()
    home.finish()
    before = taken_by(home.server)
    ledger = home.folder / "var/ledger.sqlite"
    kept = home.folder / "kept.sqlite"
    ledger.rename(kept)
    process = home.serve()
    trouble = "without it nobody knows what was sent"
    home.wait("it says so", lambda: trouble in process.text(), 60)
    home.set_clock("2025-07-21T09:20:00")
    time.sleep(BEAT + 10)
    code, _ = process.stop()
    beat = json.loads((home.folder / "var/heartbeat.json").read_text())
    wrong = [f"exit {code}"] * (code != 0) + ["a ledger was made"] * ledger.exists()
    wrong += ["the heartbeat does not say so"] * (trouble not in (beat.get("trouble") or trouble))
    wrong += ["something was sent"] * (taken_by(home.server) != before)
    kept.rename(ledger)
    check.line("h3", "started without its ledger", "nothing is done, and it is said", wrong + once(home))


def configuration_changed_under_it(check):
    home = check.home("changed", "2025-07-21T08:58:30")
    home.serve()
    home.wait_for_charge()
    partnership = home.folder / "config/partnership.toml"
    text = partnership.read_text()
    # Half of a change first, then all of it.
    partnership.write_text(text.replace(CHAIR, "no address"))
    time.sleep(BEAT + 5)
    partnership.write_text(text.replace(CHAIR, "new-" + CHAIR))
    home.wait_for_report()
    home.finish()
    to = {recipient for recipient, id in taken_by(home.server) if id.startswith(JOB)}
    wrong = [f"sent to {sorted(to)}"] * (CHAIR in to or "new-" + CHAIR not in to)
    unsound = [id for _, id in taken_by(home.server) if id.startswith("unsound-")]
    wrong += [f"notices {unsound}"] * (len(unsound) != 1)
    check.line("h2", "an address is changed while it runs", "it goes to the new one; half a change is said", wrong + once(home))


# The longest first.
PLAYED = [
    five_at_once,
    stopped_across_the_tick,
    stopped_in_the_middle,
    clock_put_back,
    told_to_stop_while_sending,
    another_time_zone,
    clock_put_forward,
    configuration_changed_under_it,
    ledger_lost,
    off_for_a_hundred_days,
    machine_was_off,
    told_to_stop_while_reading,
    told_to_stop_while_idle,
    told_to_stop_in_a_report,
    held_by_a_person,
]


# --- Whether it notices ----------------------------------------------------------------------------------------------


def self_test(check):
    """Breaks what must hold, one thing at a time; a line is right when it is noticed."""

    def noticed(number, what, wrong, word):
        found = [one for one in wrong if word in one]
        check.line(f"s{number}", what, found[0] if found else "NOT NOTICED", [] if found else [f"only {wrong}"])

    home = check.home("two-masters", "2025-07-21T08:59:55")
    home.serve("var")
    home.serve("var2")
    for data in ("var", "var2"):
        sent = "SELECT count(*) FROM outbox WHERE kind = 'report' AND state = 'accepted'"
        home.wait_for_report()
        home.wait("both have made it", lambda: home.rows("SELECT 1 FROM editions", data=data), 60)
        home.run("--data", data, "run", "outbox")
        home.wait("both have sent it", lambda: home.rows(sent, data=data) == [(RECIPIENTS,)], 60)
    home.end()
    noticed(1, "two data folders, one mailbox", once(home, ("var", "var2")), "taken 2 times")
    home.server.log = list({(one.recipient, one.message_id): one for one in home.server.log}.values())
    check.line("s2", "the same without what came twice", "nothing is said", once(home))
    ledger, kept = home.folder / "var/ledger.sqlite", home.folder / "kept.sqlite"
    shutil.copy(ledger, kept)
    doctored = [
        ("a second run", "INSERT INTO runs SELECT 'again', job, period, 9, key, started_at, NULL, NULL, NULL, outcome, "
         f"finished_at, NULL FROM runs WHERE job = '{JOB}'", "runs"),
        ("a second edition", "INSERT INTO editions SELECT 'again', report, period, lake_version, definitions_hash, content_sha256, "
         "folder, created_at, state, state_at, why FROM editions", "editions"),
        ("a tick that is still due", f"UPDATE occurrences SET state = 'due' WHERE job = '{JOB}'", "occurrences"),
        ("an hour that is Auckland's", f"UPDATE occurrences SET due_at = '2025-07-20T21:00:00Z' WHERE job = '{JOB}'", "occurrences"),
        ("a message that nobody sends", "UPDATE outbox SET state = 'approved' WHERE kind = 'report'", "approved"),
        ("a refused message that was taken", "UPDATE outbox SET state = 'refused' WHERE kind = 'report'", "refused"),
        ("a message that nobody knows of", "UPDATE outbox SET state = 'unknown' WHERE kind = 'report'", "unknown"),
        ("a message less", "UPDATE outbox SET kind = 'notice', edition = NULL WHERE kind = 'report'", "messages of the report"),
    ]
    for number, (what, sql, word) in enumerate(doctored, 3):
        with sqlite3.connect(ledger) as db:
            db.execute(sql)
        db.close()
        noticed(number, what, once(home), word)
        shutil.copy(kept, ledger)
    everything, home.server.log = home.server.log, home.server.log[1:]
    noticed(11, "a message that was lost", once(home), "accepted and taken 0")
    home.server.log = everything
    log = next((home.folder / "var/logs").glob("*.jsonl"))
    whole = log.read_text()
    for number, more, word in ((12, '{"message":"to chair@fallow-vale.example"}\n', "address"), (13, "not so\n", "not JSON")):
        log.write_text(whole + more)
        noticed(number, f"a log with {more.strip()}", logs_are_right(home), word)
    log.write_text(whole)
    process = home.serve()
    home.wait_for_charge()
    check.line("s14", "a heartbeat as it is", "nothing is said", heartbeat_is_right(home, process))
    beat = home.folder / "var/heartbeat.json"
    beat.write_text(beat.read_text().replace(f"process {process.pid},", "process 1,"))
    noticed(15, "a heartbeat of another", heartbeat_is_right(home, process), "heartbeat of")
    home.end()


def play(check, scenario):
    began = time.monotonic()
    try:
        scenario(check)
    except Exception as fault:  # noqa: BLE001 - whatever it is, the others go on and it is shown
        check.line("z", scenario.__name__.replace("_", " "), "broken off", [f"{type(fault).__name__}: {fault}"])
    return time.monotonic() - began


def faketime_library():
    for found in sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")):
        return found
    sys.exit("scheduler.py: there is no libfaketime: install Debian's package faketime")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", nargs="?", type=Path)
    parser.add_argument("--only", help="only what has this word in its name")
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("--keep", action="store_true", help="leaves the folders for a look")
    options = parser.parse_args()
    program = options.program or default_program()
    work = Path(tempfile.mkdtemp(prefix="quarterdeck-scheduler-"))
    # A copy, since the original may be built anew meanwhile.
    check = Check(Path(shutil.copy2(program, work / "quarterdeck")), work, faketime_library())
    began = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("scheduler.py: told to stop"))
    try:
        if options.self_test:
            play(check, self_test)
        else:
            chosen = [one for one in PLAYED if not options.only or options.only in one.__name__]
            with ThreadPoolExecutor(AT_WORK) as pool:
                list(pool.map(lambda one: play(check, one), chosen))
    finally:
        for process in check.started:
            if process.poll() is None:
                process.kill()
                process.wait()
        if not options.keep:
            shutil.rmtree(work, ignore_errors=True)
    for order, what, seen, wrong in sorted(check.lines):
        print(f"{'WRONG' if wrong else 'ok':5}  {order:3}  {what:52}  {seen}")
        for one in wrong:
            print(f"              {one}")
    bad = sum(bool(wrong) for *_, wrong in check.lines)
    print(f"{len(check.lines)} lines, {bad} wrong, {time.monotonic() - began:.0f} s" + (f", in {work}" * options.keep))
    sys.exit(bool(bad) or not check.lines)


if __name__ == "__main__":
    main()
