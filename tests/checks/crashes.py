#!/usr/bin/env python3
"""Lets a quarter die at every named place and at random moments, and looks whether it heals.

    tests/checks/crashes.py [--full] [--program PROGRAM] [--processes N] [--work FOLDER] [--self-test]

A small partnership (fixtures/scenarios/small) takes in returns, writes letters, makes its report and sends it to a mail
server that this script is. The program is told to abort at each `crash_point` of crates/pipeline/src, in every step of the
quarter that comes to it, and in states that earlier deaths, corrected files, later hours and other jobs have made; and its
whole process group is killed at random moments. Afterwards the quarter is run to its end, and everything is compared with a
quarter that nothing disturbed: indicators byte for byte, the lake's rows, every file, every message against what the mail
server took, and `verify`. Nothing may be lost and nothing doubled; what nobody can know must be listed as `unknown`.

--full: each place 20 times and 500 kills; without it a fixed twentieth of that. --self-test: breaks things on purpose and
demands that each is noticed. Needs a debug build, Python 3.11 and nothing else. Tables on standard output; exits 1 with
every violation.
"""

import argparse
import queue
import random
import re
import shutil
import sys
import time
import traceback
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.dont_write_bytecode = True

from operations.broken_quarters import self_test  # noqa: E402 - after the line that keeps compiled files out of the tree
from operations.mail_server import MailServer  # noqa: E402
from operations.outcome import SENT, UNKNOWN, Outcome, Verdict, judge, messages_of, plainly_ended  # noqa: E402
from operations.partnership import (  # noqa: E402
    QUARTER,
    REPORT,
    ROOT,
    Home,
    copied_program,
    default_program,
    definitions_in,
    work_folder,
)
from operations.report import Violations, heading, row  # noqa: E402

REPETITIONS = 20
KILLS = 500
PART = 20
LATER_MINUTES = 20
DRAWS_MAX = 40


class Plan:
    """What happens to a quarter: deaths in order, and what else comes in between."""

    def __init__(self, name, start=0, deaths=(), correction_after=None, is_later=False, other_job=False, kill_at=None):
        self.name = name
        self.start = start
        # (place, first step in which it may happen, how often)
        self.deaths = list(deaths)
        # Arrives after the death of this number; none: never.
        self.correction_after = correction_after
        self.is_later = is_later
        self.other_job = other_job
        self.kill_at = kill_at

    def __str__(self):
        parts = [f"from step {self.start + 1}"]
        parts += [f"{place} in step {step + 1} or later, {times} times" for place, step, times in self.deaths]
        if self.kill_at is not None:
            parts.append(f"killed after {self.kill_at:.3f} s")
        if self.correction_after is not None:
            parts.append(f"a corrected file after death {self.correction_after + 1}")
        parts += ["each time later"] * self.is_later + ["another job first"] * self.other_job
        return f"{self.name}: " + "; ".join(parts)


class Played:
    """What became of a plan."""

    def __init__(self, plan):
        self.plan = plan
        # (place, step) of each death.
        self.deaths = []
        self.has_landed = False
        self.was_corrected = False
        self.corrected_before = None
        self.verdict = None
        self.unknown = (0, 0)
        self.cut_off = {}
        self.seconds = 0.0


class Desk:
    """One worker's mail server; homes are made and removed as plans are played."""

    def __init__(self, number, check):
        self.server = MailServer()
        self.folder = check.work / f"desk-{number}"
        self.folder.mkdir()
        self.check = check
        self.count = 0

    def home(self, before_step):
        """A home as it was, undisturbed, before this step."""
        self.count += 1
        folder = self.folder / f"home-{self.count}"
        snapshot = self.check.snapshots[before_step]
        shutil.copytree(snapshot.folder, folder)
        self.server.begin(snapshot.taken)
        return Home(folder, self.check.program, self.check.definitions, self.server.port)


class Snapshot:
    def __init__(self, folder, taken):
        self.folder = folder
        self.taken = taken


