"""Mutants of the code that security rests on: each is one small change, and some test must fail for it.

    python -m tests.mutants [--only GROUPS] [--part 1/2] [--resume]

cosmic-ray makes them, one at a time, in a copy of the checkout, and the group's tests run: those that know
this code and take seconds. Each outcome is kept in build/mutants, and what is to be looked at is printed, at
once. Exit 1 if a mutant survives that docs/mutants.toml does not argue for, if one hangs the tests, or if one
that is argued for no longer survives.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import importlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import NoReturn

import pytest

from tests.wording import ROOT

ARGUED = ROOT / "docs" / "mutants.toml"
KEPT = ROOT / "build" / "mutants"
# In the copy: modules that the tests import, from elsewhere.
NEEDED = "needed.txt"
# A test that takes this long hangs; the slowest takes a tenth of it on two busy cores.
HANGS_S = 120.0
# One change of each kind. The others differ from these only in ways that Python's types rule out, or that
# every test sees.
OPERATORS = re.compile(
    "core/(NumberReplacer|AddNot|ReplaceAndWithOr|ReplaceOrWithAnd|ReplaceTrueWithFalse|ReplaceFalseWithTrue"
    "|ReplaceBreakWithContinue|ReplaceContinueWithBreak|ZeroIterationForLoop|ExceptionReplacer|RemoveDecorator"
    "|ReplaceUnaryOperator_Delete_.*"
    "|ReplaceBinaryOperator_(Add_Sub|Sub_Add|Mul_Add|FloorDiv_Mul|Mod_Add|BitAnd_BitOr|BitOr_BitAnd|BitXor_BitOr"
    "|LShift_RShift|RShift_LShift)"
    "|ReplaceComparisonOperator_(Eq_NotEq|NotEq_Eq|Lt_LtE|LtE_Lt|Gt_GtE|GtE_Gt|Is_IsNot|IsNot_Is))"
)
# So many of the tests that have noticed most mutants go first.
FIRST = 3


@dataclass(frozen=True)
class Group:
    """Modules, and the tests that must notice any change of them."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]


_LOG = "tests/device/test_log.py"
GROUPS = {
    "seal": Group(
        tuple(
            f"shared/protocol/{name}.py" for name in ("seal", "keys", "device_handshake", "host_handshake")
        ),
        tuple(f"tests/protocol/test_{name}.py" for name in ("handshake", "vectors", "security")),
    ),
    "framing": Group(
        ("shared/protocol/framing.py",),
        tuple(f"tests/protocol/test_{name}.py" for name in ("framing", "vectors", "document")),
    ),
    "watermarks": Group(("shared/protocol/watermarks.py",), ("tests/protocol/test_watermarks.py",)),
    "session": Group(
        ("shared/protocol/session.py",),
        tuple(
            f"tests/protocol/test_{name}.py"
            for name in ("device_session", "security", "failures", "requests", "hostile", "document")
        ),
    ),
    "sync": Group(
        ("shared/protocol/sync.py", "shared/protocol/batch.py"),
        tuple(
            f"tests/protocol/test_{name}.py"
            for name in ("host_session", "requests", "hostile", "security", "failures", "document")
        ),
    ),
    "store": Group(
        ("host/twitchwatch/store/intake.py", "host/twitchwatch/store/standing.py"),
        (
            *(f"tests/store/test_{name}.py" for name in ("standing", "store")),
            *(f"tests/link/test_{name}.py" for name in ("acknowledged", "sync_session")),
        ),
    ),
    "pairing": Group(
        tuple(
            f"host/twitchwatch/link/{name}.py" for name in ("keys", "admission", "host_identity", "cipher")
        ),
        (
            *(f"tests/link/test_{name}.py" for name in ("host_identity", "keys")),
            "tests/protocol/test_vectors.py",
            "tests/air/test_admission.py",
        ),
    ),
    "link": Group(
        ("host/twitchwatch/link/sync_session.py",),
        tuple(f"tests/link/test_{name}.py" for name in ("session_report", "sync_session", "acknowledged")),
    ),
    "log": Group(
        ("firmware/twitchband/log.py", "firmware/twitchband/segments.py"),
        (
            # The quick ones first.
            *(
                f"{_LOG}::test_{name}"
                for name in (
                    "what_the_log_says_of_itself",
                    "strange_files_beside_the_segments_change_nothing",
                    "power_cut_at_every_write_and_erase[first-1-30]",
                    "power_cut_at_every_write_and_erase[repair-1-15]",
                    "a_full_log_tells_exactly_what_it_gave_up",
                    "a_flash_that_takes_nothing_for_hours_loses_waveforms_first_and_tells_every_loss",
                    "a_flash_that_went_back_does_not_take_the_count_back",
                    "power_cut_at_every_write_and_erase",
                    "rot_in_the_newest_segment_never_brings_a_seq_back",
                    "what_is_readable_of_a_corrupt_file_system_is_saved",
                    "four_weeks_without_a_host_fit_on_a_megabyte",
                )
            ),
        ),
    ),
}


