"""What a port says that has no prompt, and how long it takes to find out."""

from __future__ import annotations

import contextlib
import os
import pty
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench import versions
from tests.flash.conftest import flash_it, host_at
from tests.flash.pty_board import PtyBoard
from twitchwatch.errors import DeviceError
from twitchwatch.flash import Progress, board_scripts
from twitchwatch.flash.board import NeedsMicroPython, connected
from twitchwatch.flash.cable import ANSWER_S, Cable
from twitchwatch.flash.prompt import PATIENCE_S, ask
from twitchwatch.flash.versions import doubt, known, known_fault

# As users reported it (github.com/micropython/micropython/issues/6730), and as the ROM says it (ESP-IDF
# programming guide, "Fatal Errors"; esptool's documentation, "Boot Log").
PANIC = b"""\r
Guru Meditation Error: Core  1 panic'ed (LoadProhibited). Exception was unhandled.\r
Core 1 register dump:\r
PC      : 0x401600a0  PS      : 0x00060c30  A0      : 0x8016a28b  A1      : 0x3ffdcc50\r
\r
Backtrace: 0x4015587d:0x3ffbb4c0 0x4015c3ea:0x3ffbb4f0\r
\r
Rebooting...\r
"""
ROM = b"ets Jun  8 2016 00:22:57\r\n\r\nrst:0xc (SW_CPU_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n"
BOOT_LOADER = (
    b"rst:0x1 (POWERON_RESET),boot:0x3 (DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2))\r\n"
    b"waiting for download\r\n"
)


@contextmanager
def saying(text: bytes, every_s: float) -> Iterator[str]:
    """A port at which `text` comes again and again; it receives nothing."""
    board, port = pty.openpty()
    tty.setraw(port)
    over = threading.Event()

    def talk() -> None:
        while not over.wait(every_s):
            with contextlib.suppress(OSError):
                os.write(board, text)

    thread = threading.Thread(target=talk)
    thread.start()
    try:
        yield os.ttyname(port)
    finally:
        over.set()
        thread.join()
        os.close(board)
        os.close(port)


def test_a_board_that_restarts_over_and_over_shows_its_panic() -> None:
    with saying(ROM + PANIC, 0.2) as port:
        heard = ask(port, 2.0)
    assert heard.loops
    assert "keeps restarting" in heard.explain(port)
    assert heard.panic.splitlines() == [
        "Guru Meditation Error: Core  1 panic'ed (LoadProhibited). Exception was unhandled.",
        "Backtrace: 0x4015587d:0x3ffbb4c0 0x4015c3ea:0x3ffbb4f0",
    ]


def test_a_restart_without_a_panic_names_the_chip_s_reason() -> None:
    with saying(ROM, 0.2) as port:
        assert "the chip gives SW_CPU_RESET as the reason" in ask(port, 2.0).explain(port)


def test_one_restart_is_no_loop(blank: PtyBoard) -> None:
    blank.pull_the_plug()
    heard = ask(blank.port, 20.0)
    assert heard.prompt
    assert not heard.loops


def test_a_chip_in_its_boot_loader() -> None:
    with saying(BOOT_LOADER, 0.2) as port:
        assert "is in its boot loader" in ask(port, 1.0).explain(port)


def test_a_silent_port_is_given_up_soon_and_said_to_be_tried(blank: PtyBoard, tmp_path: object) -> None:
    """A few seconds for MicroPython, a few for the boot loader."""
    # The prompt of its start is over when the port is opened.
    blank.await_said(b">>> ")
    blank.deaf = True
    steps: list[str] = []
    with pytest.raises(NeedsMicroPython, match=r"does not answer.*reset button.*within 4 s.*BOOT button"):
        flash_it(blank.port, host_at(tmp_path), Progress(on_step=steps.append))  # type: ignore[arg-type]
    assert PATIENCE_S <= 5
    assert [step.split(" ")[0] for step in steps] == ["Asking", "Asking"]
    assert blank.port in steps[0]


def test_a_board_that_stops_after_its_prompt_is_given_up_within_ten_seconds_and_said_to_be_tried(
    blank: PtyBoard,
) -> None:
    steps: list[str] = []
    stops = "import select\nprint('{}')\nselect.poll().poll()"
    with pytest.raises(DeviceError, match="it sent nothing for 1 s"):
        Cable(blank.port, steps.append).listen(stops, lambda _: None, patience_s=1.0)
    assert ANSWER_S <= 10
    assert any(f"{blank.port} shows a prompt: starting a program there" in step for step in steps)


def test_a_board_that_reads_a_long_file_says_that_it_is_busy(blank: PtyBoard) -> None:
    cable = Cable(blank.port)
    cable.ask(
        f"with open('/long', 'wb') as f:\n    f.write(bytes({3 * board_scripts.BUSY_BYTES}))\nprint('{{}}')"
    )
    lines: list[str] = []
    listing = board_scripts.list_files(["long"]).replace('print(".")', """print('{"busy": 1}')""")
    cable.listen(listing, lambda answer: lines.extend(key for key in answer if key != "sha256"))
    assert lines == ["busy"] * 3 + ["path"]


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_file_is_not_taken_for_a_board_that_hangs(kind: str, tmp_path: Path) -> None:
    path = tmp_path
    if kind == "file":
        path = tmp_path / "ttyACM0"
        path.touch()
    with pytest.raises(DeviceError, match=f"^{path} is not a serial port.*--port"):
        ask(str(path), 1.0)


def test_known_faults_of_micropython() -> None:
    answer = {
        "name": "micropython",
        "version": [1, 28, 0],
        "machine": "ESP32C6 module with ESP32C6",
        "mpy": 0x0306 | 11 << 10,
        "hardware_id": "",
        "free_bytes": 1 << 20,
    }
    with pytest.raises(
        NeedsMicroPython, match=r"hangs in light sleep.*issues/19396.*but not 1.27.0 to 1.28.0 .*1.24.0"
    ):
        connected(answer)
    assert connected({**answer, "version": [1, 26, 1]}).chip == "ESP32C6"
    for row in known():
        assert row.first <= row.last
        assert row.source
        assert (row.verdict == "bad") == (known_fault(row.chip, row.first) is not None)
        assert (row.verdict == "unknown") == bool(doubt(row.chip, row.last))
    assert doubt("ESP32C6", (1, 29, 0)).endswith("Known good: 1.24.0, 1.25.0 to 1.26.1.")
    assert doubt("ESP32", (1, 40, 0)) == (
        "It is not known whether MicroPython 1.40.0 works on the ESP32. Known good: 1.24.0 to 1.29.0."
    )
    with pytest.raises(DeviceError, match="ESP32S2 has no Bluetooth"):
        connected({**answer, "machine": "Generic ESP32S2 module with ESP32S2"})


def test_the_page_lists_what_is_known_of_every_version() -> None:
    assert versions.table() in versions.PAGE.read_text("utf-8"), "run: python -m bench.versions --write"
