"""The program in a folder of its own, and the count of what was compared."""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
FIXTURES = ROOT / "fixtures"
SHOWN_MAX = 8
# Files are taken as soon as they are there.
SETTINGS = {"QUARTERDECK__LANDING__SETTLE_SECONDS": "0"}


class Home:
    """A folder with copies of a configuration and jobs, in which the program runs; removed at the end."""

    def __init__(self, program, config=ROOT / "config", jobs=ROOT / "jobs", as_of="2025-07-21"):
        self.program = program
        self.as_of = as_of
        self._folder = tempfile.TemporaryDirectory(prefix="quarterdeck-figures-")
        self.path = Path(self._folder.name)
        shutil.copytree(config, self.path / "config")
        shutil.copytree(jobs, self.path / "jobs")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._folder.cleanup()

    def sources(self, **files):
        """The only sources: folders, by the return that each is for, with the files given."""
        settings = self.path / "config" / "quarterdeck.toml"
        text = settings.read_text(encoding="utf-8").split("[sources.")[0]
        lines = [text]
        for source, (contract, paths) in files.items():
            name = source.replace("_", "-")
            inbox = self.path / "inbox" / name
            inbox.mkdir(parents=True)
            for path in paths:
                shutil.copyfile(path, inbox / path.name)
            lines.append(f'[sources.{name}]\nkind = "folder"\npath = "inbox/{name}"\nreturn = "{contract}"\n')
        settings.write_text("\n".join(lines), encoding="utf-8")

    def run(self, *arguments, codes=(0,)):
        """The one JSON document that the program prints; ends the check at any other exit code."""
        command = [self.program, *arguments, "--json"]
        if self.as_of:
            command += ["--as-of", self.as_of]
        ran = subprocess.run(command, cwd=self.path, env=SETTINGS, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if ran.returncode not in codes:
            raise SystemExit(f"{' '.join(arguments)}: exit {ran.returncode}\n{ran.stdout}{ran.stderr}")
        return json.loads(ran.stdout)

    def collect(self, period, codes=(0, 3)):
        """Takes in what lies in the inboxes; every file must be accepted. Gives the submissions."""
        document = self.run("run", "collect-returns", "--period", period, codes=codes)
        submissions = document["submissions"]
        states = {submission["file"]: submission["state"] for submission in submissions}
        if not states or set(states.values()) != {"accepted"}:
            raise SystemExit(f"not every file was accepted: {states}\n{json.dumps(document, indent=1)[:4000]}")
        return submissions

    def indicators(self, period, *more):
        """{(measure, area's code): indicator} of the wholes."""
        found = {}
        for row in self.run("indicators", "--period", period, *more)["indicators"]:
            if row["breakdown"] == {}:
                key = row["measure"], row["area"]["code"]
                if key in found:
                    raise SystemExit(f"{key} twice in {period}")
                found[key] = row
        return found


class Tally:
    """How many figures were compared, and which were different."""

    def __init__(self, name):
        self.name = name
        self.compared = 0
        self.differences = []

    def same(self, where, got, wanted):
        """Compares one figure."""
        self.compared += 1
        if got != wanted or isinstance(got, bool) != isinstance(wanted, bool):
            self.differences.append(f"{where}: {got!r}, should be {wanted!r}")

    def holds(self, where, condition, said=None):
        """Compares one thing that is no figure."""
        self.compared += 1
        if not condition:
            self.differences.append(where if said is None else f"{where}: {said}")

    def close(self):
        """Prints the line of this part; gives the number of differences."""
        print(f"{self.name:56} {self.compared:7} compared {len(self.differences):5} different")
        for difference in self.differences[:SHOWN_MAX]:
            print(f"    {difference}")
        if len(self.differences) > SHOWN_MAX:
            print(f"    and {len(self.differences) - SHOWN_MAX} more")
        return len(self.differences)
