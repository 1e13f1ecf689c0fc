#!/usr/bin/env python3
"""Lets one process live through quarter after quarter, with everything going wrong now and then, and accounts for all of it.

    tests/checks/soak.py [--full] [--quarters N] [--program PROGRAM] [--worker WORKER] [--work FOLDER] [--seed SEED] [--keep]
    tests/checks/soak.py --self-test

A partnership after fixtures/scenarios/small, with jobs after jobs/: returns as CSV and XLSX, in folders and on a site that this
script is; a report that goes out when what it needs is in, or on its day; a review that waits for two returns; reminders,
rehearsals, signs of life; readers in four audiences, behind a mail server that this script is, too. One process
(crates/pipeline/examples/looks.rs) takes the looks that `serve` would take, by a clock that is put forward.

Of the conversations with the mail server a part goes wrong, in every way of crates/delivery/tests/faults.rs; so do answers of the
site; partners send late, never, twice, wrongly, and correct; the machine is off for days, the mail server down, the disk full,
and in the last fifth of the quarters the process is killed in the middle of looks. A person does what docs/operations.md says.

After each quarter: its report is released once for each edition, or missed and somebody told; every message is where the
outbox says, by the mail server's log, never twice and never nowhere; every return is on record; figures are those that partners
had sent by then; nothing is left unknown. After every fourth `verify` finds nothing. In the end: memory of the one process rises
by less than 1 MB a quarter, and the ledger is smaller than 50 MB.

--full: 40 quarters, 60 partners, 300 readers, some hours; without it 3, 8 and 20, less than two minutes. --self-test: breaks what
is looked at, one thing at a time, and demands that each is noticed. Needs the program, the worker (`cargo build -p pipeline
--example looks`), Python 3.11 and nothing else; as root it has a disk of its own that can be full. Tables on standard output;
exits 1 with every violation.
"""

import argparse
import contextlib
import json
import os
import random
import shutil
import signal
import sys
import time
import traceback
from collections import Counter
from datetime import timedelta
from pathlib import Path

sys.dont_write_bytecode = True

from operations.accounts import (  # noqa: E402 - after the line that keeps compiled files out of the tree
    Evidence,
    Lived,
    copied_ledger,
    judge,
    judge_years,
    ledger_bytes,
    slope,
)
from operations.big_partnership import REPORT, REVIEW, Readers, lay_out  # noqa: E402
from operations.broken_accounts import self_test  # noqa: E402
from operations.looking import OwnDisk, Worker  # noqa: E402
from operations.operator_desk import Operator  # noqa: E402
from operations.partnership import Home, copied_program, default_program, work_folder  # noqa: E402
from operations.report import Violations, heading, row  # noqa: E402
from operations.returns import TROUBLES, Council, Deck, Partner, Quarter  # noqa: E402
from operations.rough_mail import KINDS as MAIL_KINDS  # noqa: E402
from operations.rough_mail import RoughMailServer  # noqa: E402
from operations.rough_site import KINDS as SITE_KINDS  # noqa: E402
from operations.rough_site import RoughSite  # noqa: E402
from operations.soak_plan import BY_HAND_DAY, FULL, OPERATOR_DAYS, SELF_TEST, SHORT, Plan  # noqa: E402

# `serve` looks again at once; what was queued by one look is sent by the next turn of the outbox.
AGAIN = timedelta(minutes=5)
AGAIN_MAX = 60
CLOSING = timedelta(hours=7)
CLOSING_ROUNDS_MAX = 17
VERIFIED_EVERY = 4
COLUMNS = "quarter editions not-made messages faults unknown deaths RssAnon-MB ledger-MB looks seconds".split()
MACHINE = [
    "days off",
    "days the mail server was down",
    "looks with a full disk",
    "errors of jobs while the disk was full",
    "deaths in a look",
    "reports asked for by hand",
]


