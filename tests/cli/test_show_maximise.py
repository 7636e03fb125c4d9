"""`labbench show RUN maximise TARGET`, as typed, and the same from Python."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import labbench
from labbench.audio.sound import read_clip
from labbench.cli.app import run_app
from tests.opened import opened


def test_maximise_in_forms_and_as_a_sound(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    opened()
    # Kept by the one, shown by the other.
    found = labbench.open_run("1").maximise("2:1", steps=4, seeds=2)
    wav = tmp_path / "a.wav"
    words = ["show", "1", "maximise", "conv2:1", "--steps", "4", "--seeds", "2"]
    assert run_app([*words, "-f", "json", "--wav", str(wav)]) == 0
    out, err = capsys.readouterr()
    assert err == f"saved {wav}\n"
    assert json.loads(out)["seeds"][found.best]["reached"] == pytest.approx(found.reached_S.max())
    heard = read_clip(wav).samples / 32_768
    assert abs(heard - found.samples_ST[found.best]).max() <= 1 / 32_768
    # It is not replaced unasked.
    assert run_app([*words, "--wav", str(wav)]) == 4
    assert "--force" in capsys.readouterr().err
    assert run_app([*words, "--wav", str(wav), "--force", "--seed", "0"]) == 0
    assert "seed 0 of 2" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [(["lwo"], "no word 'lwo'"), (["conv1:9"], "no channel '9'"), (["low", "--steps", "0"],
                                                                  "steps: 0 is not allowed")],
    ids=["word", "channel", "steps"],
)  # fmt: skip
def test_what_cannot_be(capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    opened()
    assert run_app(["show", "1", "maximise", *words]) == 5
    assert said in capsys.readouterr().err
