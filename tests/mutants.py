"""Mutants of the code that security rests on: each is one small change, and some test must fail for it.

    python -m tests.mutants [--only GROUPS]

cosmic-ray makes them, one at a time, in a copy of the checkout, and runs the group's tests, which are those
that know this code and take seconds. Exit 1 if one survives that docs/mutants.toml does not argue for, if one
hangs the tests, or if a mutant that is argued for no longer survives.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.wording import ROOT

ARGUED = ROOT / "docs" / "mutants.toml"
COSMIC_RAY = Path(sys.executable).with_name("cosmic-ray")
# A test that takes this long hangs; the slowest group takes a quarter of it on two busy cores.
HANGS_S = 120.0
# One change of each kind. The others differ from these only in ways that Python's types rule out, or that
# every test sees.
OPERATORS = (
    "NumberReplacer|AddNot|ReplaceAndWithOr|ReplaceOrWithAnd|ReplaceTrueWithFalse|ReplaceFalseWithTrue"
    "|ReplaceBreakWithContinue|ReplaceContinueWithBreak|ZeroIterationForLoop|ExceptionReplacer|RemoveDecorator"
    "|ReplaceUnaryOperator_Delete_.*"
    "|ReplaceBinaryOperator_(Add_Sub|Sub_Add|Mul_Add|FloorDiv_Mul|Mod_Add|BitAnd_BitOr|BitOr_BitAnd|BitXor_BitOr"
    "|LShift_RShift|RShift_LShift)"
    "|ReplaceComparisonOperator_(Eq_NotEq|NotEq_Eq|Lt_LtE|LtE_Lt|Gt_GtE|GtE_Gt|Is_IsNot|IsNot_Is)"
)


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
        ("shared/protocol/framing.py",), ("tests/protocol/test_vectors.py", "tests/protocol/test_framing.py")
    ),
    "watermarks": Group(("shared/protocol/watermarks.py",), ("tests/protocol/test_watermarks.py",)),
    "session": Group(
        ("shared/protocol/session.py",),
        tuple(
            f"tests/protocol/test_{name}.py"
            for name in ("device_session", "security", "failures", "requests", "hostile")
        ),
    ),
    "store": Group(
        ("host/twitchwatch/store/intake.py", "host/twitchwatch/store/standing.py"),
        ("tests/store/test_store.py", "tests/link/test_acknowledged.py", "tests/link/test_sync_session.py"),
    ),
    "log": Group(
        ("firmware/twitchband/log.py", "firmware/twitchband/segments.py"),
        (
            *(
                f"{_LOG}::test_power_cut_at_every_write_and_erase[{one}]"
                for one in ("first-1-30", "repair-1-15")
            ),
            f"{_LOG}::test_strange_files_beside_the_segments_change_nothing",
            f"{_LOG}::test_a_full_log_tells_exactly_what_it_gave_up",
            _LOG,
        ),
    ),
    "sync": Group(
        ("shared/protocol/sync.py", "shared/protocol/batch.py"),
        tuple(f"tests/protocol/test_{name}.py" for name in ("security", "failures", "requests", "hostile")),
    ),
}


@dataclass(frozen=True)
class Mutant:
    """A line and what it became; `outcome`: killed, survived or hung."""

    module: str
    line: str
    mutant: str
    outcome: str


def copied(folder: Path) -> None:
    """The checkout as it is now, links included."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    packed = subprocess.run(
        ["tar", "c", "--null", "-T", "-"], cwd=ROOT, input=names, capture_output=True, check=True
    )
    subprocess.run(["tar", "x"], cwd=folder, input=packed.stdout, check=True)


def mutants(group: Group, folder: Path) -> Iterator[Mutant]:
    """Make each of a group's mutants in the copy, test it, and give what became of it."""
    command = f"{sys.executable} -m pytest -q -x -p no:cacheprovider -p no:xdist {' '.join(group.tests)}"
    (folder / "mutants.toml").write_text(
        "[cosmic-ray]\n"
        f"module-path = {json.dumps(group.modules)}\n"
        f"timeout = {HANGS_S}\n"
        "excluded-modules = []\n"
        f"test-command = {json.dumps(command)}\n"
        '[cosmic-ray.distributor]\nname = "local"\n'
        f"[cosmic-ray.filters.operators-filter]\nexclude-operators = ['core/(?!({OPERATORS})$)']\n"
    )
    (folder / "mutants.sqlite").unlink(missing_ok=True)
    steps = (
        [COSMIC_RAY, "init", "mutants.toml", "mutants.sqlite"],
        [COSMIC_RAY.with_name("cr-filter-operators"), "mutants.sqlite", "mutants.toml"],
        [COSMIC_RAY, "baseline", "mutants.toml"],
        [COSMIC_RAY, "exec", "mutants.toml", "mutants.sqlite"],
        [COSMIC_RAY, "dump", "mutants.sqlite"],
    )
    # The copy's sources come before the checkout's, in processes that the tests start too.
    env = {**os.environ, "PYTHONPATH": f"{folder / 'host'}:{folder}"}
    for step in steps:
        done = subprocess.run(step, cwd=folder, env=env, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{Path(step[0]).name} {step[1]} failed:\n{done.stdout}{done.stderr}")
    for line in done.stdout.splitlines():
        item, result = json.loads(line)
        if result is not None and result["worker_outcome"] == "normal":
            yield _mutant(item, result)


def _mutant(item: dict[str, object], result: dict[str, str]) -> Mutant:
    changes = [
        line for line in result["diff"].splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")
    ]
    before = "\n".join(line[1:].strip() for line in changes if line.startswith("-"))
    after = "\n".join(line[1:].strip() for line in changes if line.startswith("+"))
    outcome = "hung" if result["output"] == "timeout" else result["test_outcome"]
    (mutation,) = item["mutations"]  # type: ignore[misc]
    return Mutant(str(mutation["module_path"]), before, after, outcome)  # type: ignore[has-type]


def argued() -> Counter[tuple[str, str, str]]:
    """Module, line and mutant of the survivors that are argued for; one line may be there twice."""
    rows = tomllib.loads(ARGUED.read_text(encoding="utf-8")).get("survivor", [])
    return Counter((row["module"], row["line"], row["mutant"]) for row in rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default=",".join(GROUPS), metavar="GROUPS", help=", ".join(GROUPS))
    options = parser.parse_args()
    allowed = argued()
    unlike = 0
    with tempfile.TemporaryDirectory(prefix="twitchwatch-mutants-") as name:
        folder = Path(name)
        copied(folder)
        for group_name in options.only.split(","):
            group = GROUPS[group_name]
            began = time.monotonic()
            found = list(mutants(group, folder))
            counted = Counter(one.outcome for one in found)
            outcomes = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counted.items()))
            print(f"{group_name}: {outcomes}; {time.monotonic() - began:.0f} s", flush=True)
            survived = Counter(
                (one.module, one.line, one.mutant) for one in found if one.outcome == "survived"
            )
            hung = Counter((one.module, one.line, one.mutant) for one in found if one.outcome == "hung")
            here = Counter({one: count for one, count in allowed.items() if one[0] in group.modules})
            for what, those in (
                ("survived", survived - here),
                ("hung", hung),
                ("argued for, and killed", here - survived),
            ):
                for module, line, mutant in those.elements():
                    unlike += 1
                    print(f"  {what}: {module}\n    - {line}\n    + {mutant}")
    return 1 if unlike else 0


if __name__ == "__main__":
    sys.exit(main())