class Soak:
    def __init__(self, arguments, scale, work):
        self.scale = scale
        self.seed = arguments.seed
        self.work = work
        self.violations = Violations("soak")
        self.disk = OwnDisk(work)
        folder = self.disk.folder / "partnership"
        self.server = RoughMailServer(random.Random(f"{self.seed}/mail"), scale.quick)
        self.site = RoughSite(random.Random(f"{self.seed}/site"))
        self.partners = [Partner(number, self.seed) for number in range(1, scale.partners + 1)]
        self.readers = Readers(scale.readers)
        lay_out(folder, self.partners, self.readers, self.server.port, self.site.port)
        program = copied_program(arguments.program, work)
        worker = shutil.copy2(arguments.worker, work / "looks")
        self.home = Home(folder, program, folder)
        self.said = work / "said.txt"
        self.worker = Worker(worker, program, folder, self.said)
        self.copies = work / "copies"
        self.copies.mkdir()
        self.operator = Operator(self.home, self.server, self.copies, self.violations)
        self.chance = random.Random(f"{self.seed}/deaths")
        self.troubles = Deck({kind: 1 for kind in TROUBLES}, random.Random(f"{self.seed}/troubles"))
        self.had, self.machine, self.lasted = Counter(), Counter(), {}
        self.memory, self.lived = [], []
        self.peak_kb = 0
        self.now = None

    def end(self):
        self.worker.end()
        self.disk.end()

    # --- One quarter -------------------------------------------------------------------------------------------------

    def quarter(self, number):
        began, quarter = time.monotonic(), Quarter.named(number)
        plan, lived = Plan(quarter, number, self.scale, self.seed), Lived(quarter)
        lived.may_miss, lived.off, lived.partners = plan.is_long_off, plan.off, self.partners
        self.lived.append(lived)
        before = [len(self.server.taken()), self.met(), self.operator.settled.total(), self.machine["deaths in a look"]]
        self.server.rate, self.site.rate = self.scale.mail, self.scale.site
        self.file_away()
        pending, looks = self.sends(quarter), 0
        for day, hour, minute in plan.looks():
            at = quarter.at(day, hour, minute)
            self.arrive(lived, pending, at)
            self.up_or_down(plan, day)
            looks += self.look_through(lived, plan, at, day)
            if hour == 9 and day == BY_HAND_DAY and plan.by_hand:
                self.by_hand(lived, plan)
            if hour == 9 and day in OPERATOR_DAYS and self.operator.turn(self.now):
                looks += self.look_through(lived, plan, self.now + AGAIN, day)
        self.arrive(lived, pending, quarter.at(plan.closing, 0))
        looks += self.close(lived, plan)
        self.machine["days off"] += len(plan.off)
        self.machine["days the mail server was down"] += len(plan.down - plan.off)
        if (number + 1) % VERIFIED_EVERY == 0 or number + 1 == self.scale.quarters:
            self.verify()
        evidence = self.evidence()
        for kind, what in judge(evidence, lived).faults:
            self.violations.add(quarter, f"{kind}: {what}")
        self.tell(number, lived, evidence, before, looks, time.monotonic() - began)
        return evidence

    def file_away(self):
        """What was sent about the last quarter is moved from partners' folders, as hints of the program ask for."""
        for file in (self.home.folder / "inbox").glob("*/*"):
            file.unlink()

    def sends(self, quarter):
        """Everything that partners will send about a quarter, in order of time."""
        chance, sends = random.Random(f"{self.seed}/{quarter}/troubles"), Council().sends(quarter, None)
        for partner in self.partners:
            trouble = self.troubles.draw() if chance.random() < self.scale.trouble else None
            if trouble:
                self.had[trouble] += 1
            sends += partner.sends(quarter, trouble)
        return sorted(sends, key=lambda sent: (sent.at, sent.partner.number))

    def arrive(self, lived, pending, at):
        while pending and pending[0].at <= at:
            sent = pending.pop(0)
            lived.sent.append(sent)
            if sent.partner.has_site:
                self.site.publish(sent.partner.id, sent.content)
                continue
            file = self.home.inbox(sent.partner.id) / sent.name
            file.write_bytes(sent.content)
            os.utime(file, (sent.at.timestamp(), sent.at.timestamp()))

    def up_or_down(self, plan, day):
        if day in plan.down:
            self.server.go_down()
        else:
            self.server.come_up()

    def close(self, lived, plan):
        """The last days: everything comes to its end, and whatever has not is a violation."""
        at, looks = lived.quarter.at(plan.closing, 0, 40), 0
        self.server.come_up()
        for _ in range(CLOSING_ROUNDS_MAX):
            looks += self.look_through(lived, plan, at, plan.closing)
            if not self.operator.turn(self.now):
                break
            at = self.now + CLOSING
        self.server.rate = 0
        at = lived.quarter.at(lived.quarter.days - 1, 23)
        looks += self.look_through(lived, plan, at, lived.quarter.days - 1, may_die=False)
        lived.ended = self.now
        return looks

    # --- Looks -------------------------------------------------------------------------------------------------------

    def look_through(self, lived, plan, at, day, may_die=True):
        """Looks until there is nothing more to be done at once; how many it took."""
        death = plan.death(day) if may_die else 0.0
        for count in range(1, AGAIN_MAX + 1):
            self.now = max(at, self.now + timedelta(minutes=1)) if self.now else at
            kind = "again" if count > 1 else f"{self.now.hour}"
            if not self.goes_on(self.look(lived, kind, day in plan.full, death)):
                return count
            at = self.now + AGAIN
        return AGAIN_MAX

    def look(self, lived, kind, is_full, death):
        kill_after = None
        if self.chance.random() < death and not is_full:
            kill_after = self.chance.uniform(0.02, 1.1) * self.lasted.get(kind, 1.0)
        is_full = is_full and self.disk.is_own
        with self.disk.full(f"{self.seed}/{self.now}") if is_full else contextlib.nullcontext():
            look = self.worker.look(self.now, kill_after)
        self.machine["looks with a full disk"] += is_full
        if look.is_whole:
            self.lasted[kind] = max(look.seconds, 0.7 * self.lasted.get(kind, 0.0))
            self.peak_kb = max(self.peak_kb, look.peak_kb)
            self.last = look
        else:
            self.machine["deaths in a look"] += 1
            self.server.wait_until_idle()
        for one in look.served:
            if one["error"] and is_full:
                self.machine["errors of jobs while the disk was full"] += 1
            elif one["error"]:
                self.violations.add(self.now, f"{one['job']} failed: {one['error']}")
        self.note_delivered(lived, look.is_whole and not is_full, look.of("rehearsal") or look.of("sign-of-life"))
        return look

    def note_delivered(self, lived, is_sure, was_examined=False):
        """The doctor asks sites as well, and keeps nothing: then only what was answered twice was surely kept once."""
        delivered = self.site.take_delivered()
        times = Counter(delivered)
        for one in dict.fromkeys(delivered):
            lived.delivered.append((self.now, *one, is_sure and (times[one] > 1 or not was_examined)))

    def goes_on(self, look):
        """Whether there may be something to send at once: of a job that did something, or after a server that broke off."""
        if not look.is_whole:
            return True
        has_done = any(one["job"] != "outbox" and (one["outcome"] or "").startswith("succeeded") for one in look.served)
        is_broken_off = any(one["outcome"] == "failed" for one in look.of("outbox"))
        return has_done or is_broken_off and self.server.is_up

    def by_hand(self, lived, plan):
        """Corrections that came after the report are said when somebody asks for it."""
        if not self.operator.books().editions_of(REPORT, lived.quarter):
            return
        self.now += timedelta(minutes=1)
        said = self.operator.run(self.now, "run", REPORT, "--period", str(lived.quarter), "--no-send", "--json")
        self.note_delivered(lived, is_sure=True)
        self.machine["reports asked for by hand"] += 1
        if json.loads(said or "{}").get("edition"):
            lived.by_hand += 1
        self.look_through(lived, plan, self.now + AGAIN, BY_HAND_DAY)

    def verify(self):
        self.now += timedelta(minutes=1)
        ran = self.home.run("verify", "--json", clock=self.now)
        if ran.code != 0:
            self.violations.add(self.now, f"verify: {ran.said()}")

    # --- What came of it ---------------------------------------------------------------------------------------------

    def evidence(self):
        addresses = self.readers.addresses
        readers = {
            REPORT: set(addresses.values()),
            REVIEW: {addresses[one] for one in self.readers.review},
        }
        ledger = copied_ledger(self.home.data, self.copies)
        evidence = Evidence(ledger, self.home.data, self.server.taken(), readers)
        evidence.ledger_bytes = ledger_bytes(self.home.data)
        self.last = self.worker.rest(self.now)
        if self.worker.deaths == 0:
            self.memory.append((len(self.lived), self.last.rss_anon_kb))
        evidence.memory = list(self.memory)
        return evidence

    def met(self):
        return self.server.met.total() + self.site.met.total()

    def tell(self, number, lived, evidence, before, looks, seconds):
        taken, met, settled, deaths = before
        editions = evidence.books().editions
        here = [one for one in editions if one["period"] == str(lived.quarter)]
        states = evidence.books().occurrences
        waited = [job for job in (REPORT, REVIEW) if states.get((job, str(lived.quarter)), {"state": "none"})["state"] != "done"]
        row(
            lived.quarter,
            len([one for one in here if one["state"] == "released"]),
            ", ".join(waited),
            len(evidence.taken) - taken,
            self.met() - met,
            self.operator.settled.total() - settled,
            self.machine["deaths in a look"] - deaths,
            f"{self.last.rss_anon_kb / 1024:.1f}",
            f"{evidence.ledger_bytes / 1e6:.1f}",
            looks,
            f"{seconds:.0f}",
        )

    # --- In the end --------------------------------------------------------------------------------------------------

    def tables(self):
        print()
        heading("gone wrong", "how often")
        for kind in MAIL_KINDS:
            row(f"mail server: {kind}", self.server.met[kind])
        for kind in SITE_KINDS:
            row(f"site: {kind}", self.site.met[kind])
        for kind in TROUBLES:
            row(f"return: {kind}", self.had[kind])
        for kind in MACHINE:
            row(f"machine: {kind}", self.machine[kind])
        settled = ", ".join(f"{count} {state}" for state, count in sorted(self.operator.settled.items())) or "none"
        print(f"\nMessages that were unknown, as the relay's log had them: {settled}.")
        wrong, asked = self.server.met.total(), self.site.met.total()
        print(f"{self.server.conversations} conversations with the mail server, {wrong} of them wrong;", end=" ")
        print(f"{self.site.requests} requests to the site, {asked} of them wrong.")
        if not self.disk.is_own:
            print(f"The disk was never full: {self.disk.why_not}.")
        rises = slope(self.memory)
        judged = "too few quarters to judge by" if rises is None else f"{rises:+.2f} MB a quarter by least squares"
        series = ", ".join(f"{kb / 1024:.0f}" for _, kb in self.memory)
        print(f"Memory of the one process after each quarter: {series} MB ({judged}); {self.peak_kb / 1024:.0f} MB at most.")

    def last_words(self):
        """What the worker said besides its answers: nothing, or it panicked."""
        said = self.said.read_text(encoding="utf-8", errors="replace").strip()
        if said:
            self.violations.add("the worker", f"it said: {said[:600]}")