class Check:
    def __init__(self, arguments, work):
        self.work = work
        self.seed = arguments.seed
        self.keep = arguments.keep
        self.program = copied_program(arguments.program, work)
        self.definitions = definitions_in(work / "definitions")
        self.snapshots = []
        self.desks = queue.SimpleQueue()
        self.violations = Violations("crashes")
        for number in range(arguments.processes):
            self.desks.put(Desk(number, self))

    # --- Undisturbed quarters ------------------------------------------------------------------------------------------

    def prepare(self):
        """The quarter undisturbed, with a snapshot before each step; twice, since it must be the same each time."""
        desk = self.desks.get()
        folder = self.work / "clean"
        empty = self.work / "before-step-1"
        empty.mkdir()
        (empty / "inbox").mkdir()
        self.snapshots = [Snapshot(empty, [])]
        home = desk.home(0)
        self.seconds = []
        for number in range(len(QUARTER)):
            home.arrive(number)
            ran = home.step(number)
            wrong = plainly_ended(ran)
            if wrong:
                raise SystemExit(f"crashes: the quarter does not even pass undisturbed: {wrong}")
            self.seconds.append(ran.seconds)
            if number + 1 < len(QUARTER):
                copy = self.work / f"before-step-{number + 2}"
                shutil.copytree(home.folder, copy)
                self.snapshots.append(Snapshot(copy, desk.server.taken()))
        shutil.copytree(home.folder, folder)
        self.clean = Outcome(home, desk.server)
        self.desks.put(desk)
        again = self.reference(None)
        verdict = judge(again, [self.clean])
        if verdict.faults or self.clean.faults:
            faults = "; ".join(what for _, what in verdict.faults[:5])
            raise SystemExit(f"crashes: two undisturbed quarters are not the same: {faults}")
        if len(self.clean.messages) < 6 or self.clean.unknown() != (0, 0):
            raise SystemExit("crashes: an undisturbed quarter must send letters and reports, and leave none unknown")

    def reference(self, corrected_before):
        """An undisturbed quarter in which a corrected file comes before a step; `"sent"`: after the report was sent."""
        desk = self.desks.get()
        home = desk.home(0)
        steps = list(range(len(QUARTER)))
        if corrected_before == "sent":
            steps.insert(REPORT + 1, REPORT)
        seen = Counter()
        for number in steps:
            home.arrive(number)
            again = corrected_before == "sent" and number == REPORT and seen[number] == 1
            if number == corrected_before or again:
                home.correct()
            seen[number] += 1
            wrong = plainly_ended(home.step(number))
            if wrong:
                raise SystemExit(f"crashes: an undisturbed quarter with a corrected file: {wrong}")
        outcome = Outcome(home, desk.server)
        shutil.rmtree(home.folder)
        self.desks.put(desk)
        return outcome

    def prepare_corrected(self):
        """Before the first look, between two looks, by the report itself, and when the report was out."""
        self.corrected = [self.reference(before) for before in (0, 1, 2, REPORT, "sent")]

    # --- Playing -------------------------------------------------------------------------------------------------------

    def play(self, plan):
        desk = self.desks.get()
        played = Played(plan)
        began = time.monotonic()
        home = desk.home(plan.start)
        try:
            self.let_happen(home, plan, played)
            if played.has_landed:
                outcome = Outcome(home, desk.server)
                played.verdict = self.judged(outcome, played)
                played.unknown = outcome.unknown()
                if played.unknown[0]:
                    self.settle(home, desk.server, outcome, played)
                played.cut_off = dict(desk.server.cut_off)
                for kind, what in played.verdict.faults:
                    self.violations.add(plan, f"{kind}: {what}")
        except Exception as error:  # noqa: BLE001 - whatever goes wrong in a worker is a violation, not a silence
            self.violations.add(plan, f"{error or traceback.format_exc()}")
            played.verdict = played.verdict or judge_nothing()
        finally:
            if self.keep and played.verdict and played.verdict.faults:
                print(f"kept: {home.folder}: {plan}: {played.verdict.faults}", file=sys.stderr)
            else:
                shutil.rmtree(home.folder, ignore_errors=True)
            played.seconds = time.monotonic() - began
            self.desks.put(desk)
        return played

    def settle(self, home, server, outcome, played):
        """With the mail server's log at hand nothing stays unknown: what it took is settled, the rest sent again."""
        log = home.folder / "mail.log"
        log.write_text(postfix_log(server.taken()), encoding="ascii")
        self.must(home, "outbox", "settle", "--log", str(log))
        for message in messages_of(self.must(home, "outbox", "list", "--json").stdout).values():
            if message.state == UNKNOWN:
                self.must(home, "outbox", "settle", message.id, "--as", "refused")
        self.must(home, "outbox", "resend", "--failed")
        self.must(home, "run", "outbox")
        times = Counter(one.message_id for one in server.taken())
        for message in messages_of(self.must(home, "outbox", "list", "--json").stdout).values():
            is_replaced = message.edition in outcome.editions[:-1]
            is_right = message.state == SENT and times[message.id] == 1 or is_replaced and times[message.id] <= 1
            if not is_right or message.state == UNKNOWN:
                what = f"{message.id} is {message.state} after settling, and was taken {times[message.id]} times"
                played.verdict.add("unsettled", what)

    def must(self, home, *arguments):
        ran = home.run(*arguments)
        wrong = plainly_ended(ran)
        if wrong:
            raise RuntimeError(wrong)
        return ran

    def judged(self, outcome, played):
        if not played.was_corrected:
            return judge(outcome, [self.clean], same_clock=not played.plan.is_later)
        return judge(outcome, self.corrected, same_clock=not played.plan.is_later, same_order=False)

    def let_happen(self, home, plan, played):
        deaths = [list(death) for death in plan.deaths]
        number, elapsed = plan.start, 0.0
        while number < len(QUARTER):
            home.arrive(number)
            place = deaths[0][0] if deaths and number >= deaths[0][1] else None
            kill_after = None
            if plan.kill_at is not None and not played.has_landed:
                kill_after = plan.kill_at - elapsed
            ran = home.step(number, crash_at=place, kill_after=kill_after)
            elapsed += ran.seconds
            if place and ran.aborted or kill_after is not None and ran.killed:
                played.deaths.append((place, number))
                if place:
                    deaths[0][2] -= 1
                    if deaths[0][2] == 0:
                        deaths.pop(0)
                else:
                    played.has_landed = True
                number = self.after_death(home, plan, played, number)
                continue
            wrong = plainly_ended(ran)
            if wrong:
                raise RuntimeError(f"step {number + 1} ({QUARTER[number].name}) after {len(played.deaths)} deaths: {wrong}")
            number += 1
        if plan.kill_at is None:
            played.has_landed = not deaths

    def after_death(self, home, plan, played, number):
        """What comes before the next attempt; the step that is tried next."""
        # Looking works in any state.
        looked = home.run("status", "--json", clock=QUARTER[number].clock)
        if looked.code != 0:
            self.violations.add(plan, f"looking after a death in step {number + 1}: {looked.said()}")
        if plan.is_later:
            home.late_minutes += LATER_MINUTES
        if plan.other_job:
            wrong = plainly_ended(home.run("run", "outbox", clock=QUARTER[number].clock))
            if wrong:
                raise RuntimeError(f"the outbox job after a death in step {number + 1}: {wrong}")
        if plan.correction_after == len(played.deaths) - 1:
            home.correct()
            played.was_corrected = True
            # Only steps up to the report take files in.
            return min(number, REPORT)
        return number

    def play_all(self, plans):
        with ThreadPoolExecutor(max_workers=self.desks.qsize()) as pool:
            return list(pool.map(self.play, plans))


