"""HTML as it is read without a browser: its text, its tables row by row, its pictures."""

from html.parser import HTMLParser

from .edition import plain

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
UNREAD = {"style", "script", "title", "head", "template"}
# After the end of these, a new word begins.
BREAKING = {"p", "li", "td", "th", "tr", "h1", "h2", "h3", "h4", "div", "caption", "table", "dt", "dd", "figure", "text", "summary"}


class Markup(HTMLParser):
    """Text that is not shown (`display:none` on an element, `hidden`) is not part of what is read."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open = []
        self.pieces = []
        self.tables = []
        self.open_tables = []
        self.pictures = []
        self.cell = None
        self.feed(text)
        self.close()
        self.text = plain("".join(self.pieces))

    def handle_starttag(self, name, attributes):
        attributes = dict(attributes)
        if name == "br":
            self.add(" ")
        if name == "img":
            self.pictures.append(attributes)
        if name in VOID:
            return
        style = (attributes.get("style") or "").replace(" ", "").lower()
        self.open.append((name, name in UNREAD or "hidden" in attributes or "display:none" in style))
        if name == "table":
            self.tables.append([])
            self.open_tables.append(self.tables[-1])
        elif name == "tr" and self.open_tables:
            self.open_tables[-1].append([])
        elif name in ("td", "th") and self.open_tables and self.open_tables[-1]:
            self.cell = ([], name == "th")
            self.open_tables[-1][-1].append(self.cell)

    def handle_endtag(self, name):
        if name in VOID or not any(name == opened for opened, _ in self.open):
            return
        while self.open.pop()[0] != name:
            pass
        if name in ("td", "th"):
            self.cell = None
        if name == "table" and self.open_tables:
            self.open_tables.pop()
        if name in BREAKING:
            self.add(" ")

    def handle_data(self, data):
        if not any(unread for _, unread in self.open):
            self.add(data)

    def add(self, piece):
        self.pieces.append(piece)
        if self.cell is not None:
            self.cell[0].append(piece)

    def rows(self):
        """Tables as lists of (cells' texts, which of them are headers), row by row."""
        for table in self.tables:
            yield [[(plain("".join(pieces)), is_header) for pieces, is_header in row] for row in table]
