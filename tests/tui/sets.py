"""Data sets and jobs in every state, made without synthesiser, network and other processes."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from labbench.audio import fetch, jobs
from labbench.audio.findings import CHECK_FILE, Check, keep
from labbench.audio.jobs import Add, Fetch, Job
from labbench.audio.meta import read_meta
from labbench.runs.status import this_process
from tests.tiny import make_clips

META_BYTES = 495
"""Of a data set's meta.json: the size that pictures show does not depend on what it tells."""


def tones(name: str = "tones") -> Path:
    """A data set that is always of the same day, in which nothing was found."""
    folder = make_clips(name).folder
    meta = read_meta(folder)
    meta = msgspec.structs.replace(meta, created="2026-01-02T03:04:05+00:00", changed={})
    (folder / "meta.json").write_bytes(msgspec.json.encode(meta).ljust(META_BYTES))
    keep(folder, Check(fingerprint=meta.fingerprint))
    return folder


def damaged() -> Path:
    """A data set whose sounds are cut off."""
    folder = tones("damaged")
    (folder / CHECK_FILE).unlink()
    os.truncate(folder / "clips.npy", 5_000)
    return folder


def job(state: jobs.State, **changes: object) -> Job:
    """A fetch of Speech Commands in a state."""
    jobs.jobs_dir().mkdir(parents=True, exist_ok=True)
    made = Job(
        order=Fetch(), state=state, created=9_000.0, writer=this_process(), what="fetching",
        done=826_000_000, total=fetch.SIZE,
    )  # fmt: skip
    made = msgspec.structs.replace(made, **changes)
    jobs.write(made)
    return made


def failed_add() -> Job:
    """An archive that could not be added."""
    return job(
        "failed", order=Add(name="mine", path="/in/mine.zip"), what="reading", done=3, total=40,
        message="the source of the clips: there is no clip in it that can be used.",
        hint="It must hold one folder a word with wav, flac, ogg or mp3 files.",
    )  # fmt: skip
