"""What the firmware's sources become before they are compiled: smaller, and the same program."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from twitchwatch.flash.board import boards
from twitchwatch.flash.constants import inlined
from twitchwatch.flash.omitting import omitted
from twitchwatch.flash.package import MAIN, compacted, firmware_folder, sources
from twitchwatch.flash.parameters import lettered
from twitchwatch.flash.shortening import shortened

FIRMWARE = firmware_folder()
TOOLS = Path(sys.executable).parent
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def compact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every source of every board, as mpy-cross gets it."""
    folder = tmp_path_factory.mktemp("compact")
    for board in boards(FIRMWARE):
        if board.name == "sim":
            continue
        files = {name: path for name, path in sources(FIRMWARE, board.folder).items() if name != MAIN}
        texts = {name: path.read_text(encoding="utf-8") for name, path in files.items()}
        for name, text in compacted(texts).items():
            # A traceback gives the line of the source.
            assert text.count("\n") == texts[name].count("\n"), name
            path = folder / board.name / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return folder


def test_constants_are_put_in_and_their_names_are_gone() -> None:
    texts = {
        "a/kinds.py": "EVENT = 1\nNAME = 'x'\nSIZE = 4 * 8\nKEPT = 7\n",
        "a/user.py": "from a import kinds\n"
        "from a.kinds import (\n    EVENT,\n    NAME,\n    SIZE,\n)\n_A = 2\n"
        "def f(kind: int, SIZE_: int):\n    return kind == EVENT and SIZE_ << SIZE + _A + kinds.KEPT\n",
    }
    out = inlined(texts)
    assert out["a/kinds.py"] == "\nNAME = 'x'\n\nKEPT = 7\n"
    assert out["a/user.py"] == (
        "from a import kinds\nfrom a.kinds import NAME\n\n\n\n\n\n"
        "def f(kind: int, SIZE_: int):\n    return kind == (1) and SIZE_ << (32) + (2) + kinds.KEPT\n"
    )


def test_machine_code_keeps_its_names_and_so_does_what_it_imports() -> None:
    texts = {
        "a/kinds.py": "SIZE = 300\n",
        "a/code.py": "from a.kinds import SIZE\n_AT = 448\n"
        "@micropython.viper\ndef f(p: ptr16):\n    return p[_AT]\n",
        "a/user.py": "from a.kinds import SIZE\nBUFFER = bytearray(SIZE)\n",
    }
    out = inlined(texts)
    assert (out["a/kinds.py"], out["a/code.py"]) == (texts["a/kinds.py"], texts["a/code.py"])
    assert out["a/user.py"] == "\nBUFFER = bytearray((300))\n"


def test_a_name_that_is_shadowed_or_stands_in_a_formatted_text_stays() -> None:
    texts = {
        "a/kinds.py": "ONE = 1\nTWO = 2\n",
        "a/user.py": "from a.kinds import ONE, TWO\ndef f(ONE):\n    return f'{ONE} {TWO}'\n",
    }
    assert inlined(texts) == texts


def test_private_attributes_become_short_but_functions_do_not() -> None:
    text = (
        "class A:\n    def __init__(self):\n        self._long_name = 1\n        self.public = self._run()\n"
    )
    text += "    def _run(self):\n        return self._long_name, getattr(self, '_asked'), self._asked\n"
    (out,) = shortened({"a.py": text}).values()
    assert out == text.replace("_long_name", "_a")


def test_parameters_become_letters_unless_a_call_names_them_or_something_within_has_the_name() -> None:
    text = (
        "a = 1\n"
        "class A:\n    def f(self, first, second, third=3, *rest):\n"
        "        def inner(fourth, third):\n            return second, fourth, third\n"
        "        return [inner(ö, x=second) for ö in first], third, a, rest\n"
        "@micropython.viper\ndef g(first: int):\n    return first\n"
        "def h(first, text, error):\n    try:\n        return f'{text}'\n"
        "    except OSError as error:\n        pass\n"
        "A().f(1, second=2)\n"
    )
    (out,) = lettered({"a.py": text}).values()
    assert out == (
        "a = 1\n"
        "class A:\n    def f(self, b, second, third=3, *rest):\n"
        "        def inner(c, d):\n            return second, c, d\n"
        "        return [inner(ö, x=second) for ö in b], third, a, rest\n"
        "@micropython.viper\ndef g(first: int):\n    return first\n"
        "def h(b, text, error):\n    try:\n        return f'{text}'\n"
        "    except OSError as error:\n        pass\n"
        "A().f(1, second=2)\n"
    )


def test_what_is_sent_to_a_board_names_no_parameters() -> None:
    """The self-tests and main.py are not among the sources that are compiled together."""
    sent = [FIRMWARE / MAIN, FIRMWARE / "selftest.py", *(FIRMWARE / "twitchband/imu").glob("*_selftest.py")]
    assert len(sent) == 4
    for path in sent:
        assert not [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.keyword)]


def test_what_only_the_computer_runs_is_left_out() -> None:
    host = "if sys.implementation.name != 'micropython':\n    from .cpython import const\n"
    assert omitted(f"import sys\n{host}A = 1\n{host}") == "\n\n\nA = 1\n\n\n"
    assert omitted(f"import sys\n{host}sys.exit()\n") == "import sys\n\n\nsys.exit()\n"
    both = f"import sys\n{host}else:\n    A = 2\n"
    assert omitted(both) == both


def test_no_name_is_missing_anywhere(compact: Path) -> None:
    check = [TOOLS / "ruff", "check", "--isolated", "--select", "F821,F822,F823,E9", "--config"]
    run = subprocess.run(
        [*check, "builtins = ['const', 'micropython', 'ptr8', 'ptr16', 'ptr32', 'uint']", compact],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout


def test_it_runs(compact: Path) -> None:
    script = ROOT / "tests" / "device" / "refusing.py"
    env = {**os.environ, "MICROPYPATH": f"{compact / 'xiao_esp32c3'}:.frozen"}
    command = [TOOLS / "micropython", "-X", "heapsize=1000wK", script, "marks"]
    run = subprocess.run(command, capture_output=True, text=True, env=env, timeout=120, check=False)
    assert (run.returncode, run.stderr) == (0, ""), run.stdout + run.stderr
