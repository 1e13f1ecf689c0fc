#!/usr/bin/env python3
"""Cuts the power at hundreds of moments of a quarter, and looks what is left and whether it heals.

    tests/checks/power_loss.py [--full] [--program PROGRAM] [--processes N] [--work FOLDER] [--self-test]

A small partnership's quarter (fixtures/scenarios/small) is recorded by strace: every byte written, every name made, changed or
removed, every sync. A model of the disk keeps only what was synced (operations/disk.py); at cut points spread evenly over
the recording the disk is laid out as it may come back, in four ways from strict to torn, and the program is run on it:
`verify` must find everything that the surviving ledger records whole, or say what is damaged and repair it; then the quarter
is run to its end and must be as if nothing had happened, with no mail lost and none sent twice. Besides, a disk that lies
about the lake (says synced, and keeps nothing) must be noticed and repaired every time. So is a repair of the lake cut off, and
the writing anew of a ledger from which old messages were dropped. Partners' files are taken to last.

From the recording itself: nothing is written into the ledger that does not lie synced on the disk, names included, for
submissions, each commit of the lake, the edition; and `sending` is on record before a message is handed over.

--full: 500 cut points; without it a fixed twentieth. --self-test: breaks things on purpose and demands that each is noticed.
Needs strace, Python 3.11 and nothing else. Tables on standard output; exits 1 with every violation.
"""

import argparse
import hashlib
import json
import queue
import re
import shutil
import subprocess
import sys
import threading
import time
import traceback
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.dont_write_bytecode = True

from operations.broken_disks import self_test  # noqa: E402 - after what keeps compiled files out of the tree
from operations.disk import VARIANTS, Disk, fingerprint, lay_out  # noqa: E402
from operations.gates import WAL, Gates  # noqa: E402
from operations.ledger import LAKE, Ledger  # noqa: E402
from operations.mail_server import MailServer  # noqa: E402
from operations.outcome import Outcome, Verdict, judge, plainly_ended  # noqa: E402
from operations.partnership import QUARTER, STEPS, Home, copied_program, default_program, definitions_in, work_folder  # noqa: E402
from operations.recording import Recording, strace  # noqa: E402
from operations.report import Violations, heading, row  # noqa: E402

CUTS = 500
# Of a disk that lies, so many of the cut points.
LIES_PART = 5
PART = 20
DAMAGED = (1, 3)
LIES = {
    "lies, names lost": ("strict", lambda path: path.startswith(LAKE)),
    "lies, data lost": ("data lost", lambda path: path.startswith(LAKE)),
}


class Film:
    """What was recorded, from what state of the disk on, what the mail server had taken by when, and how it must end."""

    def __init__(self, operations, taken, files, clean, steps=len(QUARTER), same_bytes=True):
        self.operations = operations
        self.taken = taken
        self.files = files
        self.clean = clean
        # So many steps it is played to the end of.
        self.steps = steps
        self.same_bytes = same_bytes

    def cut_points(self, count):
        """How many operations have happened at each, evenly from none to all."""
        last = len(self.operations)
        return sorted({round(number * last / (count - 1)) for number in range(count)})

    def states(self, cuts, variants, lies_about=None, from_operation=0):
        """Each state of the disk that can come back at these cuts, once, with the cuts and variants that lead to it."""
        disk = Disk.holding(self.files)
        disk.lies_about = lies_about or disk.lies_about
        done, seen = 0, {}
        for cut in cuts:
            while done < cut:
                disk.apply(self.operations[done])
                done += 1
            if cut < from_operation:
                continue
            # The latest moment before the next operation: what was handed over by then is with the mail server.
            until = self.operations[cut].at if cut < len(self.operations) else float("inf")
            step = self.operations[max(cut - 1, 0)].step
            taken = [one for one in self.taken if one.at < until]
            for variant in variants:
                files = disk.comes_back(variant, seed=cut)
                key = (fingerprint(files), step, len(taken))
                if key in seen:
                    seen[key].stands_for.append((cut, variant))
                else:
                    seen[key] = State(self, files, step, taken, cut, variant)
                    yield seen[key]


