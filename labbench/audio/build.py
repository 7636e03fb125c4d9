"""A data set from a folder or an archive of sound files, one folder a word."""

from __future__ import annotations

import os
from array import array
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from labbench.audio import library, splits
from labbench.audio.check import check
from labbench.audio.clips import Clips, open_clips
from labbench.audio.findings import keep
from labbench.audio.library import difference_in_words, look_alike_key, natural_key
from labbench.audio.lists import LISTS, lines_of
from labbench.audio.members import File, LeftOut
from labbench.audio.meta import SPLITS, Kind, SplitName
from labbench.audio.progress import Progress, silent
from labbench.audio.reading import READ, UnreadableError
from labbench.audio.sound import RULES, Sound, decode
from labbench.audio.sources import files
from labbench.audio.splits import Deal, Named
from labbench.audio.store import Columns, Description, Writer, building
from labbench.errors import DataError, nearest
from labbench.paths import is_text

IN_FLIGHT = 8
"""Files a worker may be ahead of the writer."""

BYTES_IN_FLIGHT = 32 << 20
"""Bytes of files that are read ahead of the writer, but for the last of them."""

MOST_LISTS = 32
"""Official lists that are looked at."""

ATTRIBUTION = (
    "Speech Commands, Pete Warden, arXiv:1804.03209, CC BY 4.0 "
    "(https://creativecommons.org/licenses/by/4.0/)"
)


@dataclass
class _Read:
    """What was read of a source so far, clips aside."""

    names: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    lengths: array[int] = field(default_factory=lambda: array("i"))
    flags: array[int] = field(default_factory=lambda: array("B"))
    left_out: LeftOut = field(default_factory=LeftOut)
    passed_over: LeftOut = field(default_factory=LeftOut)
    lists: list[File] = field(default_factory=list)
    others: set[str] = field(default_factory=set)
    """Words that nobody asked for."""


def add(
    name: str,
    path: Path,
    *,
    words: Sequence[str] = (),
    replace: bool = False,
    workers: int | None = None,
    progress: Progress = silent,
    source: str = "",
) -> Clips:
    """Make the data set `name` of a folder or archive, and open it.

    It is split by the official lists it holds, else by its folders (train, val, test); else, with
    the names of Speech Commands, by the sha1 rule of these; else by speaker where names tell it,
    or by clip.

    Args:
        words: only these classes; empty takes every folder.
        workers: threads that decode; None means one a core. The result does not depend on it.
        source: what to name as the origin; by default the path.

    Raises:
        DataError: nothing usable, a word named twice or without clips, a split without
            clips, disk full.
        BusyError: another process is making it.
    """
    library.check_words(words)
    with building(name, replace=replace) as writer:
        _fill(writer, path, words, workers or os.cpu_count() or 1, progress, source)
        keep(writer.folder, check(open_clips(writer.folder), progress))
    return open_clips(name)


def _fill(
    writer: Writer, path: Path, words: Sequence[str], workers: int, progress: Progress, source: str
) -> None:
    """Write all clips and what is known of them, none of which is in memory afterwards."""
    read = _Read()
    wanted = frozenset(words)
    with ThreadPoolExecutor(workers, "decoding") as pool:
        for file, sound in _decoded(files(path, progress), read, wanted, pool, workers):
            _take(file, sound, read, writer)
    order = _order(read, words, path)
    kind, columns, dealt = _dealt(read)
    _check_splits(columns, path)
    writer.finish(
        columns,
        Description(
            kind=kind, words=order, split_rule=dealt.rule, split_notes=dealt.notes,
            source=source or str(path.resolve()), rules=RULES, left_out=read.left_out,
            passed_over=read.passed_over.lines(),
            attribution=ATTRIBUTION if kind == "speech_commands" else "",
        ),
    )  # fmt: skip


def _decoded(
    found: Iterable[File],
    read: _Read,
    wanted: frozenset[str],
    pool: ThreadPoolExecutor,
    workers: int,
) -> Iterator[tuple[File, Sound | str]]:
    """Files in their order with their clip, or why there is none; a few are decoded ahead."""
    ahead: deque[tuple[File, int, Future[Sound | str]]] = deque()
    in_flight = 0
    for file in found:
        if not is_text(file.name):
            shown = file.name.encode(errors="replace").decode()
            file = File(shown, reason="has a name that is no UTF-8 text")
        if _is_aside(file, read):
            continue
        word = file.name.rpartition("/")[0].rpartition("/")[2]
        if wanted and word not in wanted:
            read.others.add(word)
            continue
        known, size = File(file.name, path=file.path), len(file.content)
        ahead.append((known, size, pool.submit(_sound, file)))
        # Its content goes as soon as it is decoded, before the next one is read.
        del file
        in_flight += size
        while len(ahead) >= IN_FLIGHT * workers or in_flight > BYTES_IN_FLIGHT:
            first, size, future = ahead.popleft()
            in_flight -= size
            yield first, future.result()
    for first, _, future in ahead:
        yield first, future.result()


