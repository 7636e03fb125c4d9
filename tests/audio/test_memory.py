"""Small files that unpack to much: what it costs, measured in a process of its own."""

from __future__ import annotations

import gzip
import struct
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.audio.folders import wav

LARGE = 60 << 20

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc tells the peak there")

HEAD = """
import sys, re
from pathlib import Path
import numpy, soundfile, scipy.signal
from labbench.audio import build, sound
from labbench.errors import DataError
def peak():
    found = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024
sound.decode(Path(sys.argv[2]).read_bytes())
before = peak()
path = Path(sys.argv[1])
"""


def mib_of(work: str, path: Path) -> float:
    """MiB that some work on a file takes at its peak, on top of what is loaded anyway."""
    small = path.with_name("small.wav")
    small.write_bytes(wav(1))
    code = f"{HEAD}\n{work}\nprint(peak() - before)"
    done = subprocess.run(
        [sys.executable, "-c", code, path, small], capture_output=True, text=True, check=True,
        timeout=100,
    )  # fmt: skip
    return float(done.stdout)


def silence(seconds: float, rate_hz: int, channels: int, form: str, path: Path) -> Path:
    """A file of silence that packs to little."""
    with soundfile.SoundFile(path, "w", rate_hz, channels, "PCM_16", format=form) as file:
        for _ in range(round(seconds * 4)):
            file.write(np.zeros((rate_hz // 4, channels), np.int16))
    return path


def large_wav(size: int) -> tuple[bytes, int]:
    """The head of a silent sound of so many bytes, and the bytes that follow."""
    data = size - 44
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", size - 8, b"WAVE", b"fmt ", 16, 1, 1, 16_000,
                       32_000, 2, 16, b"data", data)  # fmt: skip
    return head, data


def large_tar(path: Path, members: int) -> Path:
    """Packed members of 60 MiB, of which only the heads are packed anew."""
    head, rest = large_wav(LARGE)
    behind = gzip.compress(bytes(rest), 1)
    with path.open("wb") as out:
        for number in range(members):
            member = tarfile.TarInfo(f"{'ab'[number % 2]}/{number}.wav")
            member.size = LARGE
            out.write(gzip.compress(member.tobuf() + head) + behind)
        out.write(gzip.compress(bytes(1024)))
    return path


def test_an_archive_takes_the_memory_of_one_file(tmp_path: Path) -> None:
    tar = large_tar(tmp_path / "x.tar.gz", 5)
    assert tar.stat().st_size < 2_000_000
    head, rest = large_wav(LARGE)
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        for number in range(3):
            out.writestr(f"a/{number}.wav", head + bytes(rest))
    work = "for end in ('tar.gz', 'zip'): build.add(end.strip('.g'), path.with_name(f'x.{end}'))"
    assert mib_of(work, tar) < 2 * 60


def test_a_sound_takes_the_memory_of_its_second(tmp_path: Path) -> None:
    """Hundreds of MiB would be taken by all channels, by a filter of this rate, or by all of it."""
    many = silence(1.5, 16_000, 1000, "WAV", tmp_path / "many.wav")
    silence(1.5, 767_999, 2, "W64", tmp_path / "odd.wav")
    silence(8, 655_340, 2, "FLAC", tmp_path / "long.wav")
    work = """
for name in ("many", "odd", "long"): sound.read_clip(path.with_name(f"{name}.wav"))
with sound.read_whole(path.with_name("long.wav")) as whole:
    assert sum(map(len, whole.pieces)) == 8 * 16_000
"""
    assert mib_of(work, many) < 80
