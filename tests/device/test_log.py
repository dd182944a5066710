"""The flash log on real littlefs: nothing that was flushed is lost, whatever befalls power or flash."""

from __future__ import annotations

from functools import partial

import pytest

# The scripts hold three flash chips in RAM beside the log.
HEAP = "1000wK"


@pytest.fixture
def device(device):
    """A loop without an end fails soon: the slowest script computes for seven seconds."""
    return partial(device, within_s=30)


@pytest.mark.parametrize(
    ("stretch", "every", "at_least"),
    [
        ("first", 1, 30),
        ("work", 4, 250),
        ("boots", 4, 150),
        ("full", 8, 200),
        ("brim", 16, 250),
        ("repair", 1, 15),
    ],
)
def test_power_cut_at_every_write_and_erase(device, stretch, every, at_least):
    (reported,) = device("powercut.py", stretch, every, heap=HEAP)
    assert (reported["broken"], reported["faults"]) == (0, [])
    assert reported["cuts"] >= at_least
    assert reported["second_cuts"] > 0


def test_rot_in_the_newest_segment_never_brings_a_seq_back(device):
    (reported,) = device("damage.py", "rot", 150, heap=HEAP)
    assert reported["faults"] == []
    assert reported["repaired"] > 30
    assert reported["unreadable"] > 5


def test_strange_files_beside_the_segments_change_nothing(device):
    reported = device("damage.py", "litter", heap=HEAP)
    assert len(reported) == 9
    assert [case for case in reported if case["fault"]] == []


def test_a_flash_that_went_back_does_not_take_the_count_back(device):
    (reported,) = device("damage.py", "set_back", heap=HEAP)
    assert reported["seen"] > 10


def test_flipped_bits_of_nvs_lose_no_record_and_bring_no_seq_back(device):
    (reported,) = device("flipping.py", "nvs", 200, 12, heap="1500wK")
    assert reported["broken"] == []
    assert min(reported["kinds"].values()) >= 10


def test_a_full_log_tells_exactly_what_it_gave_up(device):
    reported = device("losses.py", heap=HEAP)
    assert [case["acked_part"] for case in reported] == [0, 0.3, 0.7, 1]
    assert reported[0]["given_up"] > 20
    assert (reported[3]["given_up"], reported[3]["gaps"]) == (0, 0)


def test_what_is_readable_of_a_corrupt_file_system_is_saved(device):
    reported = {case["kind"]: case for case in device("rescue.py", 12, heap="3000wK")}
    for kind in ("superblock", "folder"):
        # Not one record, not even those that cross from one block to the next.
        assert reported[kind]["saved"] == [reported[kind]["held"]]
        assert reported[kind]["held"] == 600
    assert len(reported["rot"]["saved"]) == 12
    assert min(reported["rot"]["saved"]) < reported["rot"]["held"]
    assert reported["cut short"]["cuts"] > 120
    assert reported["cut short"]["cut again"] > 100


def test_thinned_epochs_add_up_and_waveforms_become_fewer(device):
    (reported,) = device("thinning.py", heap="400wK")
    assert reported["minutes"] == 4000
    assert 1500 < reported["epochs"] < 3000
    assert reported["waveforms"] == [100, 100, 25, 25, 0, 0]


def test_four_weeks_without_a_host_fit_on_a_megabyte(device):
    (reported,) = device("nights.py", 40, 0, heap="3000wK")
    assert reported["nights"] >= 28
    assert reported["with_all_waveforms"] >= 1


def test_a_flash_that_takes_nothing_for_hours_loses_waveforms_first_and_tells_every_loss(device):
    *cases, first = device("refusing.py", "flash", heap=HEAP)
    half_an_hour, evening, much, whole_night = cases
    assert (half_an_hour["epochs"], half_an_hour["waveforms"], half_an_hour["gaps"]) == (30, 10, 0)
    assert evening["epochs"] == 100
    assert much["epochs"] > 80
    assert whole_night["epochs"] > 80
    assert first["from_the_start"] > 0


def test_what_the_log_says_of_itself(device):
    (reported,) = device("telling.py", heap=HEAP, within_s=5)
    assert len(reported["done"]) == 11


def test_marks_live_in_ram_until_their_storage_works_again(device):
    (reported,) = device("refusing.py", "marks")
    assert reported == dict.fromkeys(["not there", "read only", "full", "flash", "no memory"], 1)
