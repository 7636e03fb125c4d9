"""Sounds of our own as wav files."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from labbench.audio.sound import read_clip
from labbench.audio.wav import save_wav
from labbench.errors import DataError, LabbenchError


def test_what_is_saved_is_what_is_read(tmp_path: Path) -> None:
    samples = np.random.default_rng(0).uniform(-1, 1, 16_000).astype(np.float32)
    save_wav(tmp_path / "a.wav", samples)
    read = read_clip(tmp_path / "a.wav")
    np.testing.assert_allclose(read.samples / 32_768, samples, atol=1 / 32_768)


def test_nothing_is_replaced_unasked(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_text("mine")
    with pytest.raises(DataError, match="there already"):
        save_wav(path, np.zeros(16))
    assert path.read_text() == "mine"
    save_wav(path, np.zeros(16), replace=True)
    assert path.read_bytes()[:4] == b"RIFF"


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    with pytest.raises(LabbenchError, match="cannot be written"):
        save_wav(tmp_path / "a" / "b.wav", np.zeros(16))


def test_a_pipe_is_nothing_to_replace(tmp_path: Path) -> None:
    end, start = os.pipe()
    save_wav(Path(f"/dev/fd/{start}"), np.zeros(16))
    assert os.read(end, 4) == b"RIFF"
    os.close(end)
    os.close(start)
