"""Whether the check of power cuts notices: syncs are left out of a recording, and disks made to lie, on purpose."""

import hashlib
import sqlite3

from .disk import lay_out
from .gates import DESTROYED, EDITION, ENTRY, OWN_NAME, PARQUET, SENDING, SUBMISSION, WAL, Gates
from .ledger import LAKE, LEDGER
from .report import Violations, heading, row


def self_test(check):
    operations = check.film.operations
    heading("broken on purpose", "noticed as")

    def demand(what, noticed, expected):
        row(what, ", ".join(sorted(noticed)) or "nothing")
        is_right = expected in noticed if expected else not noticed
        if not is_right:
            check.violations.add("self-test", f"{what} must be noticed as {expected or 'nothing'}, and was as {sorted(noticed)}")

    def gates(what, keeps, expected):
        before = {gate for gate, _ in check.gates.faults}
        found = {gate for gate, _ in Gates([one for one in operations if keeps(one)], check.ledger, check.film.taken).faults}
        demand(what, found - before, expected)

    def is_sync(operation, path):
        return operation.kind == "sync" and operation.path.startswith(path)

    gates("no file of the lake is synced", lambda one: not is_sync(one, LAKE), PARQUET)
    gates("no folder of the lake is synced", lambda one: not (is_sync(one, LAKE) and "." not in one.path), ENTRY)
    gates("one sync of one log folder is left out", without_last(operations, f"{LAKE}/actions/_delta_log"), ENTRY)
    gates("submissions are not synced", lambda one: not is_sync(one, "var/landing"), SUBMISSION)
    gates("the folder above the edition's is not synced", lambda one: not (one.kind == "sync" and one.path == "var/reports"), EDITION)
    gates("the folder above the data folder is not synced", lambda one: one.kind != "sync" or one.path != ".", OWN_NAME)
    sealed = next(one for one, (state, _) in check.ledger.submissions.items() if state == "shredded")
    gates("a landing folder is not synced when its file is sealed", only_first(operations, f"var/landing/{sealed[:2]}"), DESTROYED)
    gates("`sending` is not synced", without_syncs_before_data(operations), SENDING)
    gates("nothing is left out", lambda one: True, None)

    def played(what, variant, lies_about, expected, cut=None, doctor=None):
        cut = cut if cut is not None else len(operations)
        state = list(check.film.states([cut], [variant], lies_about))[0]
        if doctor:
            doctor(state)
        before, check.violations = check.violations, Violations("power_loss")
        check.play_all([state])
        check.violations = before
        noticed = set(state.verdict.kinds()) | ({state.found} if state.found == "repaired" else set())
        demand(what, noticed, expected)

    before_outbox = max(number for number, one in enumerate(operations) if one.kind == "say" and b"\r\n.\r\n" in one.data) + 1
    played("a disk that keeps nothing of the ledger", "strict", lambda path: path.startswith(LEDGER), "command", before_outbox)
    played("a disk that keeps nothing of the lake", "data lost", lambda path: path.startswith(LAKE), "repaired")
    both = (LAKE, "var/landing")
    played("a disk that keeps neither the lake nor submissions", "data lost", lambda path: path.startswith(both), "repair")
    played("a Parquet file is gone", "all", None, "repaired", doctor=without_parquet)
    played("a message is gone from the mail server's log", "all", None, "lost", doctor=lambda state: state.taken.pop())
    others = "a lake with other rows, which the ledger calls its own"
    played(others, "all", None, "rows", doctor=lambda state: other_rows(check, state))
    blind = list(check.film.states([len(operations)], ["all"]))[0]
    without_parquet(blind)
    server = check.servers.get()
    home = check.home(server)
    lay_out(blind.files, home.folder)
    noticed = ["silent loss"] if list(check.silent_losses(home)) else []
    demand("a Parquet file is gone, and `verify` is not asked", noticed, "silent loss")
    check.servers.put(server)


def without_last(operations, path):
    last = max((number for number, one in enumerate(operations) if one.kind == "sync" and one.path == path), default=None)
    left_out = operations[last] if last is not None else None
    return lambda one: one is not left_out


def only_first(operations, path):
    syncs = [one for one in operations if one.kind == "sync" and one.path == path]
    return lambda one: one not in syncs[1:]


def without_syncs_before_data(operations):
    left_out = set()
    is_open = False
    for one in operations:
        if one.kind == "say" and one.data.upper().startswith(b"RCPT"):
            is_open = True
        if one.kind == "say" and one.data.upper().startswith(b"DATA"):
            is_open = False
        if is_open and one.kind == "sync" and one.path == WAL:
            left_out.add(id(one))
    return lambda one: id(one) not in left_out


def without_parquet(state):
    path = next(path for path in state.files if path.endswith(".parquet"))
    del state.files[path]


def other_rows(check, state):
    """The commits of another lake, with the ledger made to fit: only the comparison with a clean quarter can tell."""
    log = f"{LAKE}/observations/_delta_log/{2:020}.json"
    empty = b'{"commitInfo":{"operation":"WRITE"}}\n'
    state.files[log] = empty
    folder = check.work / "doctored"
    lay_out({path: data for path, data in state.files.items() if path.startswith(LEDGER) or path == "var"}, folder)
    with sqlite3.connect(folder / LEDGER) as ledger:
        ledger.execute(
            "UPDATE lake_commits SET files = '[]', row_count = 0, log_sha256 = ? WHERE lake_table = 'observations' AND version = 2",
            [hashlib.sha256(empty).hexdigest()],
        )
    ledger.close()
    for path in [path for path in state.files if path.startswith(LEDGER)]:
        del state.files[path]
    state.files[LEDGER] = (folder / LEDGER).read_bytes()
