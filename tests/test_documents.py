"""The checks of documents in `make lint` notice what they are for, and take what is right."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.links import ROOT, broken, unlisted
from tests.wording import added, counted, found

PAGE = """# First & `second` step

## Again

## Again

[here](#first--second-step), [twice](#again-1), [other](docs/other.md#there), [out](https://example.org/none.md)
`host/thing.py`, `host/*.py`, `python -m bench.one`, `thing.py`, `a/b.py`

```
[in code](nowhere.md) host/none.py
```
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project in git, with one page."""
    for name, content in {
        "page.md": PAGE,
        "docs/other.md": "# There\n",
        "host/thing.py": '"""A thing."""\n',
        "bench/one.py": "",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    return tmp_path


def test_a_page_whose_links_and_paths_exist_passes(project: Path) -> None:
    assert list(broken("page.md", project)) == []


@pytest.mark.parametrize(
    "wrong",
    [
        "[x](nowhere.md)",
        "![x](docs/none.svg)",
        "[x](#again-2)",
        "[x](docs/other.md#here)",
        "`host/none.py`",
        "`host/none*.py`",
        "`sensing.py`",
        "`python -m bench.two`",
        "| a |\n| --- |\n| [x](nowhere.md) |",
    ],
)
def test_what_is_not_there_is_found_with_its_line(project: Path, wrong: str) -> None:
    (project / "page.md").write_text(f"# Page\n\n{wrong}\n")
    (fault,) = broken("page.md", project)
    assert fault[0] in (3, 5)


def test_a_page_that_the_index_does_not_link_to_is_found(project: Path) -> None:
    (project / "docs" / "index.md").write_text("[other](other.md#there)\n")
    (project / "docs" / "new.md").write_text("# New\n")
    assert list(unlisted(project)) == ["docs/new.md", "docs/other.md"]
    (project / "docs" / "index.md").write_text("[other](other.md), [new](new.md)\n")
    assert list(unlisted(project)) == []


def test_banned_constructions_are_found_in_prose_docstrings_and_messages_alone(project: Path) -> None:
    (project / "page.md").write_text("It is begun\nanew.\n\n`anew`\n\n    anew\n")
    (project / "host" / "thing.py").write_text(
        '"""Done anew."""\nanew = 1  # anew\nprint(f"It {anew} starts anew")\n'
    )
    places = [(one.path, one.line) for one in found(["page.md", "host/thing.py"], project)]
    assert places == [("page.md", 1), ("host/thing.py", 1), ("host/thing.py", 3)]


def test_one_more_than_the_baseline_fails_and_a_moved_file_does_not(project: Path) -> None:
    page = project / "docs" / "other.md"
    page.write_text("anew, anew\n")
    before = counted(found(["docs/other.md"], project))
    moved = page.rename(project / "docs" / "moved.md")
    assert added(found(["docs/moved.md"], project), before) == []
    moved.write_text("anew, anew, anew\n")
    assert {one.path for one in added(found(["docs/moved.md"], project), before)} == {"docs/moved.md"}
    moved.write_text("anew\n")
    assert added(found(["docs/moved.md"], project), before) == []


def test_another_folder_has_no_share_of_the_baseline(project: Path) -> None:
    (project / "page.md").write_text("anew\n")
    assert added(found(["page.md"], project), {r"\banew\b": Counter({"docs/other.md": 1})})


def test_codespell_reads_the_projects_files(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("Teh night, recieved.\n")  # codespell:ignore
    asked = [sys.executable, "-m", "codespell_lib", "--toml", str(ROOT / "pyproject.toml"), str(tmp_path)]
    answer = subprocess.run(asked, capture_output=True, text=True)
    assert "Teh ==> The" in answer.stdout  # codespell:ignore
    assert "recieved ==> received" in answer.stdout  # codespell:ignore