def live(soak):
    """Every quarter, as far as it goes."""
    evidence = None
    for number in range(soak.scale.quarters):
        evidence = soak.quarter(number)
    for kind, what in judge_years(evidence).faults:
        soak.violations.add("the end", f"{kind}: {what}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help=f"{FULL.quarters} quarters of a large partnership")
    parser.add_argument("--quarters", type=int, help="another number of quarters")
    parser.add_argument("--self-test", action="store_true", help="break things on purpose, and demand that it is noticed")
    parser.add_argument("--program", type=Path, default=default_program(), help="the program; a copy of it is used")
    worker = default_program().parent / "examples/looks"
    parser.add_argument("--worker", type=Path, default=worker, help="the example looks; a copy of it is used")
    parser.add_argument("--work", type=Path, help="where to make folders; the system's place for temporary files otherwise")
    parser.add_argument("--seed", default="soak", help="what chance begins from")
    parser.add_argument("--keep", action="store_true", help="keep the folder; what lies on the own disk is in its image")
    arguments = parser.parse_args()
    for file, how in ((arguments.program, "-p cli"), (arguments.worker, "-p pipeline --example looks")):
        if not file.is_file():
            sys.exit(f"soak: there is no {file}: build it first (cargo build {how})")
    scale = SELF_TEST if arguments.self_test else FULL if arguments.full else SHORT
    scale.quarters = arguments.quarters or scale.quarters
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("soak: told to stop"))
    with work_folder("quarterdeck-soak-", arguments) as work:
        began = time.monotonic()
        soak = Soak(arguments, scale, work)
        try:
            print(f"{scale.quarters} quarters, {scale.partners} partners, {scale.readers} readers; seed `{soak.seed}`.\n")
            heading(*COLUMNS)
            if arguments.self_test:
                self_test(soak)
            else:
                live(soak)
        except Exception:  # noqa: BLE001 - what was found until then is told all the same
            soak.violations.add("broken off", traceback.format_exc())
        finally:
            soak.end()
        if not arguments.self_test:
            soak.tables()
        soak.last_words()
        print(f"\n{time.monotonic() - began:.0f} s.")
        soak.violations.end()


if __name__ == "__main__":
    main()
