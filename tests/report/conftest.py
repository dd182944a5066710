"""Nights for a report, and a profile in which everything that a page can say is said."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.archive.worn import DAY, HOUR, Worn, us
from twitchwatch.archive.nights import Archive
from twitchwatch.archive.profile import last_nights, one_sensor, twitch_profile
from twitchwatch.clock.zone import LOCAL
from twitchwatch.flags.symptoms import SYMPTOMS
from twitchwatch.flags.titles import RISING_HOURS, TITLES
from twitchwatch.journal.book import write_changes
from twitchwatch.store import Store
from twitchwatch.views.profile import (
    ProfileAnnotations,
    ProfileCluster,
    ProfileSymptom,
    ProfileTremor,
    ProfileWaveform,
    ProfileWearer,
)

BEDTIME = us("2025-03-03T22:00")
HARDWARE_ID = "24:0A:C4:00:00:01"
NAME = '<b>#ring</b> $x$ "`'
SYMPTOM_EVENINGS = (9, 12)


@pytest.fixture(scope="session")
def database(tmp_path_factory):
    """Eighteen nights, two of them without data, the later half busier, with a journal and a hostile name."""
    path = tmp_path_factory.mktemp("report") / "t.db"
    with Store.open(path) as store:
        ring = Worn(store, BEDTIME, HARDWARE_ID, name=NAME)
        for night in range(18):
            if night not in (5, 6):
                ring.sleep(BEDTIME + night * DAY, 6, 40 + night % 3 * 6 + 50 * (night > 9))
                ring.meet(BEDTIME + night * DAY + 9 * HOUR, "UTC")
        first = date(2025, 3, 3)
        write_changes(store, first, {"caffeine_mg": 190.0, "place": "left index"}, BEDTIME)
        for night in SYMPTOM_EVENINGS:
            write_changes(
                store,
                first + timedelta(days=night),
                {"medication": ["propranolol"], "symptoms": ["numbness"]},
                BEDTIME + night * DAY,
            )
    return path


@pytest.fixture(scope="session")
def figures(database):
    """The profile of these nights."""
    with Store.open_existing(database) as store:
        archive = Archive(store, LOCAL)
        ring = one_sensor(archive, None)
        return twitch_profile(archive, ring, last_nights(ring, 28), BEDTIME + 18 * DAY)


@pytest.fixture(scope="session")
def full(figures):
    """The same with tremor of several rates, every symptom, every finding, and waveforms."""
    swing = [round(40 * (-0.8) ** at, 1) for at in range(64)]
    return replace(
        figures,
        tremor=ProfileTremor(
            nights=5,
            total_min=1234.5,
            share_of_rest=0.19,
            awake_bouts=3,
            clusters=[
                ProfileCluster(frequency_hz=4.4, bouts=7, total_s=65.3, amplitude_mg=34.8),
                ProfileCluster(frequency_hz=5.8, bouts=2, total_s=48.1, amplitude_mg=30.2),
                ProfileCluster(frequency_hz=9.6, bouts=1, total_s=12.6, amplitude_mg=12.5),
            ],
        ),
        waveforms=[
            ProfileWaveform("largest", "2025-03-20", 40.0, 104.0, swing, swing[::-1], [0.0] * 64),
            ProfileWaveform("typical", "2025-03-19", 12.3, 104.0, swing, swing[::-1], [0.0] * 64),
        ],
        symptoms=[ProfileSymptom(name, 1, "2025-03-15") for name in SYMPTOMS],
        wearer=ProfileWearer(1972, "female"),
        annotations=ProfileAnnotations(nights=3, left_out_h=1.25, judged=46, right=41),
        findings=[*(title for kind, title in TITLES.items() if kind != "no_data"), RISING_HOURS],
    )
