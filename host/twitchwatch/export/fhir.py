"""Export as a FHIR R4 Bundle: devices, and an Observation for each figure of each night.

Structured like the numeric Observation of the Personal Health Device guide (hl7.fhir.uv.phd 1.1), without
claiming its profile: IEEE 11073 has no code for a twitch.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from twitchwatch import __version__
from twitchwatch.export.ordering import Content
from twitchwatch.journal.book import Wearer
from twitchwatch.views.events import Bout
from twitchwatch.views.nights import NightView

Resource = dict[str, Any]

# Random, made once: a URI that nobody else uses, which FHIR accepts as a code system (R4, Uniform Resource
# Identifiers). Resource ids derive from it, so that the same night always has the same id.
NAMESPACE = uuid.UUID("9faf1f14-93bc-4368-b272-fe1e2c1eab8d")
CODES = f"urn:uuid:{NAMESPACE}"
UCUM = "http://unitsofmeasure.org"
_ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
_GATEWAY = "http://hl7.org/fhir/StructureDefinition/observation-gatewayDevice"
_BLUETOOTH = "http://hl7.org/fhir/sid/eui-48/bluetooth"
_MAC = re.compile(r"(?:[0-9A-F]{2}:){5}[0-9A-F]{2}", re.IGNORECASE)
_NO_DIAGNOSIS = "Measured by a sensor that is not a medical device. Not a diagnosis."


class Code(NamedTuple):
    """What an Observation or component is: its code, words, and unit in UCUM."""

    code: str
    words: str
    unit: str


RATE = Code("twitches-per-hour", "Brief isolated finger motions of a twitch's shape, per hour of rest", "/h")
HIGH = Code(
    "all-brief-motions-per-hour", "All brief motions at rest that nothing else explains, per hour", "/h"
)
LOW_END = Code("interval-low", "95 % interval, lower end", "/h")
HIGH_END = Code("interval-high", "95 % interval, upper end", "/h")
COUNT = Code("twitches", "Twitches counted", "1")
REST = Code("rest", "Time in which a twitch could have been reported", "h")
COVERAGE = Code("coverage", "Share of the worn time that was observed", "%")
LIMIT = Code("detection-limit", "Size at which nine in ten twitches are found", "m[g]")
TREMOR = Code("tremor-time", "Rhythmic motion of 3 to 12 Hz, total", "min")
BOUT = Code("tremor-bout", "Rhythmic motion of the hand: frequency", "Hz")
AMPLITUDE = Code("tremor-amplitude", "Acceleration, rms", "m[g]")
DURATION = Code("tremor-duration", "Duration", "s")
CODE_SYSTEM = (
    RATE,
    HIGH,
    LOW_END,
    HIGH_END,
    COUNT,
    REST,
    COVERAGE,
    LIMIT,
    TREMOR,
    BOUT,
    AMPLITUDE,
    DURATION,
)
"""Every code, for the page that documents them."""


def write_fhir(content: Content, folder: Path) -> list[Path]:
    """Write bundle.json: a Bundle of type collection. Raises OSError."""
    path = folder / "bundle.json"
    path.write_text(json.dumps(bundle(content), indent=1) + "\n", encoding="utf-8")
    return [path]


def bundle(content: Content) -> Resource:
    """The Bundle; the same content gives the same bytes."""
    views = [one.view for one in content.rated]
    patient = _patient(content.subject, content.wearer())
    subject = None if patient is None else f"urn:uuid:{patient['id']}"
    resources: list[Resource] = [_program()]
    if patient is not None:
        resources.append(patient)
    seen: dict[str, NightView] = {view.hardware_id: view for view in views}
    resources += [_sensor(view) for view in seen.values()]
    for view in views:
        resources += _observations(view, subject)
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in resources],
    }


def _id(*parts: str) -> str:
    return str(uuid.uuid5(NAMESPACE, "/".join(parts)))


def _program() -> Resource:
    return {
        "resourceType": "Device",
        "id": _id("Device", "twitchwatch"),
        "type": {"text": "Software that evaluates the sensor's records"},
        "deviceName": [{"name": "Twitchwatch", "type": "manufacturer-name"}],
        "version": [{"value": __version__}],
    }


def _patient(pseudonym: str | None, wearer: Wearer) -> Resource | None:
    """The wearer, if anything is known about them. FHIR has dates of birth to the year."""
    if pseudonym is None and wearer == Wearer():
        return None
    found: Resource = {"resourceType": "Patient", "id": _id("Patient", pseudonym or "wearer")}
    if pseudonym is not None:
        found["identifier"] = [{"system": CODES, "value": pseudonym}]
    if wearer.sex is not None:
        found["gender"] = wearer.sex
    if wearer.birth_year is not None:
        found["birthDate"] = str(wearer.birth_year)
    return found


def _sensor(view: NightView) -> Resource:
    identifier = {"system": CODES, "value": view.hardware_id}
    if _MAC.fullmatch(view.hardware_id):
        identifier = {"system": _BLUETOOTH, "value": view.hardware_id.upper().replace(":", "-")}
    return {
        "resourceType": "Device",
        "id": _id("Device", view.hardware_id),
        "identifier": [identifier],
        "type": {"text": "Accelerometer worn on a finger or wrist"},
        "deviceName": [{"name": view.sensor, "type": "user-friendly-name"}],
        "version": [{"type": {"text": "firmware"}, "value": one} for one in view.firmware],
    }


def _observations(view: NightView, subject: str | None) -> Iterator[Resource]:
    at_rest = (_component(REST, view.rest_h), _component(LIMIT, view.detection_limit_mg))
    yield _observation(
        view,
        RATE,
        view.twitches_per_hour,
        subject,
        _component(LOW_END, view.interval_low),
        _component(HIGH_END, view.interval_high),
        _component(COUNT, view.twitches),
        *at_rest,
        _component(COVERAGE, round(100 * view.coverage, 2)),
    )
    if view.rate_per_h is not None:
        low, high = view.rate_per_h.high_interval or (None, None)
        ends = _component(LOW_END, low), _component(HIGH_END, high)
        yield _observation(view, HIGH, view.rate_per_h.high, subject, *ends, *at_rest)
    yield _observation(
        view, TREMOR, round(sum(bout.duration_s for bout in view.tremor) / 60, 3), subject, *at_rest[:1]
    )
    for bout in view.tremor:
        yield _bout(view, bout, subject)


def _observation(
    view: NightView, code: Code, value: float | None, subject: str | None, *components: Resource
) -> Resource:
    found: Resource = {
        "resourceType": "Observation",
        "id": _id("Observation", view.hardware_id, view.night, code.code),
        "extension": [{"url": _GATEWAY, "valueReference": _reference("Device", "twitchwatch")}],
        "status": "final",
        "category": [{"coding": [{"system": _CATEGORY, "code": "activity"}]}],
        "code": _coded(code),
        "effectivePeriod": {"start": view.start_utc, "end": view.end_utc},
        "device": _reference("Device", view.hardware_id),
        **_value(code, value),
        "note": [{"text": _NO_DIAGNOSIS}],
        "component": [*components],
    }
    if subject is not None:
        found["subject"] = {"reference": subject}
    return found


def _bout(view: NightView, bout: Bout, subject: str | None) -> Resource:
    found = _observation(
        view,
        BOUT,
        bout.frequency_hz,
        subject,
        _component(AMPLITUDE, bout.amplitude_mg),
        _component(DURATION, bout.duration_s),
    )
    del found["effectivePeriod"]
    found["id"] = _id("Observation", view.hardware_id, view.night, BOUT.code, bout.utc, str(bout.seq))
    found["effectiveDateTime"] = bout.utc
    return found


def _component(code: Code, value: float | None) -> Resource:
    return {"code": _coded(code), **_value(code, value)}


def _value(code: Code, value: float | None) -> Resource:
    if value is None:
        return {"dataAbsentReason": {"coding": [{"system": _ABSENT, "code": "not-performed"}]}}
    return {"valueQuantity": {"value": value, "unit": code.unit, "system": UCUM, "code": code.unit}}


def _coded(code: Code) -> Resource:
    return {"coding": [{"system": CODES, "code": code.code, "display": code.words}], "text": code.words}


def _reference(kind: str, *parts: str) -> Resource:
    return {"reference": f"urn:uuid:{_id(kind, *parts)}"}
