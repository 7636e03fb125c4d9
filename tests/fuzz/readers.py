"""Every reader of files that others may have written: what a good one holds, how it is read."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from hypothesis import strategies as st

from labbench.audio import sources
from labbench.audio.findings import read_check
from labbench.audio.meta import Meta
from labbench.audio.progress import silent
from labbench.audio.sound import read_clip
from labbench.presets import Library, edited
from tests.fuzz import mutations

PRESET = b"""
about = "mine"
base = "custom-ch32"
[model]
convs = 4
dropout = 0.25
activation = "tanh"
[data]
name = "auto"
words = ["bed", "cat"]
[training]
epochs = 3
device = "cuda:1"
"""

TABLE = b"""
about = "mine"
[model]
family = "custom"
[rows.a]
label = "A"
model = {convs = 4}
[columns."0.5"]
label = "half"
model = {dropout = 0.5}
"""


@dataclass(frozen=True)
class Reader:
    """How a file is read, and what is in a good one."""

    name: str
    """Of the file, inside a folder of its own."""
    good: bytes
    read: Callable[[Path], object]
    """Gives a value, or raises a LabbenchError."""
    mutated: Callable[[bytes], st.SearchStrategy[bytes]] = mutations.bytes_of


def _own_presets(path: Path) -> object:
    """Everything that a listing asks of a user's file."""
    library = Library(own=path.parent, lenient=True)
    return [one.as_dict() for one in library.listed()], library.tables()


def _set(path: Path) -> object:
    text = path.read_text(encoding="utf-8", errors="surrogateescape")
    return edited(Library().get("demo"), text.splitlines())


CHECK = b"""{"format": 1, "fingerprint": "aa", "unknown": ["channels"], "findings": [
{"kind": "leak", "level": "warning", "count": 2, "what": "2 clips", "first": ["a = b"]}]}"""


def _findings(path: Path) -> object:
    """What a screen asks of what was found in a data set; damage is no error there."""
    meta = Meta(
        name="mine", kind="folder", words=("a",), clips=1, clips_by_split={}, changed={},
        split_rule="", source="", fingerprint="aa", created="", labbench="",
    )  # fmt: skip
    check = read_check(path.parent, meta)
    return [one.in_words for one in check.findings] if check else ["not checked"]


def _sound(form: str, subtype: str) -> bytes:
    target = io.BytesIO()
    soundfile.write(target, np.sin(np.arange(1_500) / 9), 16_000, format=form, subtype=subtype)
    return target.getvalue()


def _tar() -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in ("bed/ä.wav", f"bed/{'y' * 120}.wav", "testing_list.txt"):
            member = tarfile.TarInfo(name)
            member.size = 300
            archive.addfile(member, io.BytesIO(bytes(300)))
    return target.getvalue()


def _zip() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("bed/ä.wav", "bed/b.wav"):
            archive.writestr(name, bytes(300))
    return target.getvalue()


def _files(path: Path) -> object:
    return list(sources.files(path, silent))


READERS = (
    Reader("check.json", CHECK, _findings, mutations.json_of),
    *(
        Reader(f"a.{form.lower()}", _sound(form, subtype), read_clip)
        for form, subtype in (
            ("WAV", "PCM_16"),
            ("RF64", "FLOAT"),
            ("W64", "PCM_24"),
            ("AIFF", "PCM_16"),
            ("AU", "ULAW"),
            ("CAF", "PCM_16"),
            ("FLAC", "PCM_16"),
            ("OGG", "VORBIS"),
            ("MP3", "MPEG_LAYER_III"),
        )
    ),
    Reader("a.tar", _tar(), _files),
    Reader("a.tar.xz", lzma.compress(_tar()), _files),
    Reader("a.tar.bz2", bz2.compress(_tar()), _files),
    Reader("a.tgz", gzip.compress(_tar()), _files),
    Reader("a.zip", _zip(), _files),
    Reader("preset.toml", PRESET, lambda path: Library().get(str(path)), mutations.toml_of),
    Reader("own.toml", PRESET, _own_presets, mutations.toml_of),
    Reader("table.toml", TABLE, _own_presets, mutations.toml_of),
    Reader("--set", b"model.convs=4\ntraining.epochs=3\ndata.words=bed,cat", _set),
)
