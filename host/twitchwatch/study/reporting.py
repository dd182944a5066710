"""The report of a study: rates by a mixed model, the quality of each wearer's data, and how to repeat it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import duckdb
import numpy as np

from twitchwatch import __version__
from twitchwatch.errors import ConfigurationError, UsageError
from twitchwatch.foreign import one_line
from twitchwatch.study.folder import Folder
from twitchwatch.study.mixed_model import Fit, fit
from twitchwatch.study.partitions import manifests
from twitchwatch.study.query import database, prepare
from twitchwatch.study.register import study_in

_MARKUP = re.compile(r"[\\`*_\[\]<>&|#]")
# A night counts in the model as it does in trends.
_USABLE = "n.left_out IS NULL AND n.twitches_per_hour IS NOT NULL"
CLOCK_S = 60.0
"""Beyond this, a sensor's clock is named: times are then correct to the hour, but not to the minute."""
HUM = 0.1
"""A sensor is named if at least this share of its minutes has a hum of 50 or 60 Hz."""
WEARERS_A_TERM = 5
"""A term of the model needs this many wearers; with fewer, intervals become meaningless."""
WORN = 0.5
"""Share of the nights between the first and last on which a wearer must have worn it to be called regular."""

_QUALITY = f"""
SELECT w.wearer, w.site, w."group",
  count(n.night) AS nights,
  count(*) FILTER (WHERE {_USABLE}) AS usable,
  1 + date_diff('day', min(n.night), max(n.night)) AS span,
  coalesce(sum(n.rest_h), 0) AS rest_h,
  median(n.coverage) AS coverage,
  count(*) FILTER (WHERE n.wear != 'worn') AS not_worn,
  max(n.clock_error_s) AS clock_error_s,
  sum(n.input_minutes_hum) AS hum_minutes,
  60 * sum(n.rest_h + n.blind_h + n.moving_h) AS minutes,
  median(n.detection_limit_mg) AS detection_limit_mg,
  sum(n.twitches) FILTER (WHERE {_USABLE}) AS twitches
FROM wearers w LEFT JOIN nights n USING (wearer)
WHERE w.withdrawn IS NULL
GROUP BY ALL ORDER BY w.wearer
"""

_NIGHTS = f"""
SELECT n.wearer, n.asleep_twitches, n.asleep_rest_h, w.age, w.sex, w.site, w."group"
FROM nights n JOIN wearers w USING (wearer)
WHERE {_USABLE} AND n.asleep_rest_h > 0
ORDER BY n.wearer, n.night, n.sensor
"""


@dataclass(frozen=True, slots=True)
class StudyReport:
    """Everything that a report contains. quality: by wearer; remarks: by wearer, what is wrong with their
    data.

    why_no_fit: in words, if the model could not be fitted. terms_left_out: for lack of wearers. skipped:
    partitions left out, and why. source: SHA-256 over all partitions on which it is based.
    """

    study: str
    fitted: Fit | None
    why_no_fit: str
    terms_left_out: tuple[str, ...]
    quality: tuple[dict[str, Any], ...]
    remarks: dict[str, list[str]]
    skipped: dict[str, str]
    withdrawn: int
    source: str
    twitchwatch_version: str = __version__

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def study_report(folder: Folder) -> StudyReport:
    """The report on a study as it is now. Raises ConfigurationError if there is none."""
    study = study_in(folder)
    with database() as connection:
        try:
            skipped = prepare(connection, folder, ("nights",))
            quality = _rows(connection, _QUALITY)
            nights = _rows(connection, _NIGHTS)
            (withdrawn,) = connection.execute(
                "SELECT count(*) FROM wearers WHERE withdrawn IS NOT NULL"
            ).fetchone() or (0,)
        except duckdb.Error as error:
            raise ConfigurationError(
                f"The nights of this study do not have the columns that a report needs ({error}). Pull again."
            ) from error
    try:
        (fitted, left_out), why = _fit(nights), ""
    except UsageError as error:
        fitted, left_out, why = None, (), str(error)
    found, _ = manifests(folder)
    digests = {one.place: one.digest for one in found if one.place not in skipped}
    source = hashlib.sha256(json.dumps(digests, sort_keys=True).encode()).hexdigest()
    remarks = {row["wearer"]: said for row in quality if (said := _remarks(row))}
    return StudyReport(study.name, fitted, why, left_out, tuple(quality), remarks, skipped, withdrawn, source)


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    answer = connection.execute(sql)
    names = [str(one[0]) for one in answer.description or ()]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def _fit(nights: Sequence[dict[str, Any]]) -> tuple[Fit, tuple[str, ...]]:
    """Groups, sites, age per ten years and sex, in this order, if there are enough wearers; the rest
    by name. Each site and group is compared with the first; unknown ages are at the mean.
    """
    blocks: dict[str, dict[str, Any]] = {}
    for name in ("group", "site"):
        values = [one[name] for one in nights]
        first = min(values, default="") or "none stated"
        blocks[name] = {
            f"{name}: {other} against {first}": np.array([float(one == other) for one in values])
            for other in sorted(set(values))[1:]
        }
    ages = np.array([np.nan if one["age"] is None else one["age"] for one in nights], dtype=float)
    if np.isfinite(ages).any():
        known = np.where(np.isfinite(ages), ages, np.nanmean(ages))
        blocks["age"] = {"age, per 10 years": known / 10}
    sexes = np.array([{"M": 1.0, "F": 0.0}.get(one["sex"], 0.5) for one in nights])
    blocks["sex"] = {"sex: M against F": sexes}
    terms: dict[str, Any] = {}
    left_out = []
    most = len({one["wearer"] for one in nights}) // WEARERS_A_TERM
    for name, block in blocks.items():
        varying = {term: values for term, values in block.items() if np.ptp(values) > 0}
        if len(terms) + len(varying) <= most:
            terms |= varying
        else:
            left_out.append(name)
    fitted = fit(
        np.array([one["asleep_twitches"] for one in nights], dtype=np.int64),
        np.array([one["asleep_rest_h"] for one in nights], dtype=float),
        [one["wearer"] for one in nights],
        terms,
    )
    return fitted, tuple(left_out)


