"""The structure tree of a PDF as poppler prints it: elements, with the text in each."""

import re
from dataclasses import dataclass, field

from .edition import output, plain

ELEMENT = re.compile(r'^([A-Z][A-Za-z0-9]*)( <.*>)?( ".*")?( \((?:block|inline)\))?:?$')

INLINE = {"Span", "Strong", "Em", "Link", "Reference", "Code", "Sub", "Quote"}


@dataclass
class Element:
    kind: str
    depth: int
    children: list = field(default_factory=list)
    pieces: list = field(default_factory=list)
    # The block that its last piece of text stood in.
    block: object = None

    def all(self, *kinds):
        """Elements below this one of these kinds, in reading order."""
        for child in self.children:
            if not kinds or child.kind in kinds:
                yield child
            yield from child.all(*kinds)

    def text(self):
        """The text in it and below it. Lines that were broken at a space keep it."""
        return plain("".join(self.pieces))


def structure(path):
    """The root of the tree; its text is all that is tagged."""
    root = Element("Root", -1)
    open_elements = [root]
    for line in output("pdfinfo", "-struct-text", path).splitlines():
        depth, content = len(line) - len(line.lstrip(" ")), line.strip()
        if content.startswith('"') and content.endswith('"'):
            take_text(open_elements, depth, content[1:-1])
        elif content and not content.startswith("/") and (match := ELEMENT.match(content)):
            while open_elements[-1].depth >= depth:
                open_elements.pop()
            element = Element(match[1], depth)
            open_elements[-1].children.append(element)
            open_elements.append(element)
    return root


def take_text(open_elements, depth, piece):
    """A piece of text belongs to the elements that are open above it."""
    while open_elements[-1].depth >= depth:
        open_elements.pop()
    block = [element for element in open_elements if element.kind not in INLINE][-1]
    for element in open_elements:
        # What stands in one block and in the next is never one word; a line of a block may end inside one.
        if element.block is not None and element.block is not block:
            element.pieces.append(" ")
        element.block = block
        element.pieces.append(piece)


def rows_of(root):
    """Tables as lists of (cells' texts, which of them are headers), row by row."""
    for table in root.all("Table"):
        yield [
            [(cell.text(), cell.kind == "TH") for cell in row.children if cell.kind in ("TH", "TD")]
            for row in table.all("TR")
        ]
