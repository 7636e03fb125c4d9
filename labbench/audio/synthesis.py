"""Make a data set of spoken words with eSpeak NG: the embedded default.

Each group of speakers is voiced by a fresh process of its own (`voicing`): the C library is not
safe for threads, and what it says depends on what it said before. So the same seed gives the same
bytes, however many processes work at once.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from labbench.audio.check import check
from labbench.audio.clips import Clips, open_clips
from labbench.audio.findings import keep
from labbench.audio.library import SYNTHETIC, check_words, data_set_names
from labbench.audio.progress import Progress, silent
from labbench.audio.speakers import Cast, Line, cast, workshops
from labbench.audio.store import Columns, Description, building
from labbench.audio.voicing import FAILED_EXIT_CODE, Job
from labbench.errors import DataError, check_seen
from labbench.presets.settings import WORDS
from labbench.units import CLIP_SAMPLES

DEFAULT_CLIPS = 6000
_CLIP_BYTES = 2 * CLIP_SAMPLES
_ROOT = Path(__file__).resolve().parents[2]

RULES = (
    "each word is said by an eSpeak NG voice (accent, timbre, pitch) at 120 to 230 words a minute",
    "resampled from 22,050 Hz to 16 kHz, silence around the word removed, placed anywhere in one"
    " second",
    "white, pink or speech-shaped noise at 10 to 40 dB under the word; peak 0.1 to 0.9 of full"
    " scale",
)


def synthesize(
    name: str = SYNTHETIC,
    *,
    clips: int = DEFAULT_CLIPS,
    seed: int = 0,
    words: tuple[str, ...] = WORDS,
    replace: bool = False,
    workers: int | None = None,
    progress: Progress = silent,
    wait_s: float = 0,
) -> Clips:
    """Make a data set of spoken words and open it.

    Args:
        clips: how many; 80 % to train, 10 % each to validation and test.
        seed: the same seed, words and number of clips give the same bytes.
        workers: processes at once; None means one a core.
        wait_s: how long to wait for another process that makes it; negative: without end.

    Raises:
        DataError: too few clips, a word named twice, the name is taken, the disk is full, no
            synthesiser.
        BusyError: another process is making it.
    """
    check_words(words)
    for word in words:
        check_seen(word, "the word", DataError, where="--words")
    plan = cast(words, clips, seed)
    with building(name, replace=replace, wait_s=wait_s) as writer:
        with _voiced(plan, seed, workers or os.cpu_count() or 1, progress) as groups:
            for group in groups:
                writer.append(group)
        writer.finish(_columns(plan), _describe(words, clips, seed))
        keep(writer.folder, check(open_clips(writer.folder), progress))
    return open_clips(name)


def ensure_synthetic(progress: Progress = silent) -> Clips:
    """The default synthetic data set, made when it is missing.

    Raises:
        DataError: it cannot be made.
    """
    if SYNTHETIC not in data_set_names():
        try:
            return synthesize(progress=progress, wait_s=-1)
        except DataError:
            # Another process may have made it while this one waited for the lock.
            if SYNTHETIC not in data_set_names():
                raise
    return open_clips(SYNTHETIC)


def _columns(plan: Cast) -> Columns:
    return Columns(
        names=[f"{line.word}/{line.speaker.voice}_{line.take}.wav" for line in plan.lines],
        words=[line.word for line in plan.lines],
        splits=list(plan.splits),
        speakers=[line.speaker.voice for line in plan.lines],
        lengths=[CLIP_SAMPLES] * len(plan.lines),
        flags=[0] * len(plan.lines),
    )


def _describe(words: tuple[str, ...], clips: int, seed: int) -> Description:
    return Description(
        kind="synthetic",
        words=words,
        split_rule="by timbre: 80 % of the voices' timbres to train, 10 % each to validation and"
        " test; none in two splits",
        source=f"eSpeak NG, {clips} clips, seed {seed}",
        rules=RULES,
        attribution="Spoken by eSpeak NG (https://github.com/espeak-ng/espeak-ng).",
    )


@contextmanager
def _voiced(
    plan: Cast, seed: int, workers: int, progress: Progress
) -> Iterator[Iterator[npt.NDArray[np.int16]]]:
    """The clips of each group, in order. Leaving the block ends every process still at work."""
    crew = _Crew(seed)
    groups = workshops(plan)
    with ThreadPoolExecutor(min(workers, len(groups)), "voicing") as pool:
        futures = [pool.submit(crew.voice, group) for group in groups]
        try:
            yield _collected(futures, crew, len(plan.lines), progress)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            crew.dismiss()


def _collected(
    futures: list[Future[bytes]], crew: _Crew, total: int, progress: Progress
) -> Iterator[npt.NDArray[np.int16]]:
    for future in futures:
        while not wait([future], timeout=0.1).done:
            progress(crew.done, total, "speaking")
        yield np.frombuffer(future.result(), "<i2").reshape(-1, CLIP_SAMPLES)
    progress(total, total, "speaking")


class _Crew:
    """The processes at work."""

    def __init__(self, seed: int) -> None:
        self.done = 0
        self._seed = seed
        self._lock = threading.Lock()
        self._working: set[subprocess.Popen[bytes]] = set()
        self._dismissed = False

    def voice(self, lines: list[Line]) -> bytes:
        """Let a fresh process voice `lines`, and return its clips."""
        process = self._start()
        try:
            assert process.stdin
            assert process.stdout
            assert process.stderr
            process.stdin.write(msgspec.json.encode(Job(self._seed, lines)))
            process.stdin.close()
            clips = []
            while clip := process.stdout.read(_CLIP_BYTES):
                clips.append(clip)
                with self._lock:
                    self.done += 1
            words = process.stderr.read().decode(errors="replace").strip()
            code = process.wait()
        finally:
            self._end(process)
        if code == 0 and len(clips) == len(lines):
            return b"".join(clips)
        if code == FAILED_EXIT_CODE:
            raise DataError(words)
        raise DataError(
            f"A process of the speech synthesiser ended early (exit code {code}).",
            hint=words.splitlines()[-1] if words else "",
        )

    def dismiss(self) -> None:
        """End every process at work, and start no more."""
        with self._lock:
            self._dismissed = True
            for process in self._working:
                process.kill()

    def _start(self) -> subprocess.Popen[bytes]:
        path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
        with self._lock:
            if self._dismissed:
                raise DataError("The speech synthesiser was stopped.")
            process = subprocess.Popen(
                [sys.executable, "-m", "labbench.audio.voicing"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": path},
                start_new_session=True,
            )
            self._working.add(process)
        return process

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        with self._lock:
            self._working.discard(process)
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe and not pipe.closed:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue
