"""Archives: the same clips as the folder in them, and no harm done by hostile ones."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from labbench.audio import archives, library, members
from labbench.audio.build import add
from labbench.errors import DataError
from tests.audio.folders import folder, wav


def tar_of(root: Path, to: Path) -> Path:
    with tarfile.open(to, "w:gz") as archive:
        archive.add(root, ".")
    return to


def test_an_archive_gives_the_folders_clips_whatever_the_workers(tmp_path: Path) -> None:
    root = folder(tmp_path / "in")
    by_folder = add("folder", root)
    one, two = (
        add(f"tar{n}", tar_of(root, tmp_path / f"{n}.tar.gz"), workers=n, source="s")
        for n in (1, 2)
    )
    assert one.meta.fingerprint == two.meta.fingerprint
    order_a, order_b = np.argsort(by_folder.names), np.argsort(one.names)
    np.testing.assert_array_equal(by_folder.clips[order_a], one.clips[order_b])
    np.testing.assert_array_equal(by_folder.splits[order_a], one.splits[order_b])
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        for path in root.rglob("*.wav"):
            archive.write(path, f"top/{path.relative_to(root)}")
    zipped = add("zip", tmp_path / "in.zip")
    assert sorted(zipped.names) == sorted(by_folder.names)


def test_a_damaged_file_of_a_zip_is_skipped_and_named(tmp_path: Path) -> None:
    root = folder(tmp_path / "in")
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        for path in sorted(root.rglob("*.wav")):
            archive.write(path, path.relative_to(root))
        archive.write(path, "bed/bz_nohash_0.wav", zipfile.ZIP_BZIP2)
        inside = archive.getinfo("bed/00001eef_nohash_0.wav").header_offset + 5000
    content = bytearray((tmp_path / "in.zip").read_bytes())
    content[inside] ^= 255
    (tmp_path / "in.zip").write_bytes(content)
    clips = add("x", tmp_path / "in.zip")
    assert len(clips.clips) == 79
    assert {one.name: one.reason for one in clips.meta.skipped} == {
        "bed/00001eef_nohash_0.wav": "is damaged in the archive",
        "bed/bz_nohash_0.wav": "is packed in a way that cannot be read",
    }


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    """One list in two places is read twice; one path twice is one clip."""
    root = folder(tmp_path / "in")
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        archive.add(root, "here")
        archive.add(root / "bed", "there/bed")
        archive.add(root / "cat" / "00000000_nohash_0.wav", "here/cat/00000000_nohash_0.wav")
        for place in ("here", "there"):
            archive.addfile(tarfile.TarInfo(f"{place}/testing_list.txt"))
    clips = add("x", tmp_path / "x.tar")
    assert len(clips.clips) == len(set(clips.names)) == 120
    assert b"there/bed/00000000_nohash_0.wav" in clips.names
    assert clips.words == ("bed", "cat")
    assert [(one.name, one.reason) for one in clips.meta.skipped] == [
        ("cat/00000000_nohash_0.wav", "is in the archive twice")
    ]


def hostile(to: Path, good: Path) -> Path:
    with tarfile.open(to, "w:gz") as archive:
        archive.add(good, ".")

        def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> None:
            info = tarfile.TarInfo(name)
            content = wav(7) if kind == tarfile.REGTYPE else b""
            info.type, info.linkname, info.size = kind, link, len(content)
            archive.addfile(info, io.BytesIO(content))

        member("../../bed/escape_nohash_0.wav")
        member("/tmp/bed/absolute_nohash_0.wav")
        member("bed/link_nohash_0.wav", tarfile.SYMTYPE, "/etc/passwd")
        member("bed/hard_nohash_0.wav", tarfile.LNKTYPE, "bed/00000000_nohash_0.wav")
        member("bed/device_nohash_0.wav", tarfile.CHRTYPE)
        member("bed/pipe_nohash_0.wav", tarfile.FIFOTYPE)
    return to


def test_a_hostile_archive_harms_nothing(tmp_path: Path) -> None:
    archive = hostile(tmp_path / "x.tar.gz", folder(tmp_path / "in"))
    before = {path for path in tmp_path.rglob("*") if "labbench-home" not in path.parts}
    clips = add("x", archive)
    assert len(clips.clips) == 80
    assert {one.name for one in clips.meta.skipped} == {
        f"bed/{n}_nohash_0.wav" for n in ("escape", "absolute", "link", "hard", "device", "pipe")
    }
    after = {path for path in tmp_path.rglob("*") if "labbench-home" not in path.parts}
    assert before == after


def test_an_archive_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tar_of(folder(tmp_path / "in"), tmp_path / "x.tar.gz")
    monkeypatch.setattr(members, "LARGEST_FILE", 10_000)
    with pytest.raises(DataError, match="no clip in it that can be used") as failure:
        add("x", archive)
    assert "larger than" in failure.value.hint
    monkeypatch.setattr(members, "LARGEST_FILE", 10_000_000)
    monkeypatch.setattr(archives, "LARGEST_ARCHIVE", 100_000)
    with pytest.raises(DataError, match="unpacks to more"):
        add("x", archive)
    monkeypatch.setattr(archives, "LARGEST_ARCHIVE", 10**12)
    monkeypatch.setattr(members, "MOST_FILES", 10)
    with pytest.raises(DataError, match="more than 10 files"):
        add("x", archive)


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME])
def test_a_tar_header_cannot_fill_the_memory(tmp_path: Path, kind: bytes) -> None:
    info = tarfile.TarInfo("bed/x_nohash_0.wav")
    info.type, info.size = kind, 8 << 20
    archive = tmp_path / "x.tar.gz"
    archive.write_bytes(gzip.compress(info.tobuf(tarfile.GNU_FORMAT) + bytes(8 << 20)))
    with pytest.raises(DataError, match="larger than 1 MiB"):
        add("x", archive)


def test_an_uncompressed_tar_is_read_too(tmp_path: Path) -> None:
    root = folder(tmp_path / "in")
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        archive.add(root, "top")
    assert len(add("x", tmp_path / "x.tar").clips) == 80


def test_a_cut_off_archive_is_a_clear_error(tmp_path: Path) -> None:
    archive = tar_of(folder(tmp_path / "in"), tmp_path / "x.tar.gz")
    archive.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])
    with pytest.raises(DataError, match="damaged or cut off"):
        add("x", archive)
    assert library.data_set_names() == []


BLOCK = tarfile.BLOCKSIZE


@pytest.mark.parametrize(
    "spoil",
    [
        lambda whole, at: whole[:at],
        lambda whole, at: whole[: at + 100],
        lambda whole, at: whole[:at] + b"\xff" * BLOCK + whole[at + BLOCK :],
        lambda whole, at: whole[:at] + bytes(BLOCK) + whole[at + BLOCK :],
        lambda whole, at: whole[:-1] + b"x",
    ],
    ids=["cut before a header", "cut in a header", "odd header", "header of zeros", "goes on"],
)
@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_tar_that_does_not_end_as_tars_do_is_refused(
    tmp_path: Path, spoil: Callable[[bytes, int], bytes], mode: str
) -> None:
    source = folder(tmp_path / "clips", speakers=3)
    plain = tmp_path / "whole.tar"
    with tarfile.open(plain, "w") as archive:
        archive.add(source, arcname="clips")
    with tarfile.open(plain) as archive:
        at = archive.getmembers()[-2].offset
    torn = spoil(plain.read_bytes(), at)
    path = tmp_path / ("torn.tar.gz" if mode == "w:gz" else "torn.tar")
    path.write_bytes(gzip.compress(torn) if mode == "w:gz" else torn)
    with pytest.raises(DataError, match="damaged or cut off"):
        add("torn", path)
