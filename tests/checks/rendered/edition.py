"""The folder of an edition: which files it has, and what its report says."""

import csv
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path


class Edition:
    """Paths of an edition's files. The period stands in the names of those that leave the house."""

    def __init__(self, folder):
        self.folder = Path(folder).resolve()
        self.report_file = self.folder / "report.json"
        if not self.report_file.is_file():
            sys.exit(f"{self.folder} is no edition's folder: it has no report.json")
        self.report = json.loads(self.report_file.read_text(encoding="utf-8"))
        period = self.report["period_file_name"]
        self.html = self.folder / "email.html"
        self.text = self.folder / "email.txt"
        self.page = self.folder / "page" / "index.html"
        self.pack = self.folder / f"{period}-pack.pdf"
        self.workbook = self.folder / f"{period}-tables.xlsx"
        self.package = self.folder / "datapackage.json"
        self.tables = sorted(self.folder.glob(f"{period}-*.csv"))

    def needs(self, findings, *paths):
        """Ends the check at once when a file is not there: nothing else can be said of it."""
        for path in paths:
            if not path.is_file() or path.stat().st_size == 0:
                findings.add(path.name, "is there", f"{path} is missing or empty")
        if not self.tables:
            findings.add(str(self.folder), "is there", "there is no CSV file")
        if findings.found:
            findings.end()

    def indicators(self):
        return [row for group in self.report["indicators"]["groups"] for row in group["rows"]]


def records(path):
    """Every row of a CSV file, the header first."""
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def tool(findings, name, package):
    """Ends the check when a program is not on this machine."""
    if shutil.which(name) is None:
        findings.add(name, "is installed", f"{name} is missing: apt-get install {package}")
        findings.end()


def output(*command):
    """What a program prints; it must succeed."""
    ran = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    if ran.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: exit {ran.returncode}\n{ran.stderr.decode(errors='replace')[-2000:]}")
    return ran.stdout.decode("utf-8", errors="replace")


def plain(text):
    """Text as it is read: white space of any kind is one space, soft hyphens are not there."""
    return " ".join(text.replace("\u00ad", "").split())
