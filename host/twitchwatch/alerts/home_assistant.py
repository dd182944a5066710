"""What is sent to Home Assistant over MQTT: the sensors and their state.

Topics and keys are those of its "MQTT discovery" (home-assistant.io, Integrations, MQTT): a retained
message describes each sensor, and one for each ring contains all its values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from twitchwatch import __version__
from twitchwatch.analysis.night import Night
from twitchwatch.analysis.rates import rate
from twitchwatch.flags import Finding

BASE = "twitchwatch"
STATUS_TOPIC = f"{BASE}/status"
ONLINE, OFFLINE = "online", "offline"

# key: (component, name, more of its description)
_ENTITIES: dict[str, tuple[str, str, dict[str, str]]] = {
    "twitches": (
        "sensor",
        "Twitches last night",
        {"icon": "mdi:hand-wave", "state_class": "measurement"},
    ),
    "twitches_per_hour": (
        "sensor",
        "Twitches an hour of rest",
        {"icon": "mdi:hand-wave-outline", "state_class": "measurement", "unit_of_measurement": "1/h"},
    ),
    "rest_h": (
        "sensor",
        "Rest observed",
        {"device_class": "duration", "unit_of_measurement": "h", "state_class": "measurement"},
    ),
    "tremor_s": (
        "sensor",
        "Tremor last night",
        {"device_class": "duration", "unit_of_measurement": "s", "state_class": "measurement"},
    ),
    "last_record": ("sensor", "Last record", {"device_class": "timestamp"}),
    "findings": ("sensor", "Findings not acknowledged", {"icon": "mdi:flag"}),
    "no_data": (
        "binary_sensor",
        "No data",
        {"device_class": "problem", "payload_on": "true", "payload_off": "false"},
    ),
}


@dataclass(frozen=True, slots=True)
class Ring:
    """The state of a sensor: its last night, its findings, when its last record arrived (ISO 8601)."""

    name: str
    hardware_id: str
    night: Night | None
    flags: tuple[Finding, ...]
    last_record_utc: str | None


@dataclass(frozen=True, slots=True)
class Retained:
    """A message that the broker keeps for later subscribers."""

    topic: str
    payload: str


def slug(hardware_id: str) -> str:
    """A hardware id as part of a topic: letters, digits and underscores."""
    return re.sub(r"[^a-z0-9]+", "_", hardware_id.lower()).strip("_")


def discovery(rings: Sequence[Ring], prefix: str) -> list[Retained]:
    """The descriptions of these sensors, each entity on its own topic below `prefix`."""
    found = []
    for ring in rings:
        mark = slug(ring.hardware_id)
        device = {
            "identifiers": [f"{BASE}_{mark}"],
            "name": ring.name,
            "manufacturer": "Twitchwatch",
            "sw_version": __version__,
        }
        for key, (component, name, more) in _ENTITIES.items():
            payload = {
                "name": name,
                "unique_id": f"{BASE}_{mark}_{key}",
                "state_topic": f"{BASE}/{mark}/state",
                "value_template": f"{{{{ value_json.{key} }}}}",
                "availability_topic": STATUS_TOPIC,
                "device": device,
                **more,
            }
            topic = f"{prefix}/{component}/{BASE}_{mark}/{key}/config"
            found.append(Retained(topic, json.dumps(payload)))
    return found


def states(rings: Sequence[Ring]) -> list[Retained]:
    """The state of these sensors."""
    return [Retained(f"{BASE}/{slug(ring.hardware_id)}/state", json.dumps(_state(ring))) for ring in rings]


def _state(ring: Ring) -> dict[str, float | int | str | None]:
    night = ring.night
    per_hour = None
    if night is not None and not night.uncountable:
        hours = night.hours
        per_hour = rate([hour.twitches for hour in hours], [hour.exposed_h for hour in hours]).per_hour
    open_flags = [flag for flag in ring.flags if flag.state == "new" and flag.urgency != "note"]
    return {
        "twitches": None if night is None else night.twitches,
        "twitches_per_hour": None if per_hour is None else round(per_hour, 2),
        "rest_h": None if night is None else round(night.rest_h, 2),
        "tremor_s": None if night is None else round(3600 * night.tremor_h),
        "last_record": ring.last_record_utc,
        "findings": len([flag for flag in open_flags if flag.kind != "no_data"]),
        "no_data": "true" if any(flag.kind == "no_data" for flag in open_flags) else "false",
    }
