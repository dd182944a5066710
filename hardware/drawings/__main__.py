"""Draw all pictures of hardware/: `python -m hardware.drawings`."""

from __future__ import annotations

from pathlib import Path

from hardware.drawings.gallery import PICTURES

FOLDER = Path(__file__).parents[1] / "pictures"


def main() -> None:
    """Write every picture that has changed."""
    FOLDER.mkdir(exist_ok=True)
    for name, draw in PICTURES.items():
        path = FOLDER / f"{name}.svg"
        svg = draw().svg()
        if not path.is_file() or path.read_text(encoding="utf-8") != svg:
            path.write_text(svg, encoding="utf-8")
            print(path.name)


if __name__ == "__main__":
    main()
