"""What a program did to a folder's files, written down by strace and read back as operations in the order they ended.

Seen are files and folders made, written, cut, renamed, linked, removed and synced, with every byte, and what was said to a
mail server. What strace cannot see, writes into shared mappings, must be of SQLite's `-shm` alone: it need not survive.
"""

import os
import posixpath
import re

CALLS = (
    "open,openat,openat2,creat,write,pwrite64,writev,pwritev,pwritev2,lseek,fsync,fdatasync,sync,syncfs,sync_file_range,"
    "ftruncate,truncate,fallocate,rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,rmdir,mkdir,mkdirat,"
    "copy_file_range,sendfile,splice,sendto,sendmsg,mmap,io_uring_setup"
)
STRING_BYTES_MAX = 1 << 26


def strace(file):
    """What to put before a command so that it is recorded in this file."""
    return ["strace", "-f", "-y", "-ttt", "-xx", "-s", str(STRING_BYTES_MAX), "-o", str(file), "-e", f"trace={CALLS}", "--"]


class Operation:
    """One call that changed or synced something below the folder, or spoke to the mail server.

    `kind` is create, mkdir, write, cut, rename, link, remove, sync or say; `path` is relative to the folder that holds the
    data folder, `.` being that folder itself.
    """

    def __init__(self, kind, path, at, step, **more):
        self.kind = kind
        self.path = path
        # When the call began, in seconds.
        self.at = at
        self.step = step
        self.to = more.get("to")
        self.offset = more.get("offset", 0)
        self.data = more.get("data", b"")
        self.size = more.get("size", 0)

    def __str__(self):
        to = f" -> {self.to}" if self.to else ""
        return f"{self.kind} {self.path}{to}"


class Unreadable(Exception):
    """The recording holds what this module does not know."""


class Recording:
    """Operations below `base`, of which only those inside `data` (a folder's name) are kept."""

    def __init__(self, base, data="var"):
        self.base = os.path.realpath(base)
        self.data = data
        self.operations = []

    def read(self, file, step):
        """Adds one command's recording."""
        reader = _Reader(self, step)
        with open(file, encoding="ascii", errors="strict") as lines:
            for line in lines:
                reader.line(line.rstrip("\n"))
        reader.end()

    def inside(self, path):
        """The path below `base` if it is the data folder or in it, or `base` itself."""
        path = posixpath.normpath(path)
        if path == self.base:
            return "."
        inside = posixpath.relpath(path, self.base)
        return inside if inside.split("/")[0] == self.data else None


