#!/usr/bin/env python3
"""Quarterly indicators from one Parquet file to another, beside DuckDB: seconds and peak memory, turn by turn.

    cargo build --release -p analysis --example indicator_kernel
    pip install duckdb pyarrow numpy
    tests/bench/kernel.py [--program target/release/examples/indicator_kernel] [--pairs 7] [--measures 520] [--rates] [--polars]
    tests/bench/kernel.py --check

The facts are made up from a fixed seed: 520 measures, 320 areas and 120 months are 20 million rows, sorted, a row group a
measure. Their values are counts; with --rates they have fractions, so that nearly all are different. Both programs sum up
quarters and work out the rolling year, the same quarter a year before, mean and standard deviation of the eight quarters
before, the place among all areas and their average, and write each row with all columns to a Parquet file (snappy both).

Ours is the whole process. DuckDB is a Python process of its own with default settings. It is measured twice: as a whole, and
from the moment `import duckdb` is done until the file is written; ratios are given against both. The two take turns, in
changing order; the table shows each pair, and medians. Memory is the peak resident set that the system counted for the
process (wait4). With --polars the same is done once with polars, for information; it is no part of a ratio.

Afterwards every column of every row is compared: keys and places must be equal, floats to one part in 10^9, nulls in the
same places. A difference ends the script with exit code 1. (With --rates a standard deviation may be off by one part in 10^12
of the mean, where that is more.)

--check measures nothing: it compares a small file the same way, other layouts of the same facts too, and makes sure that
facts which are not as the program wants them are refused with a sentence, and no file is left. Takes seconds.
"""
import argparse, datetime, multiprocessing, os, pathlib, statistics, subprocess, sys, tempfile, time

AREAS, MONTHS = 320, 120
KEYS, FLOATS = ["measure", "area", "quarter"], ["value", "rolling_year", "same_quarter_last_year", "mean8", "sd8", "county_average"]

SQL = """
with q as (
  select measure, area, date_trunc('quarter', month) as quarter, sum(value) as value from facts group by 1, 2, 3
),
w as (
  select *,
    sum(value) over (partition by measure, area order by quarter rows between 3 preceding and current row) as rolling_year,
    lag(value, 4) over (partition by measure, area order by quarter) as same_quarter_last_year,
    avg(value) over (partition by measure, area order by quarter rows between 8 preceding and 1 preceding) as mean8,
    stddev_samp(value) over (partition by measure, area order by quarter rows between 8 preceding and 1 preceding) as sd8
  from q
)
select *,
  rank() over (partition by measure, quarter order by rolling_year) as position,
  avg(rolling_year) over (partition by measure, quarter) as county_average
from w
"""

DUCKDB = """
import sys, time
import duckdb
begun = time.perf_counter()
sql, source, target = sys.argv[1:]
connection = duckdb.connect()
connection.execute(f"create view facts as select * from '{source}'")
connection.execute(f"copy ({sql}) to '{target}' (format parquet)")
print(time.perf_counter() - begun)
"""

POLARS = """
import sys, polars as pl
_, source, target = sys.argv[1:]
area, place = ["measure", "area"], ["measure", "quarter"]
before = pl.col("value").shift(1)
(pl.scan_parquet(source).with_columns(quarter=pl.col("month").dt.truncate("1q")).group_by(*area, "quarter").agg(pl.col("value").sum())
   .sort(*area, "quarter")
   .with_columns(rolling_year=pl.col("value").rolling_sum(4, min_samples=1).over(area), same_quarter_last_year=pl.col("value").shift(4).over(area),
                 mean8=before.rolling_mean(8, min_samples=1).over(area), sd8=before.rolling_std(8, min_samples=2).over(area))
   .with_columns(position=pl.col("rolling_year").rank("min").over(place), county_average=pl.col("rolling_year").mean().over(place))
   .collect(engine="streaming").write_parquet(target, compression="snappy"))
"""


# --- Facts ---------------------------------------------------------------------------------------------------------------

