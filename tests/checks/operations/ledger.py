"""What a ledger records, read by another SQLite than the program's."""

import json
import shutil
import sqlite3
import tempfile
from pathlib import Path

LAKE = "var/lake"
LEDGER = "var/ledger.sqlite"


class Ledger:
    """Read from a copy, so that nothing is changed by looking."""

    def __init__(self, data):
        self.commits, self.submissions, self.editions = [], {}, []
        if not (data / "ledger.sqlite").exists():
            return
        with tempfile.TemporaryDirectory(dir=data.parent) as folder:
            for name in ("ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-journal"):
                if (data / name).exists():
                    shutil.copyfile(data / name, Path(folder) / name)
            connection = sqlite3.connect(Path(folder) / "ledger.sqlite")
            try:
                there = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
                if "lake_commits" in there:
                    self.read(connection)
            finally:
                connection.close()

    def read(self, connection):
        query = "SELECT lake_table, version, files, log_sha256, row_count FROM lake_commits ORDER BY lake_table, version"
        for table, version, files, log_sha256, rows in connection.execute(query):
            self.commits.append(Commit(table, version, json.loads(files), log_sha256, rows))
        query = "SELECT hash, state, in_lake FROM submissions"
        self.submissions = {one: (state, in_lake) for one, state, in_lake in connection.execute(query)}
        query = "SELECT edition_id, content_sha256, folder FROM editions"
        self.editions = [Edition(*values) for values in connection.execute(query)]


class Commit:
    def __init__(self, table, version, files, log_sha256, rows):
        self.name = f"{table} {version}"
        self.table = table
        self.rows = rows
        self.token = log_sha256
        # What must lie on the disk: path below the home, and SHA-256.
        self.files = {f"{LAKE}/{table}/_delta_log/{version:020}.json": log_sha256}
        self.files |= {f"{LAKE}/{table}/{file['path']}": file["sha256"] for file in files}


class Edition:
    def __init__(self, name, content_sha256, folder):
        self.name = name
        self.token = content_sha256
        self.folder = f"var/{folder}"