class _Reader:
    def __init__(self, recording, step):
        self.recording = recording
        self.step = step
        self.unfinished = {}
        # Where the next write of a descriptor goes; only one process writes.
        self.position = {}

    def line(self, line):
        process, at, rest = line.split(None, 2)
        if rest.startswith(("+++", "---")):
            return
        if rest.endswith("<unfinished ...>"):
            self.unfinished[process] = (at, rest[: -len("<unfinished ...>")].rstrip())
            return
        resumed = re.match(r"<\.\.\. \w+ resumed>", rest)
        if resumed:
            at, begun = self.unfinished.pop(process)
            rest = begun + rest[resumed.end() :]
        self.call(float(at), rest)

    def end(self):
        """What never ended (killed, or the end of the recording) may or may not have been done: it must be nothing of ours."""
        for at, rest in self.unfinished.values():
            name = rest.split("(", 1)[0]
            if name in ("fsync", "fdatasync", "write", "pwrite64", "rename") and self.recording.data in rest:
                raise Unreadable(f"a call did not end: {rest[:120]}")

    def call(self, at, text):
        matched = re.match(r"(\w+)\((.*)\)\s+= (-?\d+|\?|0x[0-9a-f]+)(.*)$", text, re.DOTALL)
        if not matched:
            raise Unreadable(text[:200])
        name, inside, value, rest = matched.groups()
        if value == "?" or value.startswith("-"):
            return
        handler = getattr(self, f"on_{name}", None)
        arguments = split(inside)
        if handler is None:
            raise Unreadable(f"the call {name} is traced and not known")
        handler(at, arguments, value, rest)

    def add(self, kind, path, at, **more):
        self.recording.operations.append(Operation(kind, path, at, self.step, **more))

    # --- Paths ---------------------------------------------------------------------------------------------------------

    def of_descriptor(self, argument):
        """The number of a descriptor and the path it leads to below the data folder, if it does."""
        matched = re.match(r"(-?\d+|AT_FDCWD)(?:<(.*)>)?$", argument, re.DOTALL)
        if not matched:
            raise Unreadable(argument[:200])
        number, path = matched.groups()
        path = unescaped(path or "").decode("utf-8", "surrogateescape")
        return number, path

    def path(self, argument, folder=None):
        path = string(argument).decode("utf-8", "surrogateescape")
        if not path.startswith("/"):
            start = self.of_descriptor(folder)[1] if folder else ""
            path = posixpath.join(start or self.recording.base, path)
        return self.recording.inside(path)

    def ours(self, argument):
        number, path = self.of_descriptor(argument)
        if not path.startswith("/") or path.endswith(" (deleted)"):
            return number, None
        return number, self.recording.inside(path)

    # --- Calls -----------------------------------------------------------------------------------------------------------

    def opened(self, at, path, flags, rest):
        matched = re.match(r"<(.*)>$", rest.strip(), re.DOTALL)
        if path is None or not matched:
            return
        flags = flags.split("|")
        if "O_TMPFILE" in flags:
            raise Unreadable("a file without a name")
        if "O_CREAT" in flags:
            self.add("create", path, at)
        if "O_TRUNC" in flags:
            self.add("cut", path, at, size=0)
        return flags

    def on_openat(self, at, arguments, value, rest):
        path = self.path(arguments[1], arguments[0])
        flags = self.opened(at, path, arguments[2], rest)
        if flags and ("O_WRONLY" in flags or "O_RDWR" in flags):
            self.position[value] = None if "O_APPEND" in flags else 0

    def on_open(self, at, arguments, value, rest):
        self.on_openat(at, ["AT_FDCWD", *arguments], value, rest)

    def on_creat(self, at, arguments, value, rest):
        self.on_openat(at, ["AT_FDCWD", arguments[0], "O_CREAT|O_WRONLY|O_TRUNC"], value, rest)

    def on_lseek(self, at, arguments, value, rest):
        number, path = self.ours(arguments[0])
        if path is not None and number in self.position:
            self.position[number] = int(value)

    def on_write(self, at, arguments, value, rest):
        number, path = self.ours(arguments[0])
        if path is None:
            self.on_sendto(at, arguments, value, rest)
            return
        data = string(arguments[1])[: int(value)]
        offset = self.position.get(number, 0)
        self.add("write", path, at, offset=offset, data=data)
        if offset is not None:
            self.position[number] = offset + len(data)

    def on_pwrite64(self, at, arguments, value, rest):
        number, path = self.ours(arguments[0])
        if path is not None:
            self.add("write", path, at, offset=int(arguments[3]), data=string(arguments[1])[: int(value)])

    def on_writev(self, at, arguments, value, rest):
        number, path = self.ours(arguments[0])
        pieces = re.findall(r'iov_base=("(?:[^"])*")', arguments[1])
        data = b"".join(string(piece) for piece in pieces)[: int(value)]
        if path is None:
            self.said(at, arguments[0], data)
            return
        offset = self.position.get(number, 0)
        self.add("write", path, at, offset=offset, data=data)
        if offset is not None:
            self.position[number] = offset + len(data)

    def on_sendto(self, at, arguments, value, rest):
        self.said(at, arguments[0], string(arguments[1])[: int(value)])

    def on_sendmsg(self, at, arguments, value, rest):
        pieces = re.findall(r'iov_base=("(?:[^"])*")', arguments[1])
        self.said(at, arguments[0], b"".join(string(piece) for piece in pieces))

    def said(self, at, descriptor, data):
        if self.of_descriptor(descriptor)[1].startswith("socket:"):
            self.add("say", "", at, data=data)

    def on_fsync(self, at, arguments, value, rest):
        _, path = self.ours(arguments[0])
        if path is not None:
            self.add("sync", path, at)

    on_fdatasync = on_fsync

    def on_sync_file_range(self, at, arguments, value, rest):
        """Promises nothing."""

    def on_sync(self, at, arguments, value, rest):
        raise Unreadable("the whole system was synced: nothing could be told from that")

    on_syncfs = on_io_uring_setup = on_sync

    def on_ftruncate(self, at, arguments, value, rest):
        _, path = self.ours(arguments[0])
        if path is not None:
            self.add("cut", path, at, size=int(arguments[1]))

    def on_truncate(self, at, arguments, value, rest):
        path = self.path(arguments[0])
        if path is not None:
            self.add("cut", path, at, size=int(arguments[1]))

    def on_fallocate(self, at, arguments, value, rest):
        if self.ours(arguments[0])[1] is not None:
            raise Unreadable("fallocate")

    def on_copy_file_range(self, at, arguments, value, rest):
        if int(value, 0) and any(self.ours(one)[1] is not None for one in (arguments[2],)):
            raise Unreadable("copy_file_range into the data folder")

    def on_sendfile(self, at, arguments, value, rest):
        if int(value, 0) and self.ours(arguments[0])[1] is not None:
            raise Unreadable("sendfile into the data folder")

    def on_splice(self, at, arguments, value, rest):
        if int(value, 0) and self.ours(arguments[2])[1] is not None:
            raise Unreadable("splice into the data folder")

    def on_mmap(self, at, arguments, value, rest):
        if "MAP_SHARED" in arguments[3] and "PROT_WRITE" in arguments[2] and arguments[4] != "-1":
            path = self.ours(arguments[4])[1]
            if path is not None and not path.endswith("-shm"):
                raise Unreadable(f"{path} is written through memory, where nothing can be recorded")

    def renamed(self, at, source, target):
        if source is None and target is None:
            return
        if source is None or target is None:
            raise Unreadable(f"a rename into or out of the data folder: {source} -> {target}")
        self.add("rename", source, at, to=target)

    def on_rename(self, at, arguments, value, rest):
        self.renamed(at, self.path(arguments[0]), self.path(arguments[1]))

    def on_renameat(self, at, arguments, value, rest):
        if len(arguments) > 4 and "RENAME_EXCHANGE" in arguments[4]:
            raise Unreadable("an exchange of names")
        self.renamed(at, self.path(arguments[1], arguments[0]), self.path(arguments[3], arguments[2]))

    on_renameat2 = on_renameat

    def on_linkat(self, at, arguments, value, rest):
        source, target = self.path(arguments[1], arguments[0]), self.path(arguments[3], arguments[2])
        if target is not None:
            self.add("link", source, at, to=target)

    def on_link(self, at, arguments, value, rest):
        self.on_linkat(at, ["AT_FDCWD", arguments[0], "AT_FDCWD", arguments[1]], value, rest)

    def on_symlink(self, at, arguments, value, rest):
        if self.path(arguments[-1]) is not None:
            raise Unreadable("a symbolic link in the data folder")

    on_symlinkat = on_symlink

    def removed(self, at, path):
        if path is not None:
            self.add("remove", path, at)

    def on_unlink(self, at, arguments, value, rest):
        self.removed(at, self.path(arguments[0]))

    on_rmdir = on_unlink

    def on_unlinkat(self, at, arguments, value, rest):
        self.removed(at, self.path(arguments[1], arguments[0]))

    def on_mkdir(self, at, arguments, value, rest):
        path = self.path(arguments[0])
        if path is not None:
            self.add("mkdir", path, at)

    def on_mkdirat(self, at, arguments, value, rest):
        path = self.path(arguments[1], arguments[0])
        if path is not None:
            self.add("mkdir", path, at)


def split(text):
    """Arguments between commas; strings hold none, since every byte of them is written as a number."""
    parts, depth, start = [], 0, 0
    for at, letter in enumerate(text):
        if letter in "[{(":
            depth += 1
        elif letter in "]})":
            depth -= 1
        elif letter == "," and depth == 0:
            parts.append(text[start:at].strip())
            start = at + 1
    parts.append(text[start:].strip())
    return parts


def unescaped(text):
    """`\\x2f\\x76` as bytes; what is written plainly stays."""
    if text.startswith("\\x"):
        return bytes.fromhex(text.replace("\\x", ""))
    return text.encode("ascii")


def string(argument):
    if argument.endswith("..."):
        raise Unreadable("a string was cut short")
    if not argument.startswith('"') or not argument.endswith('"'):
        raise Unreadable(f"no string: {argument[:80]}")
    return unescaped(argument[1:-1])
