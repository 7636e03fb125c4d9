"""One home with a file of every kind that is read: what the mutations are made of."""

from __future__ import annotations

import dataclasses
import io
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile

from labbench import paths
from labbench.audio import jobs
from labbench.audio.clips import open_clips
from labbench.interpret import clip as heard
from labbench.interpret.attribution.answer import evidence_question
from labbench.interpret.channels.answer import dead_question
from labbench.interpret.confusion_pair.answer import Pair, pair_question
from labbench.interpret.embedding.answer import EmbeddingQuestion
from labbench.interpret.feature_maps.answer import maps_question
from labbench.interpret.features.answer import features_question
from labbench.interpret.maximise.answer import MaximiseQuestion
from labbench.interpret.predict.answer import PredictQuestion
from labbench.interpret.probes.answer import ProbeQuestion
from labbench.interpret.questions import AnyQuestion
from labbench.interpret.weights.answer import WeightsQuestion
from labbench.runs import EventLog, RunFolder, analyses, notes, weights
from labbench.tui import settings
from tests import answered
from tests.opened import opened
from tests.recorded import course


@dataclasses.dataclass(frozen=True)
class World:
    """A run with everything a run can have, its clips, and the user's own files."""

    run: RunFolder
    asks: dict[str, AnyQuestion]
    """Questions whose answers are kept, by kind."""

    def kept_path(self, kind: str) -> Path:
        """The file of an answer."""
        digest = weights.checkpoint(self.run.path).digest
        return self.run.path / "analysis" / f"{analyses.key(self.asks[kind], digest)}.safetensors"


def make() -> World:
    """Make it in the folders that are set."""
    run = opened({"convs": 2, "channels": 3, "kernel": 5, "batch_norm": True})
    log = EventLog(run.events_path)
    log.append(course(3))
    log.close()
    notes.write(run.path, notes.Notes(tags=("good",), note="mine"))
    clip = heard.of_row(open_clips("tones"), 50)
    preset = run.preset()
    asks: list[AnyQuestion] = [
        dead_question(run),
        EmbeddingQuestion(limit=8),
        evidence_question(run, clip, "occlusion", window_ms=250, stride_ms=250),
        features_question(preset.plan, "conv1", "mean", limit=6),
        maps_question(run, clip, "conv1"),
        MaximiseQuestion(target="low", steps=2, seeds=1),
        pair_question(run, Pair.of(run.predictions("test"), "low", "high")),
        PredictQuestion(clip=clip),
        ProbeQuestion(classifier="knn", layer="conv1", pool="mean", limit=6),
        WeightsQuestion(seed=preset.training.seed),
    ]
    answered.keep(run, *asks)
    jobs.jobs_dir().mkdir(parents=True)
    order = jobs.Add(name="more", path="/clips")
    jobs.write(jobs.Job(order=order, state="failed", created=1.0))
    settings.save(settings.Settings())
    return World(run, {type(ask).__name__: ask for ask in asks})


def sound(form: str, subtype: str = "PCM_16") -> bytes:
    """Some milliseconds of stereo sound in a format."""
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, (400, 2))
    content = io.BytesIO()
    soundfile.write(content, samples, 8_000, format=form, subtype=subtype)
    return content.getvalue()


def archive(suffix: str) -> bytes:
    """Some words of some speakers, and an official list, as an archive."""
    content = io.BytesIO()
    wav = sound("WAV")
    files = {f"{word}/{speaker}_nohash_0.wav": wav for word in "ab" for speaker in range(4)}
    files |= {"a/ä_nohash_1.wav": wav, f"b/{'y' * 120}_nohash_1.wav": wav}
    files["testing_list.txt"] = b"a/0_nohash_0.wav\nb/1_nohash_0.wav\n"
    if suffix == ".zip":
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as zipped:
            for name, data in files.items():
                zipped.writestr(name, data)
        return content.getvalue()
    packing = {".tgz": "w:gz", ".tar.xz": "w:xz", ".tar.bz2": "w:bz2"}.get(suffix, "w")
    with tarfile.open(fileobj=content, mode=packing) as tar:  # type: ignore[call-overload]
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return content.getvalue()


@contextmanager
def replaced(path: Path, content: bytes) -> Iterator[None]:
    """The file with another content, for a while."""
    good = path.read_bytes() if path.exists() else None
    path.write_bytes(content)
    try:
        yield
    finally:
        if good is None:
            path.unlink()
        else:
            path.write_bytes(good)


def own_presets() -> Path:
    """The folder of the user's presets."""
    paths.user_presets_dir().mkdir(parents=True, exist_ok=True)
    return paths.user_presets_dir()
