"""Headers that lie, files that are torn, and what of a file is ever in memory."""

from __future__ import annotations

import contextlib
import io
import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from labbench.audio.reading import READ, SUFFIXES, UnreadableError, save_wav
from labbench.audio.sound import decode, read_clip
from labbench.errors import DataError, LabbenchError

SAMPLES = np.random.default_rng(0).integers(-20_000, 20_000, 12_800, dtype=np.int16)
DATA = SAMPLES.astype("<i2").tobytes()
FORMAT = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 16_000, 32_000, 2, 16)
WHOLE = 36 + len(DATA)
LIST = struct.pack("<4sI4s4sI4s", b"LIST", 16, b"INFO", b"ICMT", 4, b"zzzz")


def wav(
    data: bytes = DATA, *, riff: int = WHOLE, said: int = len(DATA), behind: bytes = b""
) -> bytes:
    """A WAV file whose header says what it is told to."""
    head = struct.pack("<4sI4s", b"RIFF", riff, b"WAVE")
    return head + FORMAT + struct.pack("<4sI", b"data", said) + data + behind


def encoded(form: str, subtype: str, samples: np.ndarray = SAMPLES, rate_hz: int = 16_000) -> bytes:
    target = io.BytesIO()
    soundfile.write(target, samples, rate_hz, format=form, subtype=subtype)
    return target.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        wav(), wav(riff=WHOLE + 8), wav(riff=WHOLE + 1000), wav(riff=36), wav(riff=0),
        wav(riff=0, said=0), wav(riff=36, said=0), wav(said=0), wav(riff=0xFFFFFFFF, said=0),
        wav(riff=0xFFFFFFFF, said=0xFFFFFFFF), wav(riff=0x7FFFF024, said=0x7FFFF000),
        wav(riff=0x80000024, said=0x80000000), wav(riff=0x7FFFFFFF, said=0x7FFFFFFF - 36),
        wav(behind=LIST), wav(riff=WHOLE + 500, behind=b"\x7f\x81" * 500), wav(said=2 * len(DATA)),
    ],
    ids=[
        "plain", "riff-8-more", "riff-1000-more", "riff-too-small", "riff-0", "stream-0",
        "recorder-killed", "data-0", "riff-ff-data-0", "stream-ff", "stream-sox", "stream-2-gib",
        "stream-2-gib-less", "list-behind", "garbage-behind", "data-beyond-a-riff-that-ends",
    ],
)  # fmt: skip
def test_a_length_that_lies_loses_no_sample(content: bytes) -> None:
    sound = decode(content)
    assert sound.length == len(SAMPLES)
    np.testing.assert_array_equal(sound.samples[: len(SAMPLES)], SAMPLES)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (wav()[:20_000], "torn: 19,956 of 25,600 bytes"),
        (wav()[:-1], "torn: 25,599 of 25,600 bytes"),
        (wav(riff=0)[:20_000], "torn: 19,956 of 25,600 bytes"),
        (wav(b"", riff=36, said=0), "holds no samples"),
        (wav(b"", riff=36 + len(LIST), said=0, behind=LIST), "holds no samples"),
        (wav()[:44], "torn: 0 of 25,600 bytes"),
    ],
    ids=["cut", "a-byte-less", "riff-0-cut", "empty", "empty-and-a-list", "header-alone"],
)  # fmt: skip
def test_torn_is_what_lacks_samples(content: bytes, why: str) -> None:
    with pytest.raises(UnreadableError, match=why):
        decode(content)


PLAIN = [("WAVEX", "PCM_16"), ("RF64", "PCM_16"), ("W64", "PCM_16"), ("AIFF", "PCM_16"),
         ("AU", "PCM_16"), ("CAF", "PCM_16"), ("WAV", "PCM_24"), ("WAV", "ULAW"),
         ("WAV", "IMA_ADPCM"), ("FLAC", "PCM_16"), ("OGG", "VORBIS"), ("OGG", "OPUS"),
         ("MP3", "MPEG_LAYER_III")]  # fmt: skip