class Check:
    def __init__(self, arguments, work):
        self.work = work
        self.keep = arguments.keep
        self.processes = arguments.processes
        self.program = copied_program(arguments.program, work)
        self.definitions = definitions_in(work / "definitions")
        self.servers = queue.SimpleQueue()
        for _ in range(arguments.processes):
            self.servers.put(MailServer())
        self.violations = Violations("power_loss")
        self.count = 0
        self.lock = threading.Lock()

    def home(self, server):
        with self.lock:
            self.count += 1
            folder = self.work / f"home-{self.count}"
        folder.mkdir()
        (folder / "inbox").mkdir()
        return Home(folder, self.program, self.definitions, server.port)

    def after_the_quarter(self, server):
        server.begin(self.film.taken)
        home = self.home(server)
        shutil.copytree(self.kept.folder, home.folder, dirs_exist_ok=True)
        return home

    # --- The recording -----------------------------------------------------------------------------------------------

    def prepare(self):
        """The quarter once undisturbed and once recorded: they must be the same, and the model like the disk."""
        server = self.servers.get()
        self.clean, _ = self.quarter(server)
        server.begin()
        recorded, home = self.quarter(server, recorded=True)
        verdict = judge(recorded, [self.clean])
        if verdict.faults or self.clean.faults:
            raise SystemExit(f"power_loss: recording changed what happens: {verdict.faults[:5]} {self.clean.faults[:5]}")
        self.kept = home
        self.ledger = Ledger(home.data)
        self.film = Film(self.recording.operations, recorded.taken, {}, self.clean)
        self.servers.put(server)
        self.is_like_the_disk(self.film, files_in(home))

    def repair(self):
        """A repair of the lake, recorded: a Parquet file of the sound quarter is gone."""
        server = self.servers.get()
        home = self.after_the_quarter(server)
        next((home.data / "lake/observations").glob("part-*.parquet")).unlink()
        files = files_in(home)
        recording = Recording(home.folder)
        file = self.work / "recording-repair"
        ran = home.run("verify", "--repair", "--json", wrapper=strace(file))
        if ran.code != 0:
            raise SystemExit(f"power_loss: a lake that lost a file was not repaired: {ran.said()}")
        recording.read(file, len(QUARTER) - 1)
        self.servers.put(server)
        film = Film(recording.operations, self.film.taken, files, self.clean)
        self.is_like_the_disk(film, files_in(home))
        return film

    def keeping(self):
        """Months later, recorded: old messages lose their bytes, and the ledger is written anew without them."""
        server = self.servers.get()
        home = self.after_the_quarter(server)
        files = files_in(home)
        size = len(files["var/ledger.sqlite"])
        recording = Recording(home.folder)
        for number in range(len(QUARTER), len(STEPS)):
            file = self.work / f"recording-{number + 1}"
            wrong = plainly_ended(home.step(number, wrapper=strace(file)))
            if wrong:
                raise SystemExit(f"power_loss: the ledger is not kept small, even undisturbed: {wrong}")
            recording.read(file, number)
        there = files_in(home)
        if len(there["var/ledger.sqlite"]) >= size:
            raise SystemExit("power_loss: the ledger has not become smaller: nothing was written anew")
        clean = Outcome(home, server)
        if clean.faults:
            raise SystemExit(f"power_loss: {clean.faults[:5]}")
        self.servers.put(server)
        # The mail says how much room is left on the disk.
        film = Film(recording.operations, clean.taken, files, clean, steps=len(STEPS), same_bytes=False)
        self.is_like_the_disk(film, there)
        return film

    def quarter(self, server, recorded=False):
        home = self.home(server)
        if recorded:
            self.recording = Recording(home.folder)
        for number in range(len(QUARTER)):
            home.arrive(number)
            file = self.work / f"recording-{number + 1}"
            ran = home.step(number, wrapper=strace(file) if recorded else ())
            wrong = plainly_ended(ran)
            if wrong:
                raise SystemExit(f"power_loss: the quarter does not even pass undisturbed: {wrong}")
            if recorded:
                self.recording.read(file, number)
                file.unlink()
        kept = self.work / f"kept-{home.folder.name}"
        shutil.copytree(home.folder, kept)
        outcome = Outcome(home, server)
        shutil.rmtree(home.folder)
        home.folder = kept
        return outcome, home

    def is_like_the_disk(self, film, there):
        """Nothing escaped the recording: the model without any power cut is the folder, byte for byte."""
        disk = Disk.holding(film.files)
        for operation in film.operations:
            disk.apply(operation)
        modelled = {path: data for path, data in disk.comes_back("all").items() if not path.endswith("-shm")}
        different = [path for path in sorted(set(modelled) | set(there)) if modelled.get(path, 0) != there.get(path, 0)]
        if different:
            raise SystemExit(f"power_loss: the recording is not all that happened: {different[:5]} differ")

    def summary(self):
        kinds = Counter(operation.kind for operation in self.recording.operations)
        written = sum(len(operation.data) for operation in self.recording.operations if operation.kind == "write")
        said = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()) if kind != "say")
        print(f"Recorded: {said}; {written:,} bytes written. The model without a power cut is the folder, byte for byte.\n")

    # --- Cutting -------------------------------------------------------------------------------------------------------

    def play_all(self, states):
        """Runs the program on each; few are in memory at once."""
        room = threading.Semaphore(self.processes * 2)
        results = []

        def one(state):
            try:
                self.play(state)
            finally:
                state.files = None
                room.release()

        with ThreadPoolExecutor(max_workers=self.processes) as pool:
            for state in states:
                room.acquire()
                results.append((state, pool.submit(one, state)))
            for _, future in results:
                future.result()
        return [state for state, _ in results]

    def play(self, state):
        server = self.servers.get()
        home = self.home(server)
        try:
            server.begin(state.taken)
            for number in range(state.step + 1):
                home.arrive(number)
            lay_out(state.files, home.folder)
            self.look(home, state)
            self.go_on(home, server, state)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong in a worker is a violation, not a silence
            state.verdict.add("command", f"{error or traceback.format_exc()}")
        finally:
            if self.keep and state.verdict.faults:
                print(f"kept: {home.folder}: {state}", file=sys.stderr)
            else:
                shutil.rmtree(home.folder, ignore_errors=True)
            self.servers.put(server)
        for kind, what in state.verdict.faults:
            self.violations.add(state, f"{kind}: {what}")

    def look(self, home, state):
        """`verify` finds all whole, and it is; or says what is damaged, and repairs it."""
        ran = home.run("verify", "--json", clock=STEPS[state.step].clock)
        if ran.code == 0:
            state.found = "whole"
        else:
            is_said = ran.stderr.strip() or '"damage": [' in ran.stdout
            if ran.code not in DAMAGED or not is_said or "panicked" in ran.stderr:
                state.verdict.add("refusal", f"neither whole nor plainly damaged: {ran.said()}")
            state.said = what_was_damaged(ran)
            state.found = "repaired"
            again = home.run("verify", "--repair", "--json", clock=STEPS[state.step].clock)
            if again.code != 0:
                state.found = "not repaired"
                state.verdict.add("repair", f"{state.said}; {what_was_damaged(again) or again.said()}")
        for what in self.silent_losses(home):
            if state.found != "not repaired":
                state.verdict.add("silent loss", what)

    def silent_losses(self, home):
        """What the surviving ledger records and is not there as it was; the program has called it whole."""
        ledger = Ledger(home.data)
        for commit in ledger.commits:
            for path, sha256 in commit.files.items():
                file = home.folder / path
                if not file.is_file():
                    yield f"{path} is recorded and gone"
                elif hashlib.sha256(file.read_bytes()).hexdigest() != sha256:
                    yield f"{path} is recorded and is another"
        in_lake = {one for one, (_, in_lake) in ledger.submissions.items() if in_lake}
        if not in_lake:
            return
        for table, expected in self.clean.rows.items():
            ran = home.run("query", f"select * from {table}", "--format", "csv")
            if ran.code != 0:
                yield f"the table {table} cannot be read: {ran.said()}"
                continue
            rows = Outcome.rows_in(ran.stdout)
            for submission in sorted(in_lake):
                here = sorted(str(row) for row in rows if row["submission"] == submission)
                there = sorted(str(row) for row in expected if row["submission"] == submission)
                if here != there:
                    yield f"{len(here)} rows of submission {submission[:12]} in {table} in place of {len(there)}"

    def go_on(self, home, server, state):
        """The film to its end, as if nothing had happened."""
        for number in range(state.step, state.film.steps):
            home.arrive(number)
            wrong = plainly_ended(home.step(number))
            if wrong:
                state.verdict.add("command", f"step {number + 1} ({STEPS[number].name}): {wrong}")
                return
        outcome = Outcome(home, server)
        if state.found == "repaired" or any(path.startswith("var/lake.") for path in state.paths):
            # The damaged lake was put aside, as it says.
            outcome.files = {name: digest for name, digest in outcome.files.items() if not name.startswith("lake.damaged-")}
        state.verdict.faults += judge(outcome, [state.film.clean], same_bytes=state.film.same_bytes).faults
        state.unknown = outcome.unknown()


