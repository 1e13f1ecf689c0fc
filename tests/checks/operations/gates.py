"""The order of things, from a recording alone: what lay synced on the disk when the ledger came to record it."""

import hashlib
from collections import Counter

from .disk import Disk
from .report import heading, row

WAL = "var/ledger.sqlite-wal"
SENDING = "`sending` is on record before DATA"
SUBMISSION = "a submission is synced before the ledger receives it"
PARQUET = "the Parquet file of a commit is synced before the ledger records it"
EDITION = "an edition's files are synced before the ledger has it"
OWN_NAME = "the data folder's own name is synced"
DESTROYED = "what is destroyed cannot come back"
ENTRY = "the log entry of a commit is synced before the ledger records it"


class Gates:
    """Goes through a recording; `faults` are gates with what was wrong."""

    def __init__(self, operations, ledger, taken):
        self.operations = operations
        self.ledger = ledger
        self.taken = taken
        self.looked_at = Counter()
        self.faults = []
        self.pass_through()

    def expect(self, gate, holds, what):
        self.looked_at[gate] += 1
        if not holds:
            self.faults.append((gate, what))

    def pass_through(self):
        self.disk = Disk()
        waiting = [("a commit of the lake", one.token, lambda one=one: self.commit(one)) for one in self.ledger.commits]
        waiting += [("a submission", one, lambda one=one: self.submission(one)) for one in sorted(self.ledger.submissions)]
        waiting += [("an edition", one.token, lambda one=one: self.edition(one)) for one in self.ledger.editions]
        loose, is_on_record = b"", False
        for operation in self.operations:
            if operation.kind == "write" and operation.path == WAL:
                loose += operation.data
            if operation.kind == "sync" and operation.path == WAL:
                for one in [one for one in waiting if one[1].encode() in loose]:
                    waiting.remove(one)
                    one[2]()
                loose, is_on_record = b"", True
            if operation.kind == "say":
                if operation.data.upper().startswith(b"RCPT"):
                    is_on_record = False
                if operation.data.upper().startswith(b"DATA"):
                    self.expect(SENDING, is_on_record, "a message was handed over before that was synced")
            self.disk.apply(operation)
        for gate, token, _ in waiting:
            self.faults.append((gate, f"{token[:12]} never came to be recorded: the recording was not understood"))
        messages = self.looked_at[SENDING]
        if messages != len(self.taken):
            self.faults.append(("messages", f"{messages} were handed over and {len(self.taken)} taken"))
        has_name = "var" in self.disk.root.kept_names
        self.expect(OWN_NAME, has_name, "the folder that holds it is never synced")
        kept = self.disk.comes_back("strict")
        for submission, (state, _) in sorted(self.ledger.submissions.items()):
            if state == "shredded":
                left = [path for path in kept if submission in path]
                self.expect(DESTROYED, not left, f"{', '.join(left)} is there again after a power cut")

    def synced(self, path):
        """The bytes that would be at a path after a power cut now, or nothing."""
        inode = self.disk.root.names.get("var")
        for part in path.split("/")[1:]:
            inode = inode and inode.kept_names.get(part)
        return inode

    def commit(self, commit):
        for path, sha256 in commit.files.items():
            inode = self.synced(path)
            holds = inode is not None and hashlib.sha256(inode.kept_data).hexdigest() == sha256
            self.expect(ENTRY if "_delta_log" in path else PARQUET, holds, f"{path} was not, with its name and the folders above")

    def submission(self, submission):
        inode = self.synced(f"var/landing/{submission[:2]}/{submission}.bin")
        holds = inode is not None and hashlib.sha256(inode.kept_data).hexdigest() == submission
        self.expect(SUBMISSION, holds, f"{submission[:12]} was not")

    def edition(self, edition):
        folder = self.synced(edition.folder)
        lines = []

        def walk(inode, path):
            for name, child in inode.kept_names.items():
                inside = f"{path}/{name}" if path else name
                if child.is_folder:
                    walk(child, inside)
                else:
                    lines.append(f"{inside} {hashlib.sha256(child.kept_data).hexdigest()}")

        if folder is not None:
            walk(folder, "")
        lines.sort(key=lambda line: line.rsplit(" ", 1)[0].encode())
        holds = hashlib.sha256("\n".join(lines).encode()).hexdigest() == edition.token
        why = "the name of a folder above it is not" if folder is None else "its files are not all"
        self.expect(EDITION, holds, f"{edition.folder} was not: {why}")

    def table(self):
        heading("order of things", "looked at", "violated")
        broken = Counter(gate for gate, _ in self.faults)
        for gate in sorted(set(self.looked_at) | set(broken)):
            row(gate, self.looked_at[gate], broken[gate])
        print()
