"""A study of a thousand nights: what a night costs, SQL over all, detection from raw samples, the index.

    python -m bench.study [--nights N] [--raw N] [--write]

Nights are those of `twitchwatch study cohort`: modelled counts, records as a ring writes them, databases as a
daemon leaves them. The index is that of a study of 100,000 wearers: a row for each partition, with random
figures. --write puts the tables into docs/study.md and docs/scale.md.
"""

from __future__ import annotations

import argparse
import functools
import resource
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1] / "host"))

from bench.page import insert

if TYPE_CHECKING:
    from twitchwatch.study.folder import Folder
    from twitchwatch.study.pseudonyms import KeyFile

DOCS = Path(__file__).parents[1] / "docs"
NIGHTS_EACH = 20
# A modelled wearer leaves out one night in nine.
WORN = 0.89
SUMMARY = """
SELECT w.sex, w.site, count(*) AS nights, avg(n.twitches_per_hour) AS per_hour, median(n.rest_h) AS rest_h,
  avg(n.coverage) AS coverage
FROM nights n JOIN wearers w USING (wearer) WHERE n.left_out IS NULL GROUP BY ALL ORDER BY ALL
"""
ALL_EVENTS = "SELECT kind, count(*) AS events, median(peak_mg) AS peak_mg FROM events GROUP BY kind"
INDEX_WEARERS, INDEX_NIGHTS = 100_000, 365


# A worker imports this file: only what measures it imports the rest.
def a_study(folder: Path, nights: int) -> tuple[Folder, KeyFile]:
    from twitchwatch.sim.cohort import make_cohort
    from twitchwatch.study.folder import open_folder
    from twitchwatch.study.pseudonyms import new_key
    from twitchwatch.study.register import Wearer, begin, enter

    wearers = max(1, round(nights / NIGHTS_EACH / WORN))
    members = make_cohort(folder / "databases", wearers, NIGHTS_EACH, 1)
    study = open_folder(str(folder / "study"))
    key = new_key(folder / "key.json", begin(study, "bench", date(2026, 1, 1)).id)
    for one in members:
        enter(study, Wearer(key.pseudonym(one.label), "2026-01-01", one.age, one.sex, one.site, one.course))
        key.wearers[one.label] = str(one.database)
    return study, key


def seconds(work) -> tuple[float, object]:
    begun = time.perf_counter()
    result = work()
    return time.perf_counter() - begun, result


def nights_table(most: int) -> str:
    from twitchwatch.study.pulling import pull
    from twitchwatch.study.query import query

    rows = ["| nights | pull, ms a night | KiB a night | SQL summary, s | SQL over all events, s | events |"]
    rows.append("| --- | --- | --- | --- | --- | --- |")
    for nights in (10, 100, most):
        with tempfile.TemporaryDirectory(prefix="twitchwatch-bench-") as folder:
            study, key = a_study(Path(folder), nights)
            pull_s, pulled = seconds(lambda study=study, key=key: pull(study, key, 2_000_000_000_000_000))
            size = sum(path.stat().st_size for path in Path(study.root).rglob("*") if path.is_file())
            query(study, SUMMARY)
            sql_s, _ = seconds(lambda study=study: query(study, SUMMARY))
            events_s, answer = seconds(lambda study=study: query(study, ALL_EVENTS))
            events = sum(answer.table.column("events").to_pylist())
            written = pulled.written
            rows.append(
                f"| {written:,} | {1000 * pull_s / written:.0f} | {size / 1024 / written:.0f} | {sql_s:.2f}"
                f" | {events_s:.2f} | {events:,} |"
            )
            print(rows[-1], flush=True)
    return "\n".join(rows)


