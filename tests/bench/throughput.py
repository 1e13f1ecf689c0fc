#!/usr/bin/env python3
"""From workbooks to Parquet, beside what an analyst would use: seconds and peak memory, turn by turn.

    cargo build --release
    pip install polars fastexcel xlsxwriter
    tests/bench/throughput.py [--program target/release/quarterdeck] [--runs 5] [--rows 300000] [--files 240] [long] [returns] [wide]

Three tasks, made anew from fixed seeds:

    long      one workbook, one sheet of 300,000 rows and nine columns: recorded crime by partnership and offence code
    returns   240 workbooks of five sheets: 60 rows by 24 months each, 1,728,000 figures
    wide      one workbook, one sheet of 200,000 rows and twelve columns; only the reading child is measured, and nobody
              else runs: its seconds from its start until it has read, of the clock and of the processors, and its peak
              memory, which should be below 2 s and 64 MB

Ours is the whole program as it runs every morning: `run collect-returns` over a folder, into an empty house, with the
landing store, the ledger, the reading children, the contract, every check, and the Delta commit. Theirs reads the same
workbooks with polars and fastexcel, unpivots them and writes one Parquet file; nothing is checked or kept. Both run in
turn, several times; the table shows medians. A run whose lake does not hold every row is no run: the script stops.

Memory is the most that all processes (the program and its reading children) had at one moment, what they share counted
once; looked at fifty times a second, in runs of their own, since looking takes a tenth of a core.
"""
import argparse, datetime, os, pathlib, random, shutil, statistics, subprocess, sys, tempfile, time

KENT = ["Ashford", "Canterbury", "Dartford", "Dover", "Folkestone and Hythe", "Gravesham", "Maidstone", "Sevenoaks", "Swale",
        "Thanet", "Tonbridge and Malling", "Tunbridge Wells"]
AREAS = KENT + [f"District {number}" for number in range(len(KENT), 320)]
OFFENCES = [(f"Offence description number {i}", f"Group {i % 12}", f"Subgroup {i % 35}", f"{i}{chr(65 + i % 26)}") for i in range(140)]
HEADER = ["Financial Year", "Financial Quarter", "Police Force", "CSP Name", "Offence Description", "Offence Group",
          "Offence Subgroup", "Offence Code", "Offence Count"]
SHEETS, ROWS, MONTHS = 5, 60, 24