@pytest.mark.parametrize(("form", "subtype"), PLAIN, ids=["-".join(pair) for pair in PLAIN])
def test_every_kind_of_file_is_read_whole_and_refused_torn(form: str, subtype: str) -> None:
    content = encoded(form, subtype)
    # Blocks of ADPCM are filled up.
    assert len(SAMPLES) <= decode(content).length < len(SAMPLES) + 500
    for share in (0.3, 0.6, 0.9):
        with pytest.raises(UnreadableError, match=r"torn|lost sync"):
            decode(content[: int(len(content) * share)])


def test_streams_of_other_kinds_tell_no_length_either() -> None:
    flac = bytearray(encoded("FLAC", "PCM_16"))
    flac[21] &= 0xF0
    flac[22:26] = bytes(4)
    au = bytearray(encoded("AU", "PCM_16"))
    au[8:12] = b"\xff" * 4
    caf = bytearray(encoded("CAF", "PCM_16"))
    at = caf.index(b"data") + 4
    caf[at : at + 8] = b"\xff" * 8
    for content in (flac, au, caf):
        sound = decode(bytes(content))
        assert sound.length == len(SAMPLES)
        np.testing.assert_array_equal(sound.samples[: len(SAMPLES)], SAMPLES)


def test_a_flac_that_tells_no_length_is_counted_to_its_end() -> None:
    flac = bytearray(encoded("FLAC", "PCM_16", np.tile(SAMPLES, 5)))
    flac[21] &= 0xF0
    flac[22:26] = bytes(4)
    assert decode(bytes(flac)).length == 5 * len(SAMPLES)


def test_an_mp3_without_a_length_is_taken_as_it_comes() -> None:
    """A quiet half makes the guess by the first frame's size far too long."""
    loud_then_quiet = np.concatenate([np.tile(SAMPLES, 2), np.zeros(30_000, np.int16)])[:20_000]
    mp3 = encoded("MP3", "MPEG_LAYER_III", loud_then_quiet)
    second = mp3.index(mp3[:2], 50)
    assert b"Xing" in mp3[:second] or b"Info" in mp3[:second]
    assert decode(mp3[second:]).samples[:16_000].any()


def test_an_odd_rate_is_refused_with_the_rates_that_are_read() -> None:
    for rate_hz in (999, 768_001, 2**31 - 1):
        content = bytearray(wav())
        content[24:28] = struct.pack("<I", rate_hz)
        with pytest.raises(UnreadableError, match=rf"rate of {rate_hz:,} Hz; 1,000 to 768,000"):
            decode(bytes(content))


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(data=st.data())
def test_whatever_the_bytes_are_there_is_a_clip_or_a_reason(data: st.DataObject) -> None:
    form, subtype = data.draw(st.sampled_from(PLAIN))
    content = bytearray(GOOD[form, subtype])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, min(len(content), 200) - 1))
        new = data.draw(st.binary(min_size=1, max_size=8))
        content[at : at + len(new)] = new
    cut = data.draw(st.integers(0, len(content)))
    for damaged in (bytes(content), bytes(content[:cut])):
        with contextlib.suppress(UnreadableError):
            assert decode(damaged).samples.shape == (16_000,)


GOOD = {pair: encoded(*pair, SAMPLES[:3000]) for pair in PLAIN}


def test_the_mp3_decoder_is_not_heard_and_we_are(tmp_path: Path) -> None:
    """Its warnings come from C, without the file's name."""
    (tmp_path / "torn.mp3").write_bytes(encoded("MP3", "MPEG_LAYER_III")[:1500])
    code = """
import sys, threading, soundfile
from pathlib import Path
from labbench.audio.sound import decode
from labbench.errors import DataError
content = Path(sys.argv[1]).read_bytes()
def read():
    for _ in range(20):
        try: decode(content)
        except DataError: pass
        sys.stderr.write("ours\\n")
threads = [threading.Thread(target=read) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
with soundfile.SoundFile(sys.argv[1]): print("theirs above", file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "torn.mp3"], capture_output=True, text=True,
        check=True, timeout=60,
    )  # fmt: skip
    said = done.stderr.splitlines()
    assert said[:80] == ["ours"] * 80
    # Afterwards C may speak again.
    assert "Xing" in said[80]
    assert said[81] == "theirs above"


def test_what_is_read_is_told_once_for_all() -> None:
    assert {suffix.strip(".") for suffix in SUFFIXES} >= set(
        READ.removesuffix(" are read.").replace(" and ", ", ").split(", ")
    )


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