@dataclass(frozen=True)
class Mutant:
    """A line and what it became; `outcome`: killed, survived or hung; `by`: the test that noticed."""

    module: str
    operator: str
    occurrence: int
    line: str
    mutant: str
    outcome: str
    by: str

    @property
    def change(self) -> tuple[str, str, str]:
        """By what docs/mutants.toml names it; one line may be there twice."""
        return (self.module, self.line, self.mutant)


def copied(folder: Path) -> None:
    """The checkout as it is now, links included."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True).stdout
    packed = subprocess.run(
        ["tar", "c", "--null", "-T", "-"], cwd=ROOT, input=names, capture_output=True, check=True
    )
    subprocess.run(["tar", "x"], cwd=folder, input=packed.stdout, check=True)


def made(texts: Mapping[str, str]) -> Iterator[tuple[str, str, int, str]]:
    """Each mutant of these modules: module, operator, which of its places is changed, the module's text."""
    # Installed by `make mutants` alone.
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator, operator_names

    for module, text in texts.items():
        meant = _meaning(text)
        for name in filter(OPERATORS.fullmatch, operator_names()):
            occurrence = 0
            while (mutant := mutate_code(text, get_operator(name)(), occurrence)) is not None:
                if _meaning(mutant) not in (None, meant):
                    yield module, name, occurrence, mutant
                occurrence += 1


def _meaning(text: str) -> str | None:
    """What runs: not annotations and docstrings. None if nothing does (of `*,` becomes `+,`)."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
        elif isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant(None)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value = ast.Constant(None)
    return ast.dump(tree)


def tested(group: Group, first: Sequence[str], folder: Path) -> tuple[str, str]:
    """Run the tests in the copy, `first` before all others: the outcome, and the test that failed."""
    with tempfile.TemporaryFile("w+") as told:
        child = os.fork()
        if child == 0:
            _test([*first, *group.tests], folder, told.fileno())
        # It keeps its number until what its tests had started, and did not live to end, is ended.
        os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        os.killpg(child, signal.SIGKILL)
        outcome = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        told.seek(0)
        words = told.read()
    if outcome in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
        raise SystemExit(f"pytest failed:\n{words}")
    if outcome == 0:
        return "survived", ""
    failed = re.search(r"^(?:FAILED|ERROR) (\S.*?)(?: - |$)", words, re.MULTILINE)
    return ("hung" if "+ Timeout +" in words else "killed"), (failed[1] if failed else "")


def _test(tests: Sequence[str], folder: Path, told: int) -> NoReturn:
    """In a process of its own: run pytest, and end."""
    code: int = pytest.ExitCode.INTERNAL_ERROR
    try:
        os.setsid()
        for stream in (1, 2):
            os.dup2(told, stream)
        os.chdir(folder)
        # The copy's sources come before the checkout's, in processes that the tests start too. A compiled
        # mutant would be taken for its source if both were made in the same second.
        os.environ |= {"PYTHONPATH": f"{folder / 'host'}:{folder}", "PYTHONDONTWRITEBYTECODE": "1"}
        os.environ["COLUMNS"] = "400"
        sys.dont_write_bytecode = True
        sys.path[:] = [one for one in sys.path if not _is_ours(Path(one))]
        for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
            del sys.modules[name]
        # `_preload` comes before pytest's plugins, whose asserts are not to be looked into.
        quiet = "ignore::pytest.PytestAssertRewriteWarning"
        # Which examples are drawn is no matter of chance, and those that fail are not made smaller.
        options = ["-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", "-W", quiet]
        options += ["--hypothesis-profile", "mutants"]
        code = pytest.main([*options, "--timeout", str(HANGS_S), *tests])
        if code == 0:
            names = [
                name
                for name, module in sys.modules.items()
                if (file := getattr(module, "__file__", None))
                and not _is_ours(Path(file))
                and folder not in Path(file).parents
            ]
            (folder / NEEDED).write_text("\n".join(names), encoding="utf-8")
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _is_ours(path: Path) -> bool:
    """Whether a path leads to this checkout, and not to what is installed beside it."""
    path = path.resolve()
    return (path == ROOT or ROOT in path.parents) and "site-packages" not in path.parts


def _preload(folder: Path) -> None:
    """Import here what the tests import of others: each mutant's process has it from the start."""
    for name in (folder / NEEDED).read_text(encoding="utf-8").splitlines():
        # Some cannot be imported but by their own package.
        with suppress(Exception):
            importlib.import_module(name)


