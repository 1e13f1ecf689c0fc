"""A partnership of any size in a folder: its configuration and jobs, after fixtures/scenarios/small and jobs/."""

import shutil

from .partnership import ROOT, SMALL
from .returns import AREAS, HOME_AREA, TYPES

REPORT = "quarterly-monitoring"
REVIEW = "partners-review"
OPERATOR = "analyst@fallow-vale.example"
# Shortest times that the settings allow: what waits for a silent server or site waits so long.
MAIL_SECONDS = 5
SITE_SECONDS = 2
PRIORITIES = ["nuisance", "support", "harm"]
# The report waits for the first so many returns while there is time; the review for so many, and goes out with all or not.
REQUIRED = 5
HELD_FOR = 2
# When it is too late for each by itself.
REPORT_DAYS = 45
REVIEW_DAYS = 30


class Readers:
    """Who gets what: everybody everything, but for three audiences that do without something."""

    def __init__(self, count):
        self.addresses = {f"reader-{number:03}": f"reader-{number:03}@fallow-vale.example" for number in range(1, count + 1)}
        ids = list(self.addresses)
        self.review = ids[: max(3, count // 60)]
        cut = [0, count * 4 // 10, count * 7 // 10, count * 9 // 10, count]
        self.everybody, self.scrutiny, self.briefed, self.analysts = [ids[start:end] for start, end in zip(cut, cut[1:])]


def lay_out(folder, partners, readers, mail_port, site_port):
    """Writes config/, jobs/ and inbox/ of the partnership."""
    config = folder / "config"
    (config / "returns").mkdir(parents=True)
    for name in ("bank-holidays.toml", "populations.csv"):
        shutil.copyfile(SMALL / "config" / name, config / name)
    shutil.copyfile(SMALL / "config/returns/action-plan.toml", config / "returns/council.toml")
    plan = (config / "returns/council.toml").read_text(encoding="utf-8")
    (config / "returns/council.toml").write_text(plan.replace("vale-council", "council"), encoding="utf-8")
    for partner in partners:
        (config / f"returns/{partner.id}.toml").write_text(contract(partner), encoding="utf-8")
        (folder / "inbox" / partner.id).mkdir(parents=True)
    (folder / "inbox/council").mkdir()
    (config / "measures.toml").write_text(measures(partners), encoding="utf-8")
    (config / "partnership.toml").write_text(partnership(partners, readers), encoding="utf-8")
    (config / "quarterdeck.toml").write_text(settings(partners, mail_port, site_port), encoding="utf-8")
    jobs(folder / "jobs", partners, readers)


def contract(partner):
    text = f'title = "{partner.id}: cases (illustrative)"\npartner = "{partner.id}"\nfrequency = "quarterly"\n'
    text += "due_working_days = 10\n\n[[table]]\nsheets = { first = true }\n"
    along = 'period = { from = "header-row" }\nvalue = { from = "header-row" }\n'
    here = f'area = {{ from = "fixed", is = "{HOME_AREA}" }}\n'
    labels = "\n[labels]\n" + "".join(
        f'"{label}" = {{ measure = "{measure}" }}\n' for measure, (label, _, _) in partner.measures.items()
    )
    column = 'measure = { from = "column", header = ["Category"] }\n'
    if partner.layout == "districts":
        text += 'area = { from = "column", header = ["District"] }\n' + column + along + labels
        return text + '\n[checks]\nareas = { peer_set = "three-districts" }\n'
    if partner.layout == "lines":
        return text + here + column + along + labels
    measure = next(iter(partner.measures))
    values = ", ".join(f'"{name}" = "{name.lower()}"' for name in TYPES)
    text += here + f'measure = {{ from = "fixed", is = "{measure}" }}\n' + along
    text += '\n[[table.breakdown]]\ndimension = "type"\nfrom = "column"\nheader = ["Type"]\nwhole = ["All cases"]\n'
    return text + f'values = {{ {values} }}\n\n[checks]\nadds_up = [{{ measure = "{measure}", dimension = "type" }}]\n'


def measures(partners):
    text = "# All made up.\n"
    for partner in partners:
        for measure, (label, disclosure, _) in partner.measures.items():
            text += f'\n[[measure]]\nid = "{measure}"\nlabel = "{label} of {partner.id} (illustrative)"\nunit = "count"\n'
            text += f'polarity = "lower-is-better"\ndisclosure = "{disclosure}"\ngeography = "district"\n'
            text += f'priority = "{PRIORITIES[partner.number % 3]}"\nillustrative = true\nsource = "{partner.id} (made up)"\n'
            text += "per_1000 = true\n" if partner.layout == "districts" else ""
    return text


def partnership(partners, readers):
    text = 'name = "Fallow Vale Community Safety Partnership (illustrative)"\nshort_name = "Fallow Vale CSP"\n\narea = [\n'
    text += "".join(f'    {{ code = "{code}", name = "{name}", geography = "district" }},\n' for code, name in AREAS.items())
    text += f']\n\n[home]\ndistrict = "{HOME_AREA}"\n\n[[peer_set]]\nid = "three-districts"\nlabel = "the three districts"\n'
    text += f'geography = "district"\nareas = [{", ".join(f"{chr(34)}{code}{chr(34)}" for code in AREAS)}]\n'
    for rank, priority in enumerate(PRIORITIES, start=1):
        text += f'\n[[priority]]\nid = "{priority}"\nrank = {rank}\ntitle = "Less {priority} (illustrative)"\n'
    compared = next(partner for partner in partners if partner.layout == "districts")
    text += '\n[[success_measure]]\nid = "fewer-cases"\npriority = "nuisance"\n'
    text += 'text = "Be among the two districts with the fewest."\n'
    text += f'measures = ["{next(iter(compared.measures))}"]\nrule = {{ kind = "maintain-position", within = 2 }}\n'
    text += '\n[[success_measure]]\nid = "wardens"\npriority = "support"\ntext = "Two wardens are trained."\nmeasures = []\n'
    text += 'rule = { kind = "deliver", actions = ["1.2"] }\n'
    for partner in partners:
        text += f'\n[[partner]]\nid = "{partner.id}"\nname = "{partner.id} (illustrative)"\n'
        text += f'contact = "returns@{partner.id}.example"\n'
        # A copy of the last reminder.
        text += f'lead = "lead@{partner.id}.example"\n' if partner.number % 5 == 0 else ""
    text += '\n[[partner]]\nid = "council"\nname = "Fallow Vale Council (illustrative)"\ncontact = "plans@fallow-vale.example"\n'
    for number, (id, address) in enumerate(readers.addresses.items()):
        text += f'\n[[recipient]]\nid = "{id}"\nrole = "Office of reader {number + 1}"\naddress = "{address}"\n'
        # Some lead a priority, and have theirs first.
        text += f'priority = "{PRIORITIES[number % 3]}"\n' if number % 10 == 7 else ""
    return text


def settings(partners, mail_port, site_port):
    text = f"""[landing]
settle_seconds = 0

[fetching]
connect_seconds = 1
total_seconds = {SITE_SECONDS}

[mail]
transport = "smtp"
per_minute_max = 0
from_name = "Fallow Vale CSP performance"
from_address = "performance@fallow-vale.example"
reply_to = "community-safety@fallow-vale.example"
operator_address = "{OPERATOR}"

[mail.smtp]
host = "127.0.0.1"
port = {mail_port}
security = "plain"
total_seconds = {MAIL_SECONDS}

[reminders]
mode = "send"

[report]
contact = "Community Safety Unit (illustrative), community-safety@fallow-vale.example"

[sources.council]
kind = "folder"
path = "inbox/council"
return = "council"
"""
    for partner in partners:
        text += f'\n[sources.{partner.id}]\nreturn = "{partner.id}"\n'
        if partner.has_site:
            text += f'kind = "http"\nurl = "http://127.0.0.1:{site_port}/{partner.id}/return.{partner.ending}"\ninternal = true\n'
        else:
            text += f'kind = "folder"\npath = "inbox/{partner.id}"\n'
    return text


def jobs(folder, partners, readers):
    """The bundled jobs, with a report of our own; and a second report that waits for returns instead of doing without."""
    shutil.copytree(ROOT / "jobs", folder)
    shutil.copytree(folder / REPORT, folder / REVIEW)

    def names(ids):
        return ", ".join(f'"{id}"' for id in ids)

    required = names(partner.id for partner in partners[:REQUIRED])
    (folder / REPORT / "job.toml").write_text(
        f"""kind = "report"
title = "Quarterly monitoring report (illustrative)"
schedule = {{ working_day = 15, after = "quarter-end", at = "09:00" }}
ready_from_working_day = 11
required = [{required}]
missed = {{ runs = "latest", within_days = {REPORT_DAYS} }}
collect_first = true
publish = "with-gaps"
marking = "OFFICIAL"
to = [{names(readers.everybody)}]

[[audience]]
name = "Scrutiny committee"
to = [{names(readers.scrutiny)}]
leave_out = ["parts", "sources"]
attach = ["pack"]

[[audience]]
name = "Briefed"
to = [{names(readers.briefed)}]
leave_out = ["peers", "closer-look", "parts"]
attach = []

[[audience]]
name = "Analysts"
to = [{names(readers.analysts)}]
attach = ["tables", "csv"]
""",
        encoding="utf-8",
    )
    held_for = names(partner.id for partner in partners[:HELD_FOR])
    (folder / REVIEW / "job.toml").write_text(
        f"""kind = "report"
title = "Review with partners (illustrative)"
schedule = {{ working_day = 13, after = "quarter-end", at = "09:00" }}
required = [{held_for}]
missed = {{ runs = "latest", within_days = {REVIEW_DAYS} }}
collect_first = true
publish = "hold"
marking = "OFFICIAL"
to = [{names(readers.review)}]
""",
        encoding="utf-8",
    )
