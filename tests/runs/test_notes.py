"""Tags and notes of runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from labbench.errors import RunError
from labbench.runs import notes
from labbench.runs.notes import Notes


@pytest.mark.parametrize("text", ["\x1b]52;c;eA==\x07", "a\u202eb", "a\u200bb", "a\nb", "\x9b1m"])
def test_tags_and_notes_that_cannot_be_seen_are_refused(text: str, tmp_path: Path) -> None:
    notes.write(tmp_path, kept := Notes(tags=("good",), note="größer 👩\u200d💻"))
    for refused in (Notes(tags=("good", text)), Notes(note=text)):
        with pytest.raises(RunError, match=r"holds \\.*would not be seen"):
            notes.write(tmp_path, refused)
    assert notes.read(tmp_path) == kept
