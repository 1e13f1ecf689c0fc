"""A small partnership and its quarter, in a folder of its own."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SMALL = ROOT / "fixtures/scenarios/small"
PERIOD = "2025-26Q1"
RUN_SECONDS_MAX = 180
SLICE_SECONDS = 5
# Exit codes that say: done, perhaps with something to look at.
DONE = (0, 3)


class Step:
    """One command of the quarter, and what has arrived by then."""

    def __init__(self, name, clock, *arguments):
        self.name = name
        self.clock = datetime.fromisoformat(clock)
        self.arguments = arguments


QUARTER = [
    Step("collect", "2025-07-10T06:30:00+01:00", "run", "collect-returns", "--period", PERIOD),
    Step("letters", "2025-07-10T06:35:00+01:00", "run", "outbox"),
    Step("collect again", "2025-07-17T06:30:00+01:00", "run", "collect-returns", "--period", PERIOD),
    Step("report", "2025-07-21T09:00:00+01:00", "run", "quarterly-monitoring", "--period", PERIOD),
    Step("outbox", "2025-07-21T09:05:00+01:00", "run", "outbox"),
]
REPORT = 3

# Long after: the bytes of the quarter's messages are dropped, and the ledger is written anew without them.
KEEPING = [
    Step("sign of life", "2026-03-02T08:00:00+00:00", "run", "sign-of-life"),
    Step("outbox again", "2026-03-02T08:05:00+00:00", "run", "outbox"),
]
STEPS = [*QUARTER, *KEEPING]


class Ran:
    """How a run of the program ended, and what it said."""

    def __init__(self, arguments, code, stdout, stderr, seconds):
        self.arguments = arguments
        self.code = code
        self.stdout = stdout
        self.stderr = stderr
        self.seconds = seconds

    @property
    def aborted(self):
        return self.code == -signal.SIGABRT

    @property
    def killed(self):
        return self.code == -signal.SIGKILL

    def said(self):
        """The last of what it said, in one line."""
        lines = [line.strip() for line in (self.stdout + self.stderr).splitlines() if line.strip()]
        return f"`{' '.join(self.arguments)}` ended with {self.code}: " + " / ".join(lines[-6:])[:900]


class Home:
    """A folder in which the program runs, with its inbox and its data; the configuration is shared and only read."""

    def __init__(self, folder, program, definitions, port=None, late_minutes=0):
        self.folder = Path(folder)
        self.program = program
        self.definitions = definitions
        self.port = port
        self.late_minutes = late_minutes

    @property
    def data(self):
        return self.folder / "var"

    def inbox(self, name):
        return self.folder / "inbox" / name

    def arrive(self, number):
        """What has arrived, or was taken away, when the step of this number begins. May be repeated."""
        if number == 0 and not self.inbox("police").exists():
            put(SMALL / "sent", self.folder / "inbox", "2025-07-09T12:00:00+01:00")
        if number == 2:
            for file in self.inbox("support").iterdir():
                file.unlink()
            put(SMALL / "later/support", self.inbox("support"), "2025-07-16T12:00:00+01:00")

    def correct(self):
        """The police send a corrected file."""
        put(SMALL / "later/police", self.inbox("police"), "2025-07-09T18:00:00+01:00")

    def environment(self):
        variables = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
        if self.port:
            variables |= {
                "QUARTERDECK__MAIL__TRANSPORT": "smtp",
                "QUARTERDECK__MAIL__PER_MINUTE_MAX": "0",
                "QUARTERDECK__MAIL__SMTP__HOST": "127.0.0.1",
                "QUARTERDECK__MAIL__SMTP__PORT": str(self.port),
                "QUARTERDECK__MAIL__SMTP__SECURITY": "plain",
            }
        return variables

    def run(self, *arguments, clock=None, crash_at=None, kill_after=None, wrapper=()):
        """Runs the program to its end, or until it is killed with all its children after so many seconds."""
        clock = (clock or QUARTER[-1].clock) + timedelta(minutes=self.late_minutes)
        command = [*wrapper, str(self.program), "--config", str(self.definitions / "config"), *arguments]
        command += ["--as-of", clock.isoformat()]
        variables = self.environment()
        if crash_at:
            variables["QUARTERDECK_CRASH_AT"] = crash_at
        began = time.monotonic()
        process = subprocess.Popen(
            command,
            cwd=self.folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        if kill_after is None:
            stdout, stderr = ended(process, arguments)
        else:
            try:
                stdout, stderr = process.communicate(timeout=max(kill_after, 0))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                stdout, stderr = process.communicate()
        nobody_is_left(process.pid)
        seconds = time.monotonic() - began
        text = [stream.decode("utf-8", "replace") for stream in (stdout, stderr)]
        return Ran(arguments, process.returncode, *text, seconds)

    def step(self, number, **how):
        return self.run(*STEPS[number].arguments, clock=STEPS[number].clock, **how)


def ended(process, arguments):
    """What it said until its end. Time is counted in slices: a machine that was put to sleep has not waited."""
    for _ in range(RUN_SECONDS_MAX // SLICE_SECONDS):
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=SLICE_SECONDS)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    raise RuntimeError(f"`{' '.join(arguments)}` had not ended after {RUN_SECONDS_MAX} seconds")


def nobody_is_left(group):
    """Children die with their parent; a reader that outlived it would be a fault of the program."""
    for _ in range(1000):
        try:
            os.killpg(group, 0)
        except (ProcessLookupError, PermissionError):
            return
        time.sleep(0.005)
    os.killpg(group, signal.SIGKILL)
    raise RuntimeError(f"a child of process {group} went on for 5 seconds after its parent had ended")


def put(source, target, when):
    """Copies a folder's files, as if saved at that time."""
    shutil.copytree(source, target, dirs_exist_ok=True)
    stamp = datetime.fromisoformat(when).timestamp()
    for file in source.rglob("*"):
        if file.is_file():
            os.utime(target / file.relative_to(source), (stamp, stamp))


def definitions_in(folder):
    """The partnership's configuration and jobs, with the templates they link to."""
    for name in ("config", "jobs"):
        shutil.copytree(SMALL / name, folder / name)
    return folder


def default_program():
    target = os.environ.get("CARGO_TARGET_DIR") or ROOT / "target"
    return Path(target) / "debug/quarterdeck"


def copied_program(program, folder):
    """A copy of the program, since the original may be built anew while this runs."""
    copy = folder / "quarterdeck"
    shutil.copy2(program, copy)
    return copy


@contextlib.contextmanager
def work_folder(prefix, arguments):
    """A folder to work in, removed at the end unless what went wrong is to be kept."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=arguments.work))
    try:
        yield folder
    finally:
        if not arguments.keep:
            shutil.rmtree(folder, ignore_errors=True)