def files_in(home):
    """Every file of the data folder with its bytes, folders with `None`."""
    found = {"var": None}
    for path in home.data.rglob("*"):
        found[path.relative_to(home.folder).as_posix()] = path.read_bytes() if path.is_file() else None
    return found


class State:
    """A way the disk may come back, and what became of it."""

    def __init__(self, film, files, step, taken, cut, variant):
        self.film = film
        self.files = files
        self.paths = sorted(files)
        self.step = step
        self.taken = taken
        self.stands_for = [(cut, variant)]
        self.verdict = Verdict()
        self.found = "not looked at"
        self.said = ""
        self.unknown = (0, 0)

    def __str__(self):
        cut, variant = self.stands_for[0]
        return f"cut after operation {cut} ({variant}, step {self.step + 1} {STEPS[self.step].name})"


def what_was_damaged(ran):
    try:
        return "; ".join(f"{one['place']}: {one['what']}" for one in json.loads(ran.stdout)["damage"])[:600]
    except (ValueError, KeyError):
        return ran.stderr.strip()[:600]


# --- Tables ----------------------------------------------------------------------------------------------------------


def state_table(states, variants, title):
    columns = ["whole", "damage said and repaired", "not repaired", "silent losses", "unknown", "of these taken", "lost", "doubled"]
    heading(title, "cuts", "different states", *columns, "otherwise wrong")
    for variant in [*variants, None]:
        these = [state for state in states if variant is None or any(name == variant for _, name in state.stands_for)]
        cuts = sum(1 for state in states for _, name in state.stands_for if variant in (None, name))
        found = Counter(state.found for state in these)
        kinds = Counter()
        for state in these:
            kinds += state.verdict.kinds()
        unknown = [sum(state.unknown[place] for state in these) for place in (0, 1)]
        other = sum(kinds.values()) - kinds["silent loss"] - kinds["lost"] - kinds["doubled"]
        name = "**all**" if variant is None else f"{variant}: {VARIANTS[variant]}" if variant in VARIANTS else variant
        losses = [kinds["silent loss"], *unknown, kinds["lost"], kinds["doubled"], other]
        row(name, cuts, len(these), found["whole"], found["repaired"], found["not repaired"], *losses)
    print()