def _remarks(row: dict[str, Any]) -> list[str]:
    if not row["nights"]:
        return ["has no night"]
    said = []
    if row["usable"] < WORN * row["span"]:
        said.append(f"wore it on {row['usable']} of {row['span']} nights")
    if row["clock_error_s"] is not None and row["clock_error_s"] > CLOCK_S:
        said.append(f"clock off by up to {row['clock_error_s']:.0f} s")
    if row["hum_minutes"] and row["minutes"] and row["hum_minutes"] > HUM * row["minutes"]:
        said.append(f"sensor hums in {row['hum_minutes']} minutes")
    return said


def report_page(report: StudyReport) -> str:
    """The report as Markdown."""
    lines = [
        f"# {_plain(report.study)}",
        "",
        "Measured with sensors that are not medical devices. Not a diagnosis.",
        "",
    ]
    lines += ["## Rates", "", *_model_lines(report), ""]
    lines += ["## Data of each wearer", "", *_quality_lines(report), ""]
    if report.skipped:
        lines += [
            "## Left out",
            "",
            *(f"* {place}: {why}" for place, why in sorted(report.skipped.items())),
            "",
        ]
    lines += [
        "## To repeat it",
        "",
        f"Twitchwatch {report.twitchwatch_version}; SHA-256 over the partitions: `{report.source}`.",
        f"{report.withdrawn} withdrew; none of their data is here.",
        "",
    ]
    return "\n".join(lines)


def _model_lines(report: StudyReport) -> list[str]:
    found = report.fitted
    if found is None:
        return [report.why_no_fit]
    rate = found.per_hour
    lines = [
        f"{found.nights} nights of {found.wearers} wearers. A typical wearer has {rate.ratio:.1f} twitches an"
        f" hour asleep ({rate.low:.1f} to {rate.high:.1f}). Wearers differ by a factor of"
        f" {np.exp(found.between):.1f} (one standard deviation), a wearer's own nights by"
        f" {100 * found.night_cv:.0f} %.",
        "",
        "| term | ratio of rates | 95 % interval | p |",
        "| --- | --- | --- | --- |",
    ]
    lines += [
        f"| {_plain(one.name)} | {one.ratio:.2f} | {one.low:.2f} to {one.high:.2f} | {one.p_value:.3f} |"
        for one in found.effects
    ]
    if report.terms_left_out:
        lines += ["", f"Left out because there are too few wearers: {', '.join(report.terms_left_out)}."]
    lines += ["", "Negative binomial with a random wearer: the method is in docs/study.md."]
    return lines


def _quality_lines(report: StudyReport) -> list[str]:
    lines = [
        "| wearer | site | group | nights | usable | rest, h | coverage | limit, mg | clock, s | remarks |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in report.quality:
        said = "; ".join(report.remarks.get(row["wearer"], []))
        figures = [
            _number(row[name], digits)
            for name, digits in (("coverage", 2), ("detection_limit_mg", 1), ("clock_error_s", 0))
        ]
        cells = [row["wearer"], row["site"], row["group"], row["nights"], row["usable"]]
        cells += [f"{row['rest_h']:.1f}", *figures, said]
        lines.append("| " + " | ".join(_plain(str(cell)) for cell in cells) + " |")
    return lines


def _plain(text: str) -> str:
    """Somebody's words as text: no Markdown or HTML, and no cell or line of its own."""
    return _MARKUP.sub(r"\\\g<0>", one_line(text))


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