def postfix_log(taken):
    """What Postfix would have written about these messages."""
    lines = []
    for number, one in enumerate(taken):
        queue_id = f"4F{number:04X}"
        lines.append(f"Jul 21 09:00:01 relay postfix/cleanup[12]: {queue_id}: message-id=<{one.message_id}>")
        lines.append(f"Jul 21 09:00:01 relay postfix/qmgr[5]: {queue_id}: from=<csp@csp.example>, size=900, nrcpt=1 (queue active)")
    return "".join(line + "\n" for line in lines)


def judge_nothing():
    verdict = Verdict()
    verdict.add("command", "it did not come to an end")
    return verdict


# --- Named places ----------------------------------------------------------------------------------------------------


def places():
    found = set()
    for file in sorted((ROOT / "crates/pipeline/src").rglob("*.rs")):
        found |= set(re.findall(r'crash_point\("([^"]+)"\)', file.read_text(encoding="utf-8")))
    return sorted(found)


def drawn(check, place, steps, repetition, all_places):
    """A plan by chance, always the same for the same seed."""
    for draw in range(DRAWS_MAX):
        chance = random.Random(f"{check.seed}/{place}/{repetition}/{draw}")
        step = chance.choice(steps)
        start = chance.randint(0, step)
        deaths = [(chance.choice(all_places), chance.randint(start, step), 1) for _ in range(chance.choice([0, 0, 1, 1, 2]))]
        deaths.sort(key=lambda death: death[1])
        deaths.append((place, step, chance.choice([1, 1, 1, 2, 3])))
        if chance.random() < 0.4:
            deaths.append((chance.choice(all_places), step, 1))
        total = sum(times for _, _, times in deaths)
        correction_after = chance.randrange(total) if chance.random() < 0.4 else None
        yield Plan(
            place,
            start=start,
            deaths=deaths,
            correction_after=correction_after,
            is_later=chance.random() < 0.25,
            other_job=chance.random() < 0.25,
        )