def make_long(folder, rows, more=[]):
    import xlsxwriter
    chance = random.Random(42)
    book = xlsxwriter.Workbook(folder / "long.xlsx")
    sheet = book.add_worksheet("2015-16 onwards")
    sheet.write_row(0, 0, HEADER + more)
    for row in range(1, rows + 1):
        offence, area = OFFENCES[row % 140], (row // 140) % 320
        quarter, year = (row // (140 * 320)) % 4 + 1, 2015 + row // (140 * 320 * 4)
        sheet.write_row(row, 0, [f"{year}/{(year + 1) % 100:02d}", quarter, f"Force {area % 44}", AREAS[area], *offence, chance.randrange(400),
                                *(chance.random() * 1000 if column % 2 else f"{name} {row % 50}" for column, name in enumerate(more))])
    book.close()


def make_returns(folder, files):
    import xlsxwriter
    chance = random.Random(43)
    for partner in range(files):
        book = xlsxwriter.Workbook(folder / f"partner-{partner:03d}.xlsx")
        for number in range(SHEETS):
            sheet = book.add_worksheet(f"Sheet {number}")
            sheet.write(0, 0, "Quarterly return to the Community Safety Partnership")
            sheet.write(1, 0, "Figures are provisional and may be revised")
            for month in range(MONTHS):
                first = datetime.date(2022 + (3 + month) // 12, (3 + month) % 12 + 1, 1)
                sheet.write(3, 2 + month, first.strftime("%b %Y"))
            for row in range(ROWS):
                sheet.write_row(4 + row, 0, [KENT[row % 12], f"Measure {row // 12}", *(chance.randrange(300) for _ in range(MONTHS))])
            sheet.write(65, 0, "Source: partner case management system")
        book.close()


# --- The house -----------------------------------------------------------------------------------------------------------

LONG = """title = "Recorded crime by partnership and offence code (made up)"
partner = "home-office"
frequency = "ad-hoc"

[[table]]
sheets = { first = true }
area = { from = "column", header = ["CSP Name"] }
measure = { from = "column", header = ["Offence Group"] }
period = { from = "column", header = ["Financial Quarter"], year = ["Financial Year"] }
value = { from = "column", header = ["Offence Count"] }

[[table.breakdown]]
dimension = "offence"
from = "column"
header = ["Offence Code"]

[labels]
""" + "".join(f'"Group {number}" = {{ measure = "group-{number}" }}\n' for number in range(12)) + """
[checks.severity]
# The workload's first row gave way to the headings, so one series begins a quarter late.
"missing-month" = "warning"
"""

# The first two columns have no headings: the area is the first, and what is counted splits one measure.
RETURNS = """title = "Monthly counts, five sheets (made up)"
partner = "home-office"
frequency = "ad-hoc"

[[table]]
sheets = { each = true }
area = { from = "column", header = [""] }
measure = { from = "fixed", is = "group-0" }
period = { from = "header-row" }
value = { from = "header-row" }
ignore = ["Source: partner case management system"]

[[table.breakdown]]
dimension = "measure"
from = "column"
header = [""]
values = { """ + ", ".join(f'"Measure {number}" = "measure-{number}"' for number in range(5)) + """ }

[[table.breakdown]]
dimension = "sheet"
from = "sheet-name"
values = { """ + ", ".join(f'"Sheet {number}" = "sheet-{number}"' for number in range(SHEETS)) + """ }
"""


def make_house(home, project, contract, inbox):
    """A configuration that knows the made-up areas and measures, and one source."""
    config, jobs = home / "config", home / "jobs"
    (config / "returns").mkdir(parents=True)
    for name in ["bank-holidays.toml"]:
        shutil.copy(project / "config" / name, config / name)
    shutil.copytree(project / "jobs" / "collect-returns", jobs / "collect-returns")
    areas = "".join(
        f'[[area]]\ncode = "E07{number:06d}"\nname = "{name}"\ngeography = "district"\naliases = []\ndistricts = []\n\n'
        for number, name in enumerate(AREAS, 900)
    )
    (config / "partnership.toml").write_text(
        'name = "A partnership that is made up"\nshort_name = "Made up"\n\n[home]\ndistrict = "E07000900"\n\n' + areas
        + '[[priority]]\nid = "crime"\nrank = 1\ntitle = "Crime"\n\n[[partner]]\nid = "home-office"\nname = "Home Office"\n'
    )
    (config / "measures.toml").write_text("".join(
        f'[[measure]]\nid = "group-{number}"\nlabel = "Group {number} (illustrative)"\nunit = "count"\npolarity = "lower-is-better"\n'
        'disclosure = "open"\ngeography = "district"\npriority = "crime"\nper_1000 = false\nsum_of = []\nprovisional = false\n'
        'illustrative = true\nsource = "Made up"\n\n'
        for number in range(12)
    ))
    (config / "populations.csv").write_text("code,name,vintage,residents\n")
    (config / "returns" / "workload.toml").write_text(contract)
    (config / "quarterdeck.toml").write_text(
        "[landing]\nsettle_seconds = 0\n\n[sources.workload]\nkind = \"folder\"\n"
        f'path = "{inbox}"\nreturn = "workload"\n'
    )
    return config, jobs


# --- Measuring -----------------------------------------------------------------------------------------------------------

def family(root):
    """A process and all that come from it."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as stat:
                    parents[int(entry)] = int(stat.read().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError):
                continue
    for pid in parents:
        above = pid
        while above not in (0, root) and above in parents:
            above = parents[above]
        if above == root:
            yield pid


def resident(pid):
    """What a process has in memory, and its fair share of what it shares with others, in kB."""
    try:
        with open(f"/proc/{pid}/smaps_rollup") as rollup:
            return next(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return 0


def timed(command, watched, **options):
    """Runs a command; gives its end, seconds, the most memory that it and what comes from it had at once in MB (if it is
    watched, which costs it some seconds), and what it said."""
    begun, highest = time.perf_counter(), 0
    # Into a file: nobody reads a pipe while we watch, and what 240 returns give to say fills one.
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, **options)
        while watched and process.poll() is None:
            highest = max(highest, sum(map(resident, family(process.pid))))
            time.sleep(0.02)
        code = process.wait()
        seconds = time.perf_counter() - begun
        output.seek(0)
        told = output.read()
    return code, seconds, highest / 1024, told


def ours(program, project, home, contract, inbox, period, rows, watched):
    config, jobs = make_house(home, project, contract, inbox)
    general = [program, "--config", str(config), "--data", str(home / "var")]
    code, seconds, memory, told = timed(general + ["run", "collect-returns", "--period", period, "--json"], watched, cwd=home)
    count = subprocess.run(general + ["query", "select count(*) from observations", "--format", "csv"], capture_output=True, text=True, cwd=home)
    if count.stdout.split()[-1:] != [str(rows)]:
        sys.exit(f"the lake does not hold {rows} rows but {count.stdout.split()[-1:]}; the run (exit code {code}) said:\n{told[:4000]}\n{count.stderr}")
    return seconds, memory


def child_of(command, **options):
    """Runs a command that starts one child; gives the child's seconds until it was last busy, its processor seconds and its
    peak in MB."""
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, **options)
        begun = busy = ticks = peak = 0
        while process.poll() is None:
            try:
                children = "".join(path.read_text() for path in pathlib.Path(f"/proc/{process.pid}/task").glob("*/children")).split()
                for child in children:
                    now = time.perf_counter()
                    begun = begun or now
                    used = sum(map(int, pathlib.Path(f"/proc/{child}/stat").read_text().rsplit(")", 1)[1].split()[11:13]))
                    if used > ticks:
                        busy, ticks = now, used
                    status = pathlib.Path(f"/proc/{child}/status").read_text()
                    peak = max([peak] + [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")])
            except OSError:
                pass
            time.sleep(0.005)
        output.seek(0)
        told = output.read()
    return process.returncode, busy - begun, ticks / os.sysconf("SC_CLK_TCK"), peak / 1024, told


def wide(program, project, folder, runs, rows):
    inbox = folder / "wide"
    inbox.mkdir()
    make_long(inbox, rows, ["Region", "Rate", "Note"])
    results = []
    for run in range(runs):
        with tempfile.TemporaryDirectory(dir=folder) as home:
            home = pathlib.Path(home)
            config, jobs = make_house(home, project, LONG, inbox)
            command = [program, "--config", str(config), "--data", str(home / "var"), "run", "collect-returns", "--period", "2015-16Q1", "--json"]
            code, seconds, processor, peak, told = child_of(command, cwd=home)
            if code not in (0, 3) or not peak:
                sys.exit(f"the run ended with {code}:\n{told[:4000]}")
            results.append((seconds, processor, peak))
    seconds, processor, peak = (statistics.median(column) for column in zip(*results))
    print(f"wide     {rows:>9} the child: {seconds:.2f}s, {processor:.2f}s of processors, {peak:.0f} MB   (medians of {runs})")


POLARS = """
import glob, sys, polars as pl
task, source, target = sys.argv[1:]
if task == "long":
    frame = pl.read_excel(source + "/long.xlsx", engine="calamine")
else:
    parts = []
    for file in sorted(glob.glob(source + "/*.xlsx")):
        for name, sheet in pl.read_excel(file, engine="calamine", sheet_id=0, read_options={"header_row": 3}).items():
            sheet = sheet.filter(pl.col(sheet.columns[1]).is_not_null())
            sheet = sheet.rename({sheet.columns[0]: "area", sheet.columns[1]: "measure"}).unpivot(
                index=["area", "measure"], variable_name="month", value_name="value")
            parts.append(sheet.with_columns(source=pl.lit(file), sheet=pl.lit(name)))
    frame = pl.concat(parts)
frame.write_parquet(target)
print(frame.height)
"""


def theirs(task, inbox, home, rows, watched):
    code, seconds, memory, told = timed([sys.executable, "-c", POLARS, task, str(inbox), str(home / "out.parquet")], watched)
    if code or told.split()[-1:] != [str(rows)]:
        sys.exit(f"polars did not read {rows} rows: {told}")
    return seconds, memory


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", nargs="*", default=["long", "returns"])
    parser.add_argument("--program", default="target/release/quarterdeck")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--files", type=int, default=240)
    given = parser.parse_args()
    project = pathlib.Path(__file__).resolve().parents[2]
    program = str(pathlib.Path(given.program).resolve())
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        print(f"{'task':8} {'rows':>9} {'ours':>8} {'polars':>8} {'ratio':>6} {'ours':>7} {'polars':>7} {'share':>6}   (medians of {given.runs})")
        for task in given.tasks:
            if task == "wide":
                wide(program, project, folder, given.runs, 200_000)
                continue
            inbox = folder / task
            inbox.mkdir()
            if task == "long":
                make_long(inbox, given.rows)
                contract, rows, period = LONG, given.rows, "2015-16Q1"
            else:
                make_returns(inbox, given.files)
                contract, rows, period = RETURNS, given.files * SHEETS * ROWS * MONTHS, "2023-24Q4"
            results = []
            for run in range(given.runs):
                measured = []
                for watched in [False, True]:
                    with tempfile.TemporaryDirectory(dir=folder) as home:
                        home = pathlib.Path(home)
                        mine = ours(program, project, home, contract, inbox, period, rows, watched)
                        measured.append((mine, theirs(task, inbox, home, rows, watched)))
                (mine, their), (mine_watched, their_watched) = measured
                results.append((mine[0], mine_watched[1], their[0], their_watched[1]))
            seconds, memory, their_seconds, their_memory = (statistics.median(column) for column in zip(*results))
            ratio = statistics.median(row[2] / row[0] for row in results)
            print(f"{task:8} {rows:>9} {seconds:>7.2f}s {their_seconds:>7.2f}s {ratio:>5.2f}x {memory:>4.0f} MB {their_memory:>4.0f} MB {memory / their_memory:>5.2f}x")


if __name__ == "__main__":
    main()