def _is_aside(file: File, read: _Read) -> bool:
    """Whether it is a list, or nothing that anybody expects among the clips."""
    if file.passed:
        read.passed_over.add(file.name, file.passed)
        return True
    if file.name.rpartition("/")[2] in LISTS and not file.reason:
        if len(read.lists) < MOST_LISTS:
            read.lists.append(file)
        else:
            read.left_out.add(file.path, f"is one of more than {MOST_LISTS} lists")
        return True
    return False


def _sound(file: File) -> Sound | str:
    if file.reason:
        return file.reason
    try:
        return decode(file.content)
    except UnreadableError as error:
        return error.what


def _take(file: File, sound: Sound | str, read: _Read, writer: Writer) -> None:
    if isinstance(sound, str):
        read.left_out.add(file.name, sound)
        return
    writer.append(sound.samples)
    read.names.append(file.name)
    read.paths.append(file.path)
    read.lengths.append(sound.length)
    read.flags.append(int(sound.flags))


def _lists(files: Sequence[File]) -> dict[SplitName, list[str]]:
    """The lines of each split's lists: those nearest to the top, where folders hold several."""
    lines: dict[SplitName, list[str]] = {}
    least = min((file.path.count("/") for file in files), default=0)
    for file in files:
        if file.path.count("/") == least:
            split = LISTS[file.name.rpartition("/")[2]]
            lines.setdefault(split, []).extend(lines_of(file.content))
    return lines


def _dealt(read: _Read) -> tuple[Kind, Columns, Deal]:
    if not read.names:
        raise DataError(
            "there is no clip in it that can be used.",
            where="the source of the clips",
            hint=_reasons(read) or f"It must hold one folder a word with sound files: {READ}",
        )
    # A text a word and speaker, not one a clip.
    once: dict[str, str] = {}
    words, speakers = [], []
    for name in read.names:
        word, base = name.rsplit("/", 2)[-2:]
        speaker = splits.speaker_of(word, base)
        words.append(once.setdefault(word, word))
        speakers.append(None if speaker is None else once.setdefault(speaker, speaker))
    deal = splits.deal(Named(read.names, words, speakers, read.paths), _lists(read.lists))
    columns = Columns(
        names=list(deal.names), words=words, splits=deal.codes, speakers=speakers,
        lengths=read.lengths, flags=read.flags,
    )  # fmt: skip
    official = splits.is_speech_commands(read.names)
    return "speech_commands" if official else "folder", columns, deal


def _reasons(read: _Read) -> str:
    """Why the first files were left out, "" where none was."""
    reasons = "; ".join(f"{one.name} {one.reason}" for one in read.left_out.named[:3])
    return f"Left out: {reasons}." if reasons else ""


def _order(read: _Read, words: Sequence[str], path: Path) -> tuple[str, ...]:
    """The classes: those asked for, in their order, or all there are by name, `2` before `10`."""
    there = {name.rsplit("/", 2)[-2] for name in read.names}
    for word in words:
        if word not in there:
            hint = _reasons(read) or _other_words(word, there | read.others)
            raise DataError(f"there are no clips of {word!r} in it.", where=str(path), hint=hint)
    return tuple(words) or tuple(sorted(there, key=natural_key))


def _other_words(word: str, there: set[str]) -> str:
    """What may be meant by a word of which there are no clips."""
    for other in sorted(there - {word}):
        if look_alike_key(other) == look_alike_key(word):
            how = difference_in_words([word, other])
            return f"The folder {other!r} looks alike: they differ by {how}. Name it as it is."
    return nearest(word, sorted(there, key=natural_key))


def _check_splits(columns: Columns, path: Path) -> None:
    for code, split in enumerate(SPLITS):
        if code not in columns.splits:
            raise DataError(
                f"its {len(columns.names):,} clips leave the {split} split empty.",
                where=str(path),
                hint="Add clips of more speakers (at least three of each word).",
            )
