"""The pictures in the documents: the same month gives the same bytes, and each look has every page."""

import shutil

import pytest

from bench import pictures
from twitchwatch.web import vendor

pytestmark = [
    pytest.mark.skipif(not pictures.CHROMIUM.exists(), reason="needs Debian's chromium: make test-deps"),
    pytest.mark.skipif(not vendor.present(), reason="needs uPlot: make setup, with npm"),
    pytest.mark.skipif(
        shutil.which("pdftoppm") is None, reason="needs Debian's poppler-utils: make test-deps"
    ),
]


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    path = tmp_path_factory.mktemp("pictures") / "month.db"
    pictures.month(path, 2)
    return path


def test_drawn_again_they_are_the_same(month, tmp_path):
    drawn = []
    for at in range(2):
        folder = tmp_path / str(at)
        folder.mkdir()
        with pictures.served(month) as link:
            pictures.draw_pages(link, pictures.PAGES, "light", folder)
        pictures.draw_report(month, "en", folder / "report.png")
        drawn.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert drawn[0].keys() == {f"{name}.png" for name in (*pictures.PAGES, "report")}
    assert [name for name in drawn[0] if drawn[0][name] != drawn[1][name]] == []
    # Another page is another picture.
    assert len(set(drawn[0].values())) == len(drawn[0])
