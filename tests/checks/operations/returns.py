"""What the partners of a partnership send, quarter by quarter, with all that goes wrong with it, and what it adds up to.

Everything follows from a seed: the same quarter has the same files, to the byte.
"""

import csv
import io
import random
import zipfile
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
HOME_AREA = "X99000001"
AREAS = {HOME_AREA: "Fallow Vale", "X99000002": "North Marl", "X99000003": "Stourbeck"}
TYPES = ["Noise", "Rubbish", "Parking"]
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
# What can go wrong with a return, each as often as the others.
TROUBLES = ["late", "never sent", "corrected later", "sent twice", "damaged file", "wrong period", "unreadable cells"]
REFUSED = ("damaged file", "wrong period", "unreadable cells")
# Nothing is sent in the last days of a quarter: what was not collected before it ends would answer another one.
LAST_DAY = 74


class Quarter:
    """A financial quarter, and the days that follow it, in which its returns come and its report goes out."""

    def __init__(self, year, month):
        # Its first month.
        self.year = year
        self.month = month

    @classmethod
    def named(cls, number):
        """The quarters that a simulation goes through, from 0: the first is January to March 2026."""
        months = 2026 * 12 + 3 * number
        return cls(months // 12, months % 12 + 1)

    def __str__(self):
        return f"{self.financial_year}Q{self.number}"

    @property
    def financial_year(self):
        first = self.year if self.month >= 4 else self.year - 1
        return f"{first}-{(first + 1) % 100:02}"

    @property
    def number(self):
        return (self.month - 4) % 12 // 3 + 1

    @property
    def file_name(self):
        return f"{self.financial_year}-Q{self.number}"

    @property
    def after(self):
        """The day after its end: the first of the days that are simulated for it."""
        months = self.year * 12 + self.month - 1 + 3
        return date(months // 12, months % 12 + 1, 1)

    @property
    def before(self):
        months = self.year * 12 + self.month - 1 - 3
        return Quarter(months // 12, months % 12 + 1)

    @property
    def days(self):
        """How many days are simulated for it: until the next quarter has ended."""
        months = self.year * 12 + self.month - 1 + 6
        return (date(months // 12, months % 12 + 1, 1) - self.after).days

    def at(self, day, hour, minute=0):
        """A moment of the days that follow it, counted from 0, in local time."""
        return datetime.combine(self.after + timedelta(days=day), time(hour, minute), LONDON)

    def headings(self):
        return [f"{MONTHS[self.month - 1 + offset]} {self.year}" for offset in range(3)]


class Deck:
    """Draws kinds by their shares: each gets its own, however few are drawn."""

    def __init__(self, shares, chance):
        self.shares = shares
        self.chance = chance
        self.cards = []

    def draw(self):
        if not self.cards:
            self.cards = [kind for kind, share in self.shares.items() for _ in range(share)]
            self.chance.shuffle(self.cards)
        return self.cards.pop()

    def give_back(self, kind):
        self.cards.insert(self.chance.randrange(len(self.cards) + 1), kind)


class Sent:
    """A file that a partner puts into its folder, or on its site, at a moment."""

    def __init__(self, partner, quarter, at, name, content, **what):
        self.partner = partner
        self.quarter = quarter
        self.at = at
        self.name = name
        self.content = content
        # Of each measure the figure of the quarter; none where the file will be refused.
        self.totals = what.get("totals")
        self.trouble = what.get("trouble")

    @property
    def is_good(self):
        return self.totals is not None


class Partner:
    """One that owes a return each quarter. Kinds of layouts and files take turns, so that each has its share."""

    def __init__(self, number, seed):
        self.number = number
        self.seed = seed
        self.id = f"partner-{number:02}"
        self.layout = ("districts", "types", "lines")[number % 3]
        self.ending = "xlsx" if number % 4 in (1, 2) else "csv"
        self.has_site = number % 2 == 1
        base = random.Random(f"{seed}/{self.id}").randint(80, 400)
        # Measure: label, disclosure, about how many a month.
        self.measures = {f"{self.id}-cases": ("Cases", "open", base)}
        if self.layout == "types":
            self.measures = {f"{self.id}-cases": ("Cases", "rounded", base)}
        if self.layout == "lines":
            self.measures[f"{self.id}-referrals"] = ("Referrals", "suppressed", max(base // 8, 12))

    def table(self, quarter, revision=0, spoilt=False):
        """Rows of the return, and what the figures of the partnership's own area add up to."""
        chance = random.Random(f"{self.seed}/{self.id}/{quarter}/{revision}")

        def counts(base):
            return [round(base * chance.uniform(0.88, 1.12)) for _ in range(3)]

        rows, totals = [[f"{self.id}: all figures are made up (illustrative)"]], {}
        if self.layout == "districts":
            (measure, (label, _, base)) = next(iter(self.measures.items()))
            rows.append(["District", "Category", *quarter.headings()])
            for share, (code, name) in zip((1.0, 0.7, 1.3), AREAS.items()):
                figures = counts(base * share)
                rows.append([name, label, *figures])
                if code == HOME_AREA:
                    totals[measure] = sum(figures)
        elif self.layout == "types":
            (measure, (_, _, base)) = next(iter(self.measures.items()))
            rows.append(["Type", *quarter.headings()])
            parts = [counts(base * share) for share in (0.5, 0.3, 0.2)]
            rows += [[name, *figures] for name, figures in zip(TYPES, parts)]
            whole = [sum(month) for month in zip(*parts)]
            rows.append(["All cases", *whole])
            totals[measure] = sum(whole)
        else:
            rows.append(["Category", *quarter.headings()])
            for measure, (label, _, base) in self.measures.items():
                figures = counts(base)
                rows.append([label, *figures])
                totals[measure] = sum(figures)
        if spoilt:
            rows[2][-1] = "n/k, see e-mail"
        return rows, totals

    def file(self, quarter, revision=0, spoilt=False):
        rows, totals = self.table(quarter, revision, spoilt)
        content = as_xlsx(rows) if self.ending == "xlsx" else as_csv(rows)
        return content, totals

    def sends(self, quarter, trouble):
        """What it sends about a quarter, in order of time."""
        chance = random.Random(f"{self.seed}/{self.id}/{quarter}/sends")
        day = chance.randint(2, 13)
        if trouble == "never sent":
            return []
        if trouble == "late":
            day = chance.choice([chance.randint(16, 24), chance.randint(25, LAST_DAY)])
        right, totals = self.file(quarter)

        def sent(day, name, content, totals=None, trouble=None):
            at = quarter.at(min(day, LAST_DAY), 12, self.number % 60)
            return Sent(self, quarter, at, f"{name}.{self.ending}", content, totals=totals, trouble=trouble)

        if trouble in REFUSED:
            wrong = {
                "damaged file": lambda: damaged(right, self.ending, chance),
                "wrong period": lambda: self.file(quarter.before, revision=9)[0],
                "unreadable cells": lambda: self.file(quarter, spoilt=True)[0],
            }[trouble]()
            files = [sent(day, "Return", wrong, trouble=trouble)]
            # The error letter is answered by most, some days later.
            if chance.random() < 0.7:
                files.append(sent(day + chance.randint(3, 12), "Return again", right, totals))
            return files
        files = [sent(day, "Return", right, totals, trouble=trouble)]
        if trouble == "sent twice":
            files.append(sent(day + chance.randint(1, 5), "Return (2)", right, totals))
        if trouble == "corrected later":
            corrected, totals = self.file(quarter, revision=1)
            files.append(sent(day + chance.randint(4, 50), "Return corrected", corrected, totals))
        return files


class Council:
    """The partner that sends the action plan: no figures, and nothing goes wrong with it."""

    id = "council"
    number = 0
    ending = "csv"
    has_site = False
    measures = {}

    def sends(self, quarter, _trouble):
        year = quarter.after.year
        rows = [
            ["No.", "Action", "Lead", "By when", "Progress", "Status"],
            ["1.1", "Put up two signs at the station (illustrative)", "Council", f"30/06/{year}", "Both stand", "Done"],
            ["1.2", "Train two wardens (illustrative)", "Council", f"30/09/{year + 1}", f"As of {quarter}", "On track"],
        ]
        return [Sent(self, quarter, quarter.at(5, 10), "Action plan.csv", as_csv(rows), totals={})]


def as_csv(rows):
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8")


def as_xlsx(rows):
    """The smallest workbook that is one. Times within it stand still, so that the same rows are the same bytes."""

    def cell(at, value):
        if isinstance(value, int):
            return f'<c r="{at}"><v>{value}</v></c>'
        return f'<c r="{at}" t="inlineStr"><is><t>{value}</t></is></c>'

    lines = [
        f'<row r="{number}">' + "".join(cell(f"{chr(65 + column)}{number}", value) for column, value in enumerate(row)) + "</row>"
        for number, row in enumerate(rows, start=1)
    ]
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    packages = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{packages}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{packages}/relationships"><Relationship Id="rId1" '
        f'Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{relations}"><sheets>'
        '<sheet name="Return" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{packages}/relationships"><Relationship Id="rId1" '
        f'Type="{relations}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{"".join(lines)}</sheetData></worksheet>',
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), head + text, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def damaged(content, ending, chance):
    """A workbook that was not copied to its end; in place of a text file, bytes that are none."""
    return content[: len(content) // 2] if ending == "xlsx" else chance.randbytes(900)
