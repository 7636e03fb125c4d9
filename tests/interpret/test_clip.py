"""Which clip is meant."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from labbench.errors import DataError
from labbench.evaluation.sounds import clips_of
from labbench.interpret.clip import named, samples_of
from labbench.runs import RunFolder
from tests import tiny
from tests.opened import opened


@pytest.fixture
def run() -> RunFolder:
    return opened()


@pytest.mark.parametrize(
    ("text", "name"),
    [("low/test0.wav", "low/test0.wav"), ("test0", "low/test0.wav"), ("middle", "middle/test1.wav"),
     ("0", "low/train0.wav")],
    ids=["name", "part", "word", "row"],
)  # fmt: skip
def test_a_clip_by(run: RunFolder, text: str, name: str) -> None:
    clip = named(run, text)
    assert clip.name == name
    assert clip.word == name.split("/")[0]
    row = clips_of(run).clips[clip.row]
    np.testing.assert_allclose(samples_of(run, clip), row / 32768)


def test_a_sound_file_of_another_rate(run: RunFolder, tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    time = np.arange(8_000) / 8_000
    soundfile.write(path, 0.5 * np.sin(2 * np.pi * 440 * time), 8_000)
    clip = named(run, str(path))
    samples = samples_of(run, clip)
    assert samples.shape == (16_000,)
    spectrum = np.abs(np.fft.rfft(samples))
    assert int(spectrum.argmax()) == 440
    assert clip.word == ""


@pytest.mark.parametrize(
    ("text", "what"),
    [("test", "15 clips are named like"), ("lwo", "there is no clip"), ("9999", "no clip 9999"),
     ("/nowhere/a.wav", "cannot be read"), ("²", "no clip"), ("9" * 5000, "no clip"),
     ("x" * 5000, "no clip")],
    ids=["several", "none", "row", "file", "no number", "too great", "too long"],
)  # fmt: skip
def test_no_such_clip(run: RunFolder, text: str, what: str) -> None:
    with pytest.raises(DataError, match=what):
        named(run, text)


def test_a_file_that_changed(run: RunFolder, tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    soundfile.write(path, np.zeros(16_000), 16_000)
    clip = named(run, str(path))
    soundfile.write(path, np.ones(16_000) / 2, 16_000)
    with pytest.raises(DataError, match="another sound"):
        samples_of(run, clip)


def test_clips_made_anew_or_gone(run: RunFolder) -> None:
    clip = named(run, "low")
    tiny.make_clips(seed=1)
    with pytest.raises(DataError, match="made again"):
        samples_of(run, clip)
    shutil.rmtree(clips_of_folder())
    with pytest.raises(DataError):
        named(run, "low")


def clips_of_folder() -> Path:
    from labbench.audio.library import find

    return find("tones")


@pytest.mark.skipif(sys.platform != "linux", reason="names are UTF-8 there")
def test_a_sound_file_whose_name_is_no_text_is_told_of(run: RunFolder, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"gr\xf6\xdfe.wav")
    soundfile.write(os.fsencode(path), np.ones(99), 16_000)
    with pytest.raises(DataError, match=r"gr\\udcf6\\udcdfe.wav: its name is no UTF-8"):
        named(run, str(path))