def damage_table(states):
    """What was said to be damaged, without the names that differ."""
    said = Counter()
    for state in states:
        if state.said:
            plain = re.sub(r"/\S*/var/", "var/", re.sub(r"[0-9a-f]{64}", "…", state.said))
            said[plain.split("; ")[0][:200]] += 1
    if said:
        heading("states", "what `verify` said of them, first")
        for what, count in said.most_common():
            row(count, what)
        print()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help=f"{CUTS} cut points")
    parser.add_argument("--self-test", action="store_true", help="break things on purpose, and demand that it is noticed")
    parser.add_argument("--program", type=Path, default=default_program(), help="a copy of it is used")
    parser.add_argument("--processes", type=int, default=2, help="how many quarters are played at once")
    parser.add_argument("--work", type=Path, help="where to make folders; the system's place for temporary files otherwise")
    parser.add_argument("--keep", action="store_true", help="keep the folders of what went wrong")
    arguments = parser.parse_args()
    if not arguments.program.is_file():
        sys.exit(f"power_loss: there is no program {arguments.program}: build it first (cargo build -p cli)")
    trial = ["strace", "-o", "/dev/null", "true"]
    if not shutil.which("strace") or subprocess.run(trial, capture_output=True).returncode != 0:
        sys.exit("power_loss: strace is missing or may not trace here: apt-get install strace, and allow ptrace")
    cuts = CUTS if arguments.full else CUTS // PART
    with work_folder("quarterdeck-power-", arguments) as work:
        began = time.monotonic()
        check = Check(arguments, work)
        check.prepare()
        check.summary()
        check.gates = Gates(check.film.operations, check.ledger, check.film.taken)
        if arguments.self_test:
            self_test(check)
        else:
            check.gates.table()
            for gate, what in check.gates.faults:
                check.violations.add("in the recording", f"{gate}: {what}")
            states = check.play_all(check.film.states(check.film.cut_points(cuts), VARIANTS))
            state_table(states, VARIANTS, "what came back")
            damage_table(states)
            first = first_recorded(check)
            lied = []
            for name, (variant, lies_about) in LIES.items():
                points = check.film.cut_points(max(cuts // LIES_PART, 2))
                these = check.play_all(check.film.states(points, [variant], lies_about, from_operation=first))
                for state in these:
                    state.stands_for = [(cut, name) for cut, _ in state.stands_for]
                    if state.found == "whole":
                        check.violations.add(state, "silent loss: the lake was lost, and called whole")
                lied += these
            state_table(lied, LIES, "a disk that lies about the lake")
            damage_table(lied)
            for film, title in [(check.repair(), "a repair"), (check.keeping(), "a ledger written anew")]:
                these = check.play_all(film.states(film.cut_points(max(cuts // LIES_PART, 2)), VARIANTS))
                state_table(these, VARIANTS, f"{title}, cut at one of {len(film.operations)} operations")
                damage_table(these)
        print(f"{time.monotonic() - began:.0f} s with {arguments.processes} quarters at once.")
        check.violations.end()


def first_recorded(check):
    """The operation by which the ledger first records a commit of the lake for good."""
    loose = b""
    for number, operation in enumerate(check.film.operations):
        if operation.kind == "write" and operation.path == WAL:
            loose += operation.data
        if operation.kind == "sync" and operation.path == WAL:
            if any(commit.token.encode() in loose for commit in check.ledger.commits):
                return number + 1
            loose = b""
    raise SystemExit("power_loss: the ledger never recorded a commit of the lake")


if __name__ == "__main__":
    main()
