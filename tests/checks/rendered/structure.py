"""The structure tree of a tagged PDF: elements in reading order, with the text in each, as a screen reader gets them.

poppler prints the same (`pdfinfo -struct-text`), but draws a page anew for each element: a long pack takes it minutes.
"""

import re
from dataclasses import dataclass, field

import pikepdf

from .edition import plain

# Elements inside a line; what stands in one block and in the next is never one word.
INLINE = {"Span", "Strong", "Em", "Link", "Reference", "Code", "Sub", "Quote", "Annot"}


@dataclass
class Element:
    kind: str
    source: object = None
    children: list = field(default_factory=list)
    pieces: list = field(default_factory=list)

    def all(self, *kinds):
        """Elements below this one of these kinds, in reading order."""
        for child in self.children:
            if not kinds or child.kind in kinds:
                yield child
            yield from child.all(*kinds)

    def text(self):
        """The text in it and below it. Lines that were broken at a space keep it."""
        return plain("".join(self.pieces))


def structure(pdf):
    """The root of an open PDF's tree; its text is all that is tagged."""
    root = Element("Root", pdf.Root.StructTreeRoot)
    texts = {page.objgen: marked_texts(page) for page in pdf.pages}
    roles = {str(name): str(role) for name, role in root.source.get("/RoleMap", {}).items()}
    grow(root, root.source.get("/K"), None, texts, roles)
    return root


def grow(element, child, page, texts, roles):
    """Adds a child as the file has it: a number of marked content, elements, or a list of either."""
    if isinstance(child, pikepdf.Array):
        for one in child:
            grow(element, one, page, texts, roles)
    elif isinstance(child, pikepdf.Dictionary) and "/S" in child:
        kind = str(child.S)
        below = Element(roles.get(kind, kind).removeprefix("/"), child)
        element.children.append(below)
        grow(below, child.get("/K"), child.get("/Pg", page), texts, roles)
        gap = [] if below.kind in INLINE else [" "]
        element.pieces += [*gap, *below.pieces, *gap]
    elif isinstance(child, pikepdf.Dictionary) and "/MCID" in child:
        element.pieces.append(texts[child.get("/Pg", page).objgen].get(int(child.MCID), ""))
    elif child is not None and not isinstance(child, pikepdf.Dictionary):
        element.pieces.append(texts[page.objgen].get(int(child), ""))


def rows_of(root):
    """Tables as lists of (cells' texts, which of them are headers), row by row."""
    for table in root.all("Table"):
        yield [
            [(cell.text(), cell.kind == "TH") for cell in row.children if cell.kind in ("TH", "TD")]
            for row in table.all("TR")
        ]


# --- Marked content of a page ----------------------------------------------------------------------------------------


def marked_texts(page):
    """The text of each marked content of a page, by its number."""
    fonts = {name: Font(font) for name, font in page.resources.get("/Font", {}).items()}
    texts, open_marks, font = {}, [], None
    for operands, operator in pikepdf.parse_content_stream(page, "BDC BMC EMC Tf Tj TJ ' \""):
        name = str(operator)
        if name in ("BDC", "BMC"):
            properties = operands[1] if name == "BDC" and isinstance(operands[1], pikepdf.Dictionary) else {}
            open_marks.append((properties.get("/MCID"), properties.get("/ActualText")))
            if "/ActualText" in properties:
                add(texts, open_marks, str(properties["/ActualText"]))
        elif name == "EMC" and open_marks:
            open_marks.pop()
        elif name == "Tf":
            font = fonts.get(str(operands[0]))
        elif font and not any(said is not None for _, said in open_marks):
            shown = operands[0] if name == "TJ" else [operands[-1]]
            add(texts, open_marks, "".join(font.text(bytes(piece)) for piece in shown if isinstance(piece, pikepdf.String)))
    return texts


def add(texts, open_marks, piece):
    """Text belongs to the innermost mark with a number."""
    number = next((int(number) for number, _ in reversed(open_marks) if number is not None), None)
    if number is not None:
        texts[number] = texts.get(number, "") + piece


class Font:
    """What the codes of a font mean, by its ToUnicode table."""

    def __init__(self, font):
        table = font["/ToUnicode"].read_bytes().decode("latin-1") if "/ToUnicode" in font else ""
        self.width = 2 if font.get("/Subtype") == "/Type0" else 1
        self.meanings = {}
        for block in re.findall(r"beginbfchar(.*?)endbfchar", table, re.DOTALL):
            for code, meaning in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
                self.meanings[int(code, 16)] = utf16(meaning)
        for block in re.findall(r"beginbfrange(.*?)endbfrange", table, re.DOTALL):
            for first, last, meaning in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
                for step in range(int(last, 16) - int(first, 16) + 1):
                    start = utf16(meaning)
                    self.meanings[int(first, 16) + step] = start[:-1] + chr(ord(start[-1]) + step)

    def text(self, codes):
        found = (codes[index : index + self.width] for index in range(0, len(codes), self.width))
        return "".join(self.meanings.get(int.from_bytes(code, "big"), "\ufffd") for code in found)


def utf16(digits):
    return bytes.fromhex(digits).decode("utf-16-be")
