"""A database that is deleted, moved or replaced while it is in use: nothing is acknowledged into nowhere."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from twitchwatch.errors import ConfigurationError
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.store import Device, Store


def delete(path: Path) -> None:
    path.unlink()


def delete_all(path: Path) -> None:
    for one in path.parent.glob(path.name + "*"):
        one.unlink()


def delete_log(path: Path) -> None:
    path.with_name(path.name + "-wal").unlink()


def move(path: Path) -> None:
    path.rename(path.with_name("moved.db"))


def replace(path: Path) -> None:
    copy = path.with_name("copy.db")
    shutil.copy(path, copy)
    copy.replace(path)


def remove_folder(path: Path) -> None:
    shutil.rmtree(path.parent)


def move_folder(path: Path) -> None:
    path.parent.rename(path.parent.with_name("elsewhere"))


def commit(store: Store, ring: Device, seq: int) -> None:
    raw = protocol.encode(protocol.MARK, seq, 1, seq, (0,))
    store.commit(ring.id, [raw], seq, seq + 1, 0, 1)


@pytest.mark.parametrize(
    ("happens", "said"),
    [
        (delete, "was deleted or moved"),
        (delete_all, "was deleted or moved"),
        (delete_log, "was deleted or moved"),
        (move, "was deleted or moved"),
        (replace, "was replaced by another file"),
        (remove_folder, "was deleted or moved"),
        (move_folder, "was deleted or moved"),
    ],
)
def test_a_commit_into_nowhere_is_an_error(
    tmp_path: Path, happens: Callable[[Path], None], said: str
) -> None:
    with Store.open(tmp_path / "home" / "t.db") as store:
        ring = store.register("aa", 1, "ring", 0)
        commit(store, ring, 0)
        store.must_be_there()
        happens(store.path)
        # Whether records come or not.
        with pytest.raises(ConfigurationError, match=said):
            store.must_be_there()
        for seq in (1, 2):
            with pytest.raises(
                ConfigurationError, match=f"{said}.*Nothing of this was stored or acknowledged"
            ):
                commit(store, ring, seq)


def test_a_question_about_a_database_that_is_gone(tmp_path: Path) -> None:
    with Store.open(tmp_path / "home" / "t.db") as store:
        remove_folder(store.path)
        with pytest.raises(ConfigurationError, match="was deleted or moved"):
            store.devices()


def test_one_that_stays_is_never_missed(tmp_path: Path) -> None:
    """Whatever SQLite does with its log, while other programs come and go."""
    path = tmp_path / "t.db"
    with Store.open(path) as store:
        ring = store.register("aa", 1, "ring", 0)
        for seq in range(50):
            commit(store, ring, seq)
            with Store.open_existing(path) as other:
                assert other.held_seq(ring.id) == seq + 1
            if seq % 10 == 0:
                store.write(lambda connection: connection.execute("DELETE FROM port"))
        store.must_be_there()
