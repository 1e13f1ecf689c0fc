"""A disk that keeps only what it was told to keep.

The data of a file is kept once the file was synced, the names in a folder once the folder was. Anything else may be there
after a power cut or not, so one state of the disk has several ways to come back. Strict: a new or changed name lasts only
when its own folder was synced, whatever else was. Names directly in the folder that holds the data folder are taken to last:
whoever installs the program makes that folder.
"""

import hashlib
import random

PAGE = 4096
# What may come back after a power cut, strictest first.
VARIANTS = {
    "strict": "only what was synced",
    "names lost": "all data, only synced names",
    "data lost": "all names, only synced data: files are empty or end early",
    "torn": "by chance: each folder's names old or new, each page written since the last sync there or not",
}


class Inode:
    def __init__(self, is_folder):
        self.is_folder = is_folder
        self.data = bytearray()
        self.kept_data = b""
        # Where data was written since the last sync, as pages.
        self.loose = set()
        self.names = {}
        self.kept_names = {}


class Disk:
    def __init__(self, data="var"):
        self.root = Inode(is_folder=True)
        self.data = data
        # Paths whose syncs are not obeyed: a disk that lies. Takes a path, says whether.
        self.lies_about = lambda path: False

    @classmethod
    def holding(cls, files):
        """A disk on which these files and folders (`None`) lie, all synced."""
        disk = cls()
        for path, data in sorted(files.items()):
            folder, name = disk.folder_of(path)
            inode = Inode(is_folder=data is None)
            if data is not None:
                inode.data, inode.kept_data = bytearray(data), bytes(data)
            folder.names[name] = folder.kept_names[name] = inode
        return disk

    # --- What happens ----------------------------------------------------------------------------------------------------

    def apply(self, operation):
        if operation.kind == "say":
            return
        getattr(self, f"on_{operation.kind}")(operation)

    def folder_of(self, path):
        *above, name = path.split("/")
        inode = self.root
        for part in above:
            inode = inode.names[part]
        return inode, name

    def find(self, path):
        if path == ".":
            return self.root
        folder, name = self.folder_of(path)
        return folder.names.get(name)

    def on_create(self, operation):
        folder, name = self.folder_of(operation.path)
        folder.names.setdefault(name, Inode(is_folder=False))

    def on_mkdir(self, operation):
        folder, name = self.folder_of(operation.path)
        folder.names[name] = Inode(is_folder=True)

    def on_write(self, operation):
        inode = self.find(operation.path)
        offset = len(inode.data) if operation.offset is None else operation.offset
        end = offset + len(operation.data)
        if len(inode.data) < end:
            inode.loose |= pages(len(inode.data), end)
            inode.data.extend(bytes(end - len(inode.data)))
        inode.data[offset:end] = operation.data
        inode.loose |= pages(offset, end)

    def on_cut(self, operation):
        inode = self.find(operation.path)
        size = operation.size
        if size < len(inode.data):
            del inode.data[size:]
        elif len(inode.data) < size:
            inode.loose |= pages(len(inode.data), size)
            inode.data.extend(bytes(size - len(inode.data)))

    def on_rename(self, operation):
        source, name = self.folder_of(operation.path)
        target, new = self.folder_of(operation.to)
        target.names[new] = source.names.pop(name)

    def on_link(self, operation):
        target, new = self.folder_of(operation.to)
        target.names[new] = self.find(operation.path)

    def on_remove(self, operation):
        folder, name = self.folder_of(operation.path)
        folder.names.pop(name)

    def on_sync(self, operation):
        if self.lies_about(operation.path):
            return
        inode = self.find(operation.path)
        if inode.is_folder:
            inode.kept_names = dict(inode.names)
        else:
            inode.kept_data = bytes(inode.data)
            inode.loose = set()

    # --- What comes back -----------------------------------------------------------------------------------------------

    def comes_back(self, variant, seed=""):
        """Files by path, and folders with `None`, as one way to come back after the power was cut now."""
        chance = random.Random(f"torn/{seed}")
        names, data = {
            "all": (lambda inode: inode.names, lambda inode: bytes(inode.data)),
            "strict": (lambda inode: inode.kept_names, lambda inode: inode.kept_data),
            "names lost": (lambda inode: inode.kept_names, lambda inode: bytes(inode.data)),
            "data lost": (lambda inode: inode.names, lambda inode: inode.kept_data),
            "torn": (
                lambda inode: inode.names if chance.random() < 0.5 else inode.kept_names,
                lambda inode: torn(inode, chance),
            ),
        }[variant]
        found = {}

        def walk(inode, path):
            for name, child in sorted(names(inode).items()):
                inside = f"{path}/{name}" if path else name
                if child.is_folder:
                    found[inside] = None
                    walk(child, inside)
                else:
                    found[inside] = data(child)

        data_folder = self.root.names.get(self.data)
        if data_folder:
            found[self.data] = None
            walk(data_folder, self.data)
        return found


def pages(start, end):
    return set(range(start // PAGE, (end + PAGE - 1) // PAGE))


def torn(inode, chance):
    """The data as of the last sync, with some of the pages written since, ending anywhere from then to now."""
    new, old = bytes(inode.data), inode.kept_data
    if not inode.loose and len(new) == len(old):
        return old
    size = chance.choice([len(old), len(new), chance.randint(min(len(old), len(new)), max(len(old), len(new)))])
    result = bytearray(old[:size].ljust(size, b"\0"))
    for page in sorted(inode.loose):
        start = page * PAGE
        if start < size and chance.random() < 0.5:
            piece = new[start : start + PAGE][: size - start]
            result[start : start + len(piece)] = piece
    return bytes(result)


def fingerprint(files):
    """The same for two states that nobody could tell apart. Locks and shared memory are nothing."""
    digest = hashlib.sha256()
    for path, data in sorted(files.items()):
        if not path.endswith(("-shm", ".lock")):
            digest.update(path.encode("utf-8", "surrogateescape") + b"\0")
            digest.update(b"folder" if data is None else hashlib.sha256(data).digest())
    return digest.hexdigest()


def lay_out(files, folder):
    """Writes them into a folder."""
    for path, data in sorted(files.items()):
        target = folder / path
        if data is None:
            target.mkdir(parents=True, exist_ok=True)
        else:
            target.write_bytes(data)