def _changed(text: str, mutant: str) -> tuple[str, str]:
    lines = difflib.unified_diff(text.splitlines(), mutant.splitlines(), n=0)
    diff = [line for line in lines if line[:1] in "+-"][2:]
    return (
        "\n".join(line[1:].strip() for line in diff if line[0] == "-"),
        "\n".join(line[1:].strip() for line in diff if line[0] == "+"),
    )


def mutants(name: str, folder: Path, part: tuple[int, int], resume: bool) -> Iterator[Mutant]:
    """Make a group's mutants in the copy, test each, and return the result.

    resume: what was killed before, or survived and is argued for, is not run again in the same module.
    """
    group = GROUPS[name]
    if tested(group, (), folder)[0] != "survived":
        raise SystemExit(
            f"{name}: the tests fail without any change; run them: pytest {' '.join(group.tests)}"
        )
    _preload(folder)
    KEPT.mkdir(parents=True, exist_ok=True)
    kept = KEPT / f"{name}.jsonl"
    texts = {module: (folder / module).read_text(encoding="utf-8") for module in group.modules}
    digests = {module: sha256(str(_meaning(text)).encode()).hexdigest() for module, text in texts.items()}
    before = {}
    if resume and kept.exists():
        for row in map(json.loads, kept.read_text(encoding="utf-8").splitlines()):
            if digests.get(row["module"]) == row.pop("digest"):
                one = Mutant(**row)
                before[one.module, one.operator, one.occurrence] = one
    noticed: Counter[str] = Counter()
    spared = argued()
    for place, (module, operator, occurrence, text) in enumerate(made(texts)):
        if place % part[1] != part[0] - 1:
            continue
        known = before.get((module, operator, occurrence))
        if known is not None and (
            known.outcome == "killed" or (known.outcome == "survived" and known.change in spared)
        ):
            yield known
            continue
        (folder / module).write_text(text, encoding="utf-8")
        outcome, by = tested(group, [test for test, _ in noticed.most_common(FIRST)], folder)
        (folder / module).write_text(texts[module], encoding="utf-8")
        if outcome == "killed" and by:
            noticed[by] += 1
        found = Mutant(module, operator, occurrence, *_changed(texts[module], text), outcome, by)
        with kept.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"digest": digests[module], **asdict(found)}) + "\n")
        yield found


def argued() -> Counter[tuple[str, str, str]]:
    """Module, line and mutant of the survivors that are argued for; one line may be there twice."""
    rows = tomllib.loads(ARGUED.read_text(encoding="utf-8")).get("survivor", [])
    return Counter((row["module"], row["line"], row["mutant"]) for row in rows)


def _told(what: str, module: str, line: str, mutant: str) -> None:
    print(f"  {what}: {module}\n    - {line}\n    + {mutant}", flush=True)


def judged(name: str, folder: Path, part: tuple[int, int], resume: bool) -> int:
    """Run a group, print what is to be looked at, and return how much that is."""
    began = time.monotonic()
    allowed = Counter({one: n for one, n in argued().items() if one[0] in GROUPS[name].modules})
    counted: Counter[str] = Counter()
    unlike = 0
    for one in mutants(name, folder, part, resume):
        outcome = one.outcome
        if outcome == "survived" and allowed[one.change] > 0:
            allowed[one.change] -= 1
            outcome = "argued for"
        elif outcome != "killed":
            unlike += 1
            _told(f"{outcome} {one.by}".strip(), *one.change)
        counted[outcome] += 1
    if part == (1, 1):
        for change in allowed.elements():
            unlike += 1
            _told("argued for, and killed", *change)
    outcomes = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counted.items()))
    print(f"{name}: {counted.total()} mutants: {outcomes}; {time.monotonic() - began:.0f} s", flush=True)
    return unlike


def _part(text: str) -> tuple[int, int]:
    one, _, of = text.partition("/")
    if not 1 <= int(one) <= int(of):
        raise ValueError(text)
    return int(one), int(of)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default=",".join(GROUPS), metavar="GROUPS", help=", ".join(GROUPS))
    parser.add_argument("--part", type=_part, default=(1, 1), help="2/3: the second third of each group")
    parser.add_argument(
        "--resume",
        action="store_true",
        help="spare what was killed or is argued for, in a module that is as before",
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="twitchwatch-mutants-") as name:
        folder = Path(name)
        copied(folder)
        return min(
            1, sum(judged(one, folder, options.part, options.resume) for one in options.only.split(","))
        )


if __name__ == "__main__":
    sys.exit(main())