def measure_of(number, chance, rates, areas=AREAS, months=MONTHS):
    """One measure's rows, sorted by area and month."""
    import numpy, pyarrow
    starts = numpy.array([f"{2014 + month // 12}-{month % 12 + 1:02d}-01" for month in range(months)], "datetime64[D]")
    values = chance.poisson(20 + number % 37, areas * months).astype("float64")
    if rates:
        values *= numpy.repeat(chance.uniform(0.1, 3, areas), months)
    return pyarrow.table({
        "measure": pyarrow.array(numpy.full(areas * months, number, "int32")),
        "area": pyarrow.array(numpy.repeat(numpy.arange(areas, dtype="int32"), months)),
        "month": pyarrow.array(numpy.tile(starts, areas)),
        "value": pyarrow.array(values),
    })


def make_facts(path, measures, rates):
    import numpy, pyarrow.parquet
    chance = numpy.random.default_rng(7)
    first = measure_of(0, chance, rates)
    with pyarrow.parquet.ParquetWriter(path, first.schema) as writer:
        writer.write_table(first)
        for number in range(1, measures):
            writer.write_table(measure_of(number, chance, rates))


# --- Measuring -----------------------------------------------------------------------------------------------------------

def timed(command):
    """Seconds of a whole process, its peak memory in MB, and what it printed."""
    with tempfile.TemporaryFile("w+") as output:
        begun = time.perf_counter()
        process = subprocess.Popen(list(map(str, command)), stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        told = output.read()
    if process.returncode:
        sys.exit(f"{command[0]} ended with {process.returncode}:\n{told[-4000:]}")
    return seconds, usage.ru_maxrss / 1024, told


def measure(program, facts, ours, theirs, pairs):
    results = []
    print(f"{'pair':6} {'ours':>8} {'DuckDB':>8} {'inside':>8} {'ours':>8} {'DuckDB':>8}   load")
    for pair in range(pairs):
        turns = {"ours": [program, facts, ours], "theirs": [sys.executable, "-c", DUCKDB, SQL, facts, theirs]}
        taken = {name: timed(turns[name]) for name in sorted(turns, reverse=pair % 2 == 1)}
        (mine, my_memory, _), (their, their_memory, told) = taken["ours"], taken["theirs"]
        results.append((mine, their, float(told.split()[-1]), my_memory, their_memory))
        print(line(pair + 1, results[-1]) + f"   {os.getloadavg()[0]:.1f}", flush=True)
    medians = tuple(map(statistics.median, zip(*results)))
    print(line("median", medians))
    mine, their, inside, my_memory, their_memory = medians
    print(f"{their / mine:.1f} times as fast as DuckDB, {inside / mine:.1f} times without its start; {my_memory / their_memory:.3f} of its memory")
    print(f"files: ours {ours.stat().st_size / 1e6:.0f} MB, DuckDB's {theirs.stat().st_size / 1e6:.0f} MB")


def line(name, result):
    mine, their, inside, my_memory, their_memory = result
    return f"{name:<6} {mine:>7.2f}s {their:>7.2f}s {inside:>7.2f}s {my_memory:>5.0f} MB {their_memory:>5.0f} MB"


# --- Comparing -----------------------------------------------------------------------------------------------------------

def differences(ours, theirs, rates=False):
    """Says how far the two files are apart; gives the number of rows, or ends the script."""
    import duckdb
    def apart(name):
        a, b = f"a.{name}", f"b.{name}"
        # Sums of fractions are rounded, by the order in which they are added: quarters that are nearly the same differ by no more.
        least = ", abs(a.mean8) / 1000" if rates and name == "sd8" else ""
        return (f"case when {a} is null and {b} is null or {a} = {b} then 0"
                f" else coalesce(abs({a} - {b}) / greatest(abs({a}), abs({b}){least}), 'inf'::double) end")
    connection = duckdb.connect()
    read = "select measure, area, quarter::date as quarter, position::bigint as position, " + ", ".join(FLOATS) + " from '{}'"
    columns = ", ".join(f"max({apart(name)})" for name in [*FLOATS, "position"])
    rows, *most = connection.execute(
        f"select count(*), {columns} from ({read.format(ours)}) a join ({read.format(theirs)}) b using (measure, area, quarter)").fetchone()
    counts = [connection.execute(f"select count(*), count(distinct (measure, area, quarter)) from '{file}'").fetchone() for file in (ours, theirs)]
    if any(count != (rows, rows) for count in counts) or not rows:
        sys.exit(f"{rows} rows have the same keys, of {counts[0]} and {counts[1]} (rows, different ones)")
    wrong = [f"{name} by {far:.2g}" for name, far in zip(FLOATS, most) if not far <= 1e-9] + (["position"] if most[-1] else [])
    if wrong:
        sys.exit("the files differ: " + ", ".join(wrong))
    print(f"{rows} rows are equal, positions exactly, floats to {max(most):.1g} of themselves")
    return rows


# --- Checking ------------------------------------------------------------------------------------------------------------

def check(program, folder):
    import numpy, pyarrow as pa, pyarrow.compute as pc, pyarrow.parquet as pq
    chance = numpy.random.default_rng(3)
    tables = [measure_of(number, chance, False, 7, 50) for number in (-2, 0, 5)]
    plain, facts, ours, theirs = pa.concat_tables(tables), folder / "facts.parquet", folder / "ours.parquet", folder / "theirs.parquet"

    def run(table, *more, **options):
        pq.write_table(table, facts, **options)
        done = subprocess.run([program, facts, ours, *more], capture_output=True, text=True)
        if os.listdir(folder).count("ours.parquet.unfinished"):
            sys.exit("an unfinished file was left")
        return done.returncode, done.stderr.strip()

    # Fifty months from January are sixteen quarters and two months, which SQL would take for a quarter.
    whole = plain.filter(pc.less(plain["month"], pa.scalar(datetime.date(2018, 1, 1))))
    pq.write_table(whole, facts)
    timed([sys.executable, "-c", DUCKDB, SQL, facts, theirs])
    layouts = {
        "a row group a measure": (plain, {"row_group_size": 350}),
        "all in one row group": (plain, {}),
        "columns in another order": (plain.select(["value", "month", "measure", "area"]), {}),
        "columns that cannot be null, other encodings, small pages": (
            plain.cast(pa.schema([field.with_nullable(False) for field in plain.schema])),
            {"use_dictionary": False, "compression": "none", "data_page_size": 200, "data_page_version": "2.0"}),
    }
    for name, (table, options) in layouts.items():
        code, said = run(table, **options)
        if code:
            sys.exit(f"{name}: {said}")
        print(f"{name}: ", end="")
        if differences(ours, theirs) != 3 * 7 * 16:
            sys.exit("not every row was written")

    # A month that is missing, as a row or as a value, is missing in its quarter and in what is made from it.
    row = 350 + 2 * 50 + 10  # measure 0, area 2, November 2014
    empty = plain.set_column(3, "value", pc.if_else(pa.array(numpy.arange(len(plain)) != row), plain["value"], None))
    gaps = []
    for table in (empty, pa.concat_tables([plain.slice(0, row), plain.slice(row + 1)])):
        code, said = run(table)
        if code:
            sys.exit(f"a missing month: {said}")
        gaps.append(pq.read_table(ours))
    places = [index for index, value in enumerate(gaps[0]["value"].to_pylist()) if value is None]
    years = [index for index, value in enumerate(gaps[0]["rolling_year"].to_pylist()) if value is None]
    first = 7 * 16 + 2 * 16 + 3
    if not gaps[0].equals(gaps[1]) or places != [first] or years != list(range(first, first + 4)) or gaps[0]["position"].null_count != 4:
        sys.exit(f"a missing month: quarters {places} and years {years} are missing")
    print("a missing month is missing, not 0")

    # Best first, from the other end: places of equal ones differ, but the best are the same.
    run(plain)
    lowest = pq.read_table(ours)
    run(plain, "--best", "highest")
    highest = pq.read_table(ours)
    for table, best in ((lowest, "min"), (highest, "max")):
        ends = table.group_by(["measure", "quarter"]).aggregate([("rolling_year", best)])
        top = table.filter(pc.equal(table["position"], 1)).group_by(["measure", "quarter"]).aggregate([("rolling_year", "min"), ("rolling_year", "max")])
        def by(table, column):
            return dict(zip(zip(table["measure"].to_pylist(), table["quarter"].to_pylist()), table[column].to_pylist()))
        if by(ends, f"rolling_year_{best}") != by(top, "rolling_year_min") or by(top, "rolling_year_min") != by(top, "rolling_year_max"):
            sys.exit("position 1 is not the best")
    print("position 1 is the lowest, or the highest")
    for few in (0, 2):
        code, said = run(plain.slice(0, few))
        if code or pq.read_table(ours).num_rows:
            sys.exit(f"{few} months: exit code {code}, {said!r}")
    print("no whole quarter, no rows")
    refusals(run, plain, tables, ours)


def refusals(run, plain, tables, ours):
    import numpy, pyarrow as pa, pyarrow.compute as pc
    rows = numpy.arange(len(plain))
    def with_value(index, column, value):
        kind = plain.schema.field(column).type
        place = plain.schema.get_field_index(column)
        return plain.set_column(place, column, pc.if_else(pa.array(rows != index), plain[column], pa.scalar(value, kind)))
    def swapped(first, second):
        order = rows.copy()
        order[[first, second]] = order[[second, first]]
        return plain.take(pa.array(order))
    cases = {
        "not sorted by measure": (pa.concat_tables([tables[1], tables[0]]), {}, "measure -2 comes after measure 0"),
        "not sorted by measure, in two row groups": (pa.concat_tables([tables[1], tables[0]]), {"row_group_size": 350}, "measure -2 comes after measure 0"),
        "a measure in two row groups": (plain, {"row_group_size": 300}, "all of a measure stands in one row group"),
        "not sorted by area": (swapped(49, 50), {}, "is not after the row before it"),
        "not sorted by month": (swapped(3, 4), {}, "is not after the row before it"),
        "a row twice": (plain.take(pa.array(numpy.sort(numpy.append(rows, 20)))), {}, "is not after the row before it"),
        "another day of the month": (with_value(20, "month", datetime.date(2015, 9, 2)), {}, "2015-09-02, which is not the first of a month"),
        "another day in the first area": (with_value(0, "month", datetime.date(2014, 1, 2)), {}, "2014-01-02, which is not the first of a month"),
        "a date far away": (with_value(20, "month", datetime.date(3015, 9, 1)), {}, "before 1900 or after 2199"),
        "not a number": (with_value(20, "value", float("nan")), {}, "a value that is not a number"),
        "infinite": (with_value(20, "value", float("inf")), {}, "area 0 has inf in 2015-09: too large"),
        "no measure": (with_value(20, "measure", None), {}, "`measure` has nulls"),
        "no month": (with_value(20, "month", None), {}, "`month` has nulls"),
        "no such column": (plain.drop_columns(["area"]), {}, "`area` is not there"),
        "months as numbers": (plain.set_column(2, "month", plain["month"].cast("int32")), {}, "`month` is of another type"),
        "values as whole numbers": (plain.set_column(3, "value", plain["value"].cast("int64")), {}, "`value` is of another type"),
    }
    for name, (table, options, expected) in cases.items():
        ours.unlink(missing_ok=True)
        code, said = run(table, **options)
        if code != 1 or expected not in said or ours.exists():
            sys.exit(f"{name}: exit code {code}, {said!r}")
    print(f"{len(cases)} files were refused, each with its sentence")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="target/release/examples/indicator_kernel")
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--measures", type=int, default=520)
    parser.add_argument("--rates", action="store_true")
    parser.add_argument("--polars", action="store_true")
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args()
    program = str(pathlib.Path(given.program).resolve())
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        if given.check:
            check(program, folder)
            return
        facts, ours, theirs = folder / "facts.parquet", folder / "ours.parquet", folder / "theirs.parquet"
        # By another process: what this one has in memory would count as the peak of those that it starts.
        maker = multiprocessing.get_context("spawn").Process(target=make_facts, args=(facts, given.measures, given.rates))
        maker.start()
        maker.join()
        if maker.exitcode:
            sys.exit("the facts could not be made")
        print(f"{given.measures * AREAS * MONTHS} rows of facts, {facts.stat().st_size / 1e6:.0f} MB")
        measure(program, facts, ours, theirs, given.pairs)
        if given.polars:
            seconds, memory, _ = timed([sys.executable, "-c", POLARS, SQL, facts, folder / "polars.parquet"])
            print(f"polars, once: {seconds:.2f}s {memory:.0f} MB")
        differences(ours, theirs, given.rates)


if __name__ == "__main__":
    main()
