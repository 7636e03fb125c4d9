"""No preset is made of names that nobody can see or that a terminal obeys."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import tomli_w

from labbench.errors import PresetError
from labbench.presets import Library, Preset, edited, from_tree, to_toml

UNSEEN = ["a\x1b[31m", "a\x9bm", "a\u202eb", "a\u200bb", "a\x7f", "\ufeffa"]
JOINED = ["نمی\u200cدانم", "👩\u200d💻"]


@pytest.mark.parametrize("word", UNSEEN)
def test_unseen_signs_are_refused_where_a_name_is_made(word: str, tmp_path: Path) -> None:
    refused: list[Path] = []
    for name, tree in {
        "words": {"base": "demo", "data": {"words": [word, "b"]}},
        "about": {"base": "demo", "about": f"one line\n{word}"},
        f"x{word}": {"base": "demo"},
        "rows": {"rows": {word: {}}, "columns": {"c": {}}},
        "labels": {"rows": {"r": {"label": word}}, "columns": {"c": {}}},
    }.items():
        path = tmp_path / f"{name}.toml"
        path.write_text(tomli_w.dumps(tree), encoding="utf-8")
        refused.append(path)
    library = Library(own=tmp_path, lenient=True)
    assert set(library.wrong) == {path.name for path in refused}
    for error in library.wrong.values():
        assert "would not be seen" in error.what
        assert error.what.isprintable()
    with pytest.raises(PresetError, match="would not be seen"):
        library.get(str(tmp_path / "words.toml"))
    with pytest.raises(PresetError, match=r"data\.words .* holds \\"):
        edited(Preset(), [f"data.words={word},b"])


@pytest.mark.parametrize("word", JOINED)
def test_joiners_of_scripts_and_emoji_are_no_fault(word: str) -> None:
    assert edited(Preset(), [f"data.words={word},b"]).data.words == (word, "b")


@pytest.mark.parametrize("word", UNSEEN)
def test_a_preset_that_was_made_elsewhere_is_read_and_written_without_controls(word: str) -> None:
    preset = from_tree({"name": word, "about": f"two\nlines {word}"}, "a run")
    text = to_toml(preset)
    assert from_tree(tomllib.loads(text), "again") == preset
    assert all(sign.isprintable() or sign == "\n" for sign in text)
