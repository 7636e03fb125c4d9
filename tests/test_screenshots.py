"""The pictures of screens that the README shows are there, one for each screen."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

from docs.make_screenshots import FOLDER, SCREENS, main


def test_every_screen_has_a_picture_and_every_picture_a_screen() -> None:
    names = [screen.name for screen in SCREENS]
    assert len(names) == len(set(names))
    assert {path.stem for path in FOLDER.glob("*.svg")} == set(names)
    for path in FOLDER.glob("*.svg"):
        assert ElementTree.parse(path).getroot().tag.endswith("svg")


def test_the_readme_shows_them() -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    for screen in SCREENS:
        assert f"docs/screens/{screen.name}.svg" in readme


def test_unknown_screens_are_refused() -> None:
    assert main(["nothing"]) == 2