def raw_table(nights: int) -> str:
    """Nights of eight hours, all alike but for ten seeds: what costs is the number of samples."""
    from twitchwatch.analysis.contract import RING
    from twitchwatch.recording import Recording, Segment
    from twitchwatch.sim.night import modelled_night
    from twitchwatch.study.attaching import RAW, raw_file
    from twitchwatch.study.code import code_of
    from twitchwatch.study.partitions import Manifest, write_partition
    from twitchwatch.study.running import run

    rows = [
        "| workers | seconds, until the first night | times one worker | after the first | MB a worker |",
        "| --- | --- | --- | --- | --- |",
    ]
    with tempfile.TemporaryDirectory(prefix="twitchwatch-bench-") as folder:
        study, key = a_study(Path(folder), NIGHTS_EACH)
        kept = [
            raw_file(Recording("raw", RING, (Segment(0, modelled_night(seed, 8.0).samples),)))
            for seed in range(min(10, nights))
        ]
        wearer = key.pseudonym("0000")
        for at in range(nights):
            manifest = Manifest(
                wearer, f"{2026 + at // 28}-03-{1 + at % 28:02d}", f"SRAW{at:06d}", str(at), ""
            )
            write_partition(study, manifest, {RAW: kept[at % len(kept)]})
        code = code_of("redetect")
        # The compiled detector is kept on disk after the first time.
        run(study, code, workers=1)
        alone = alone_going = 0.0
        results = []
        for workers in (1, 2):
            study.remove("results")
            marks: list[float] = []
            begun = time.perf_counter()
            noted = functools.partial(lambda marks, *_: marks.append(time.perf_counter()), marks)
            done = run(study, code, workers=workers, on_night=noted)
            spent, first = time.perf_counter() - begun, marks[0] - begun
            assert done.failed == {}
            results.append({name: study.read(name) for name in study.names("results", ".json")})
            alone, alone_going = alone or spent, alone_going or spent - first
            memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            rows.append(
                f"| {workers} | {spent:.1f}, {first:.1f} | {alone / spent:.2f}"
                f" | {alone_going / (spent - first):.2f} | {memory:.0f} |"
            )
            print(rows[-1], flush=True)
        assert results[0] == results[1]
    return "\n".join(rows)


def index_table() -> str:
    """The index as one Parquet file a day, 36.5 million rows: what SQL over it costs."""
    import duckdb

    rows = ["| question to an index of 36.5 million nights | seconds |", "| --- | --- |"]
    with tempfile.TemporaryDirectory(prefix="twitchwatch-bench-") as folder, duckdb.connect() as connection:
        connection.execute("SET memory_limit = '2GB'")
        connection.execute("SET preserve_insertion_order = false")
        connection.execute(f"SET temp_directory = '{folder}/spill'")
        made, _ = seconds(
            lambda: connection.execute(
                f"""
                COPY (
                  SELECT printf('W%010d', w) AS wearer, DATE '2026-01-01' + CAST(d AS INTEGER) AS night,
                    printf('S%010d', w) AS sensor, hash(w, d) AS digest,
                    CAST(random() * 40 AS FLOAT) AS per_hour,
                    CAST(5 + random() * 3 AS FLOAT) AS rest_h
                  FROM range({INDEX_WEARERS}) t(w), range({INDEX_NIGHTS}) u(d)
                ) TO '{folder}/index.parquet' (COMPRESSION zstd)
                """
            )
        )
        size = (Path(folder) / "index.parquet").stat().st_size
        rows.append(f"| write it ({size / 1e9:.2f} GB) | {made:.1f} |")
        index = f"'{folder}/index.parquet'"
        for words, sql in {
            "all nights of one wearer": f"SELECT * FROM {index} WHERE wearer = 'W0000054321'",
            "mean rate of each night": f"SELECT night, avg(per_hour) FROM {index} GROUP BY night",
            "nights of each wearer": f"SELECT wearer, count(*) FROM {index} GROUP BY wearer",
        }.items():
            spent, _ = seconds(lambda sql=sql: connection.execute(sql).fetchall())
            rows.append(f"| {words} | {spent:.1f} |")
            print(rows[-1], flush=True)
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--nights", type=int, default=1000)
    parser.add_argument("--raw", type=int, default=100)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--only", choices=["nights", "raw", "index"])
    asked = parser.parse_args()
    parts = {
        "nights": (lambda: nights_table(asked.nights), DOCS / "study.md"),
        "raw": (lambda: raw_table(asked.raw), DOCS / "study.md"),
        "index": (index_table, DOCS / "scale.md"),
    }
    for name, (measure, page) in parts.items():
        if asked.only in (None, name):
            table = measure()
            print(table)
            if asked.write:
                insert(f"study {name}", table, page)


if __name__ == "__main__":
    main()
