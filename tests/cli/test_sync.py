"""`twitchwatch sync` without a session; tests/air has it with one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from twitchwatch.cli.main import run
from twitchwatch.errors import Exit
from twitchwatch.service.lock import only_one


def sync(database: Path, *more: str) -> int:
    return run(["sync", "--wait", "1", "--database", str(database), *more])


def test_a_port_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    port = str(tmp_path / "ttyACM9")
    assert sync(tmp_path / "t.db", "--port", port) == Exit.DEVICE
    assert f"There is no port {port}" in capsys.readouterr().err


def test_a_port_at_which_nobody_answers_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    host, board = os.openpty()
    try:
        assert sync(tmp_path / "t.db", "--port", os.ttyname(board)) == Exit.DEVICE
    finally:
        os.close(host)
        os.close(board)
    assert "No sensor answered" in capsys.readouterr().err


def test_beside_a_daemon_it_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with only_one(tmp_path / "t.db"):
        assert sync(tmp_path / "t.db") == Exit.CONFIGURATION
    assert f"pid {os.getpid()}" in capsys.readouterr().err
