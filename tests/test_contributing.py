"""What CONTRIBUTING.md says of the house, beside the house."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text()
PICTURE = re.search(r"^```\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]

PATH = re.compile(r"[\w.-]*/[\w./-]*|[\w-]+\.(?:py|md|toml|txt)")
NAME = re.compile(r"(?:tool\.)?[A-Za-z_][\w-]*(?:\.command)?")

ITEMS = [
    " ".join(item.split())
    for item in re.split(r"\n\n|\n(?=\d\.|- )", re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL))
    if "`" in item
]
"""List items and paragraphs that name something."""


def spans(item: str) -> list[str]:
    return re.findall(r"`([^`]+)`", item)


def paths(item: str) -> list[str]:
    return [span for span in spans(item) if PATH.fullmatch(span)]


def said_in(path: Path) -> str:
    files = [path] if path.is_file() else sorted(path.rglob("*.py"))
    return "\n".join(file.read_text() for file in files)


@pytest.mark.parametrize("item", ITEMS)
def test_every_path_is_there_and_holds_the_names_beside_it(item: str) -> None:
    found = [ROOT / path for path in paths(item)]
    assert [path for path in found if not path.exists()] == []
    text = "\n".join(map(said_in, found))
    names = [span for span in spans(item) if span not in paths(item) and NAME.fullmatch(span)]
    if found:
        missing = [name for name in names if not re.search(rf"(?<!\w){re.escape(name)}\b", text)]
        assert missing == []


def test_paths_and_names_are_found() -> None:
    item = "`VIEWS` in `labbench/cli/showing/app.py`, see `SECURITY.md`, `--set`"
    assert paths(item) == ["labbench/cli/showing/app.py", "SECURITY.md"]
    assert len(ITEMS) > 40
    assert sum(len(paths(item)) for item in ITEMS) > 50


def test_the_picture_shows_the_layers_of_the_contract_and_every_room() -> None:
    assert PICTURE
    rows = [set(re.split(r" {3,}", row)[0].split()) for row in PICTURE[1].splitlines()]
    [layers] = [one["layers"] for one in CONTRACTS["contracts"] if one["type"] == "layers"]
    assert rows == [set(re.findall(r"labbench\.(\w+)", layer)) for layer in layers]
    there = {
        path.stem for path in (ROOT / "labbench").iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").exists())
        and not path.name.startswith("__")
    }  # fmt: skip
    assert there == set().union(*rows)


def test_each_way_to_add_takes_five_lines() -> None:
    ways = TEXT.partition("## How to add\n")[2].split("\n### ")[1:]
    assert [len(re.findall(r"^\d\. ", way, re.MULTILINE)) for way in ways] == [5] * 7