def at_places(check, names, repetitions):
    """Each place in each step that comes to it, from an undisturbed state; then states by chance, up to the number wanted."""
    if repetitions == 1:
        first = check.play_all([Plan(name, deaths=[(name, 0, 1)]) for name in names])
        return {played.plan.name: [played] for played in first if played.has_landed}
    check.prepare_corrected()
    tried = check.play_all(
        [Plan(name, start=step, deaths=[(name, step, 1)]) for name in names for step in range(len(QUARTER))]
    )
    landed = {name: [] for name in names}
    for played in tried:
        name, start = played.plan.name, played.plan.start
        # Tried from every step on; what was reached in a later one only is tried from there, too.
        if played.has_landed and played.deaths[0][1] == start:
            landed[name].append(played)

    def by_chance(name, repetition):
        steps = sorted({played.deaths[0][1] for played in landed_first[name]})
        for plan in drawn(check, name, steps, repetition, names):
            played = check.play(plan)
            if played.has_landed or played.verdict:
                return played
        check.violations.add(name, f"no plan of {DRAWS_MAX} came to it")
        return None

    landed_first = {name: list(these) for name, these in landed.items()}
    wanted = [
        (name, repetition)
        for name in names
        for repetition in range(len(landed[name]), repetitions)
        if landed[name]
    ]
    with ThreadPoolExecutor(max_workers=check.desks.qsize()) as pool:
        for played in pool.map(lambda one: by_chance(*one), wanted):
            if played:
                landed[played.plan.name].append(played)
    return {name: these for name, these in landed.items() if these}


# --- Random moments --------------------------------------------------------------------------------------------------


def at_moments(check, count):
    """Kills at moments spread by chance over an undisturbed quarter."""
    chance = random.Random(f"{check.seed}/moments")
    total = sum(check.seconds)

    def one(number_and_moment):
        number, moment = number_and_moment
        for _ in range(DRAWS_MAX):
            played = check.play(Plan(f"kill {number + 1}", kill_at=moment))
            if played.has_landed or played.verdict:
                return played
            # This one was over sooner than the one that was measured.
            moment *= 0.95
        check.violations.add(f"kill {number + 1}", "it never hit anything")
        return None

    moments = [(number, chance.random() * total) for number in range(count)]
    with ThreadPoolExecutor(max_workers=check.desks.qsize()) as pool:
        return [played for played in pool.map(one, moments) if played]


# --- Tables ----------------------------------------------------------------------------------------------------------


