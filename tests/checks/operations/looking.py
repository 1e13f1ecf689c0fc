"""One process that lives through years of looks, and a disk of its own that can be full."""

import contextlib
import json
import os
import random
import selectors
import shutil
import signal
import subprocess
import time

from .partnership import nobody_is_left

LOOK_SECONDS_MAX = 1200


class Look:
    """What a look served, how much memory the process held after it, and how long it took."""

    def __init__(self, at, seconds, answer=None):
        self.at = at
        self.seconds = seconds
        # It ended by its answer, not by a death.
        self.is_whole = answer is not None
        answer = answer or {"served": []}
        self.served = answer["served"]
        self.rss_anon_kb = answer.get("rss_anon_kb", 0)
        self.rss_kb = answer.get("rss_kb", 0)
        self.peak_kb = answer.get("peak_kb", 0)

    def of(self, job):
        return [one for one in self.served if one["job"] == job]


class Worker:
    """crates/pipeline/examples/looks.rs at work in a partnership's folder."""

    def __init__(self, worker, program, folder, said):
        self.command = [str(worker), str(program)]
        self.folder = folder
        # What it says besides its answers: nothing, unless something is wrong.
        self.said = said
        self.deaths = 0
        self.process = None
        self.start()

    def start(self):
        with open(self.said, "ab") as said:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                bufsize=0,
                start_new_session=True,
            )

    def look(self, at, kill_after=None):
        """A look at this moment; killed after so many seconds, if it is not over by then, with its readers."""
        return self.answer(f"look {at.isoformat()}", at, kill_after)

    def rest(self, at):
        """Gives back what it no longer needs, as it would long before the next look."""
        return self.answer("rest", at)

    def answer(self, asked, at, kill_after=None):
        began = time.monotonic()
        self.process.stdin.write(f"{asked}\n".encode("ascii"))
        if not self.answers_within(LOOK_SECONDS_MAX if kill_after is None else kill_after):
            if kill_after is None:
                self.end()
                raise RuntimeError(f"`{asked}` at {at} was not over after {LOOK_SECONDS_MAX} seconds")
            self.die()
            return Look(at, time.monotonic() - began)
        line = self.process.stdout.readline()
        if not line.endswith(b"\n"):
            raise RuntimeError(f"the worker ended in the look at {at}: {self.last_said()}")
        return Look(at, time.monotonic() - began, json.loads(line))

    def answers_within(self, seconds):
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            return bool(selector.select(seconds))

    def die(self):
        """As by a power cut to this process alone; another one takes its place."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        nobody_is_left(self.process.pid)
        self.process.stdin.close()
        self.process.stdout.close()
        self.deaths += 1
        self.start()

    def end(self):
        if self.process and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def last_said(self):
        said = self.said.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return " / ".join(said[-5:])[:900] or "it said nothing"


class OwnDisk:
    """A file with a file system in it, mounted: only root can do that. Otherwise a folder like any other, which is never full."""

    SIZE = 8 << 30
    # So much is left of it: what is written next fails at its beginning, or some way on.
    LEFT_BYTES = [0, 16 << 10, 64 << 10, 256 << 10, 1 << 20]

    def __init__(self, work):
        self.folder = work / "disk"
        self.image = work / "disk.img"
        self.folder.mkdir()
        self.why_not = None if os.geteuid() == 0 else "only root can mount one"
        if self.why_not is None:
            with open(self.image, "wb") as image:
                image.truncate(self.SIZE)
            for command in (
                ["mkfs.ext4", "-q", "-m", "0", str(self.image)],
                ["mount", "-o", "loop", str(self.image), str(self.folder)],
            ):
                self.why_not = self.why_not or failure(command)
        self.is_own = self.why_not is None
        self.ballast = self.folder / "ballast"

    @contextlib.contextmanager
    def full(self, seed):
        """Full while this lasts, but for a little."""
        left = random.Random(seed).choice(self.LEFT_BYTES)
        with open(self.ballast, "wb") as file:
            size, step = 0, 1 << 28
            while step >= 4096:
                free = os.statvfs(self.folder)
                if free.f_bavail * free.f_frsize - left < step:
                    step //= 2
                    continue
                try:
                    os.posix_fallocate(file.fileno(), size, step)
                    size += step
                except OSError:
                    step //= 2
        try:
            yield
        finally:
            self.ballast.unlink()

    def end(self):
        if self.is_own:
            failure(["umount", str(self.folder)])


def failure(command):
    """Why a command failed, if it did."""
    if not shutil.which(command[0]):
        return f"there is no {command[0]}"
    ran = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return None if ran.returncode == 0 else ran.stderr.strip() or f"{command[0]} ended with {ran.returncode}"
