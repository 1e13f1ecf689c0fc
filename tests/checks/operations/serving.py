"""Real `serve` processes of a small partnership, by a clock that can be put forward and back, and a mail server."""

import re
import shutil
import signal
import sqlite3
import subprocess
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from .mail_server import MailServer
from .partnership import SMALL

LONDON = ZoneInfo("Europe/London")
JOB, PERIOD = "quarterly-monitoring", "2025-26Q1"
RECIPIENTS = 4
STOPS_WITHIN = 30


class Home:
    """A partnership's folder with a clock of its own and a mail server."""

    def __init__(self, check, name, variables=None, server=None):
        self.check, self.name = check, name
        self.folder = check.work / name
        shutil.copytree(SMALL / "config", self.folder / "config")
        shutil.copytree(SMALL / "jobs", self.folder / "jobs")
        shutil.copytree(SMALL / "sent", self.folder / "inbox")
        self.server = server or MailServer()
        self.variables, self.processes, self.offset = variables or {}, [], 0.0

    def set_clock(self, local):
        """`local` is the time in London from now on: it goes on from there."""
        wanted = datetime.fromisoformat(local).replace(tzinfo=LONDON).timestamp()
        self.shift(wanted - time.time() - self.offset)

    def shift(self, seconds):
        self.offset += seconds
        # Read at every look at the clock: it must never be there by half.
        temporary = self.folder / "clock.tmp"
        temporary.write_text(f"{self.offset:+.3f}")
        temporary.rename(self.folder / "clock")

    def wait_for_clock(self, local):
        wanted = datetime.fromisoformat(local).replace(tzinfo=LONDON).timestamp()
        while (left := wanted - time.time() - self.offset) > 0:
            time.sleep(min(left, 0.2))

    def environment(self):
        return {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "LD_PRELOAD": str(self.check.faketime),
            "FAKETIME_TIMESTAMP_FILE": str(self.folder / "clock"),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "QUARTERDECK__MAIL__TRANSPORT": "smtp",
            "QUARTERDECK__MAIL__PER_MINUTE_MAX": "0",
            "QUARTERDECK__MAIL__SMTP__HOST": "127.0.0.1",
            "QUARTERDECK__MAIL__SMTP__PORT": str(self.server.port),
            "QUARTERDECK__MAIL__SMTP__SECURITY": "plain",
        } | self.variables

    def serve(self, data="var"):
        process = Served(self, len(self.processes), data)
        self.processes.append(process)
        return process

    def run(self, *arguments):
        command = [str(self.check.program), *arguments]
        return subprocess.run(
            command, cwd=self.folder, env=self.environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120
        )

    def rows(self, sql, *values, data="var"):
        ledger = self.folder / data / "ledger.sqlite"
        if not ledger.exists():
            return []
        for _ in range(50):
            try:
                with sqlite3.connect(f"file:{ledger}?mode=ro", uri=True, timeout=10) as db:
                    return db.execute(sql, values).fetchall()
            except sqlite3.OperationalError:
                # Being made, or just being closed by its last user.
                time.sleep(0.05)
        raise Wrong(f"the ledger of {self.name} cannot be read")

    def runs(self, what="1"):
        return self.rows(f"SELECT run_id FROM runs WHERE job = ? AND period = ? AND {what}", JOB, PERIOD)

    def in_charge(self):
        """The process that holds the lease."""
        for (holder,) in self.rows("SELECT holder FROM leases"):
            pid = int(re.search(r"process (\d+)", holder).group(1))
            return next((process for process in self.processes if process.pid == pid), None)
        return None

    def wait(self, what, is_so, seconds, between=0.1):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if found := is_so():
                return found
            time.sleep(between)
        raise Wrong(f"after {seconds} seconds still not: {what}")

    def wait_for_report(self, seconds=90):
        self.wait("the report is made", lambda: self.runs("outcome IS NOT NULL"), seconds)

    def wait_for_begin(self, seconds=90):
        """Until the report's run has begun; says whether it is still under way."""
        self.wait("the report is begun", self.runs, seconds, between=0.004)
        return not self.runs("outcome IS NOT NULL")

    def wait_for_charge(self, seconds=30):
        return self.wait("one process is in charge", self.in_charge, seconds)

    def wait_for_mail(self, seconds=60):
        """Until the report is with its readers; the outbox has its turn every five minutes."""
        sql = "SELECT count(*), sum(state IN ('approved', 'deferred', 'sending')) FROM outbox WHERE kind = 'report'"
        self.wait("the report is sent", lambda: self.rows(sql)[0] == (RECIPIENTS, 0), seconds)

    def end(self):
        """Asks every process that is left to stop; says what each exited with."""
        for process in self.processes:
            process.send(signal.SIGCONT)
            process.send(signal.SIGTERM)
        return [process.ended()[0] for process in self.processes]

    def finish(self):
        """Ends everything and hands over what is left, as the next start would."""
        self.end()
        self.server.silent = None
        ran = self.run("run", "outbox")
        if ran.returncode not in (0, 3):
            raise Wrong(f"`run outbox` ended with {ran.returncode}: {ran.stderr}")


class Served:
    """One `serve`."""

    def __init__(self, home, number, data):
        self.home, self.said = home, home.folder / f"serve-{number}.txt"
        arguments = [str(home.check.program), "-v", "--data", data, "serve"]
        with open(self.said, "wb") as said:
            self.process = subprocess.Popen(
                arguments, cwd=home.folder, env=home.environment(), stdin=subprocess.DEVNULL, stdout=said, stderr=said
            )
        self.pid = self.process.pid
        home.check.started.append(self.process)

    def send(self, what):
        if self.process.poll() is None:
            self.process.send_signal(what)

    def halt(self):
        """Stops it, but never while it writes to the ledger: then nobody else could, as long as it is stopped."""
        self.send(signal.SIGSTOP)
        while not self.lets_others_write():
            self.send(signal.SIGCONT)
            time.sleep(0.002)
            self.send(signal.SIGSTOP)

    def lets_others_write(self):
        db = sqlite3.connect(self.home.folder / "var/ledger.sqlite", timeout=0.05, isolation_level=None)
        try:
            db.execute("BEGIN IMMEDIATE")
            db.execute("ROLLBACK")
            return True
        except sqlite3.OperationalError:
            return False
        finally:
            db.close()

    def ended(self):
        """Its exit code, and how many seconds it took from now."""
        began = time.monotonic()
        try:
            code = self.process.wait(timeout=STOPS_WITHIN + 20)
        except subprocess.TimeoutExpired:
            raise Wrong(f"{self.home.name}: a process had not ended {STOPS_WITHIN + 20} seconds after SIGTERM") from None
        return code, time.monotonic() - began

    def stop(self):
        self.send(signal.SIGTERM)
        return self.ended()

    def text(self):
        return self.said.read_text("utf-8", "replace")

    def says(self, words):
        self.home.wait(f"it says `{words}`", lambda: words in self.text(), 40)

    def child(self):
        """A child process of it, if it has one."""
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            try:
                children = (task / "children").read_text().split()
            except OSError:
                continue
            if children:
                return int(children[0])
        return None


class Wrong(Exception):
    """What must hold does not."""