def counts(these):
    unknown = sum(played.unknown[0] for played in these)
    taken = sum(played.unknown[1] for played in these)
    kinds = Counter()
    for played in these:
        kinds += played.verdict.kinds()
    other = sum(kinds.values()) - kinds["lost"] - kinds["doubled"]
    return [unknown, taken, kinds["lost"], kinds["doubled"], other]


def deaths_of(these):
    return sum(len(played.deaths) for played in these)


def place_table(landed):
    columns = ["unknown", "of these taken", "lost", "doubled", "otherwise different"]
    heading("place", "steps", "quarters", "deaths", "corrected", *columns)
    everything = []
    for name, these in sorted(landed.items()):
        steps = sorted({step + 1 for played in these for place, step in played.deaths if place == name})
        corrected = sum(played.was_corrected for played in these)
        row(name, ", ".join(map(str, steps)), len(these), deaths_of(these), corrected, *counts(these))
        everything += these
    corrected = sum(played.was_corrected for played in everything)
    row(f"**all {len(landed)}**", "", len(everything), deaths_of(everything), corrected, *counts(everything))


def moment_table(killed):
    heading("killed in", "quarters", "unknown", "of these taken", "lost", "doubled", "otherwise different")
    for number, step in enumerate(QUARTER):
        these = [played for played in killed if played.deaths and played.deaths[0][1] == number]
        row(f"{number + 1} {step.name}", len(these), *counts(these))
    row("**all**", len(killed), *counts(killed))
    cut_off = Counter()
    for played in killed:
        cut_off.update(played.cut_off)
    said = ", ".join(f"{count} after {phase}" for phase, count in sorted(cut_off.items()))
    print(f"\nConversations that the mail server saw cut off by these kills: {said or 'none'}.")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help=f"each place {REPETITIONS} times and {KILLS} kills")
    parser.add_argument("--self-test", action="store_true", help="break things on purpose, and demand that it is noticed")
    parser.add_argument("--program", type=Path, default=default_program(), help="a debug build; a copy of it is used")
    parser.add_argument("--processes", type=int, default=2, help="how many quarters are played at once")
    parser.add_argument("--work", type=Path, help="where to make folders; the system's place for temporary files otherwise")
    parser.add_argument("--seed", default="quarter", help="what chance begins from")
    parser.add_argument("--only", choices=["places", "moments"], help="one half of it")
    parser.add_argument("--keep", action="store_true", help="keep the folders of what went wrong")
    arguments = parser.parse_args()
    if not arguments.program.is_file():
        sys.exit(f"crashes: there is no program {arguments.program}: build it first (cargo build -p cli)")
    names = places()
    if len(names) < 20:
        sys.exit(f"crashes: only {len(names)} places are named in crates/pipeline/src, there must be 20 at least")
    repetitions, kills = (REPETITIONS, KILLS) if arguments.full else (REPETITIONS // PART, KILLS // PART)
    with work_folder("quarterdeck-crashes-", arguments) as work:
        began = time.monotonic()
        check = Check(arguments, work)
        check.prepare()
        took = ", ".join(f"{step.name} {seconds:.2f} s" for step, seconds in zip(QUARTER, check.seconds))
        print(f"An undisturbed quarter: {sum(check.seconds):.2f} s ({took}); {len(check.clean.messages)} messages,", end=" ")
        print(f"{sum(map(len, check.clean.rows.values()))} rows, {len(check.clean.files)} files.\n")
        if arguments.self_test:
            self_test(check, lambda place: check.play(Plan(place, deaths=[(place, 0, 1)])))
        elif arguments.only != "moments":
            landed = at_places(check, names, repetitions)
            place_table(landed)
            for name in sorted(set(names) - set(landed)):
                check.violations.add(name, "no step of the quarter comes to it (a release build comes to none)")
            print()
        if not arguments.self_test and arguments.only != "places":
            moment_table(at_moments(check, kills))
        print(f"\n{time.monotonic() - began:.0f} s with {arguments.processes} quarters at once; seed `{check.seed}`.")
        check.violations.end()


if __name__ == "__main__":
    main()
