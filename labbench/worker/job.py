"""One attempt at a run: clips, net and loop put together, and what they yield kept."""

from __future__ import annotations

import contextlib
import platform
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import torch

from labbench import nets
from labbench.audio.clips import Clips, Selection, open_clips
from labbench.audio.findings import read_check
from labbench.audio.library import SYNTHETIC
from labbench.errors import DataError, DeviceError
from labbench.presets import memory
from labbench.runs import Predictions, RunFolder, control, events, predictions
from labbench.runs.control import Request
from labbench.runs.files import write_atomic
from labbench.runs.flaws import ENGINE
from labbench.training.batches import ClipStore, share_of_each
from labbench.training.checkpoints import Checkpoints, Loaded
from labbench.training.device import (
    choose_device,
    choose_precision,
    device_name,
    free_bytes,
)
from labbench.training.engine import Engine, native
from labbench.training.loop import Evaluation, Item, Loop, Snapshot
from labbench.version import VERSION
from labbench.worker.recorder import Recorder


def given_device(given: str, wanted: str) -> torch.device:
    """The device a run was given a slot on, or what its preset says where torch has no such.

    The driver may tell of a GPU that this torch cannot use: then auto still means the best there
    is, and a pinned GPU is refused by its own name.

    Raises:
        DeviceError: what the preset says is not to be had here.
    """
    if given:
        with contextlib.suppress(DeviceError):
            return choose_device(given)
    return choose_device(wanted)


class Job:
    """Trains a run from its start or its last checkpoint."""

    def __init__(
        self,
        run: RunFolder,
        recorder: Recorder,
        asked: Callable[[], Request | None],
        *,
        device: str = "",
        preset: str = "",
    ) -> None:
        self.folder = run
        self.recorder = recorder
        self.asked = asked
        self.preset = run.preset(preset)
        self.given_device = device
        self.checkpoints = Checkpoints(run.checkpoints_path)
        self.splits: dict[str, Selection] = {}

    def run(self) -> events.Ended:
        """Train until the run ends by itself or on request.

        Raises:
            LabbenchError: it cannot go on, and why.
        """
        clips = self._clips()
        self._select(clips)
        loaded = self.checkpoints.load_last()
        self._same_numbers(loaded is not None)
        device = given_device(self.given_device, self.preset.training.device)
        loop = self._loop(clips, device)
        about = self._about(clips, loop, device)
        self._take_up(loop, loaded, about)
        for item in loop.run():
            if isinstance(item, events.Ended):
                return item
            self._keep(item, loop, clips)
        raise AssertionError("the loop ended without saying how")

    def _clips(self) -> Clips:
        name = self.preset.data.name
        self._doing(f"opening the clips of {name}")
        if name == SYNTHETIC:
            from labbench.audio.synthesis import ensure_synthetic

            return ensure_synthetic(self._synthesizing)
        return open_clips(name)

    def _synthesizing(self, done: int, total: int, what: str, /) -> None:
        self.asked()
        if time.time() - (self.recorder.status.heartbeat or 0) > 0.5:
            self._doing(f"making synthetic speech: {what} {done:,} of {total:,}")

    def _doing(self, what: str) -> None:
        self.recorder.update(message=what)

    def _select(self, clips: Clips) -> None:
        words, data = self.preset.data.words, self.preset.data
        for split in ("train", "validation", "test"):
            self.splits[split] = clips.select(words, split)
        train = self.splits["train"]
        kept = share_of_each(train.labels, data.train_share, self.preset.training.seed)
        self.splits["train"] = Selection(train.rows[kept], train.labels[kept])

    def _same_numbers(self, resuming: bool) -> None:
        """On the CPU sums depend on the number of threads: a resumed run keeps its own."""
        threads = self.folder.about().get("threads")
        if resuming and threads:
            torch.set_num_threads(int(threads))
        torch.backends.cudnn.deterministic = True

    def _loop(self, clips: Clips, device: torch.device) -> Loop:
        preset = self.preset
        precision = choose_precision(preset.training.precision, device)
        self._doing(f"moving {sum(len(s.rows) for s in self.splits.values()):,} clips to {device}")
        stores = {
            split: ClipStore(clips.clips, chosen.rows, chosen.labels, device)
            for split, chosen in self.splits.items()
        }
        self._doing("building the net")
        memory.check(preset, len(stores["train"]), free_bytes(device), str(device), device.type)
        net = nets.build(preset.plan, seed=preset.training.seed).to(device)
        engine = Engine(net, device, precision, self._products())
        return Loop(preset, net, engine, stores, self.asked)

    def _products(self) -> str:
        """What did the matrix products when the run began; before that was told, torch did."""
        before = self.folder.about()
        return str(before.get("products", native.TORCH)) if before else ""

    def _about(self, clips: Clips, loop: Loop, device: torch.device) -> dict[str, Any]:
        """What run.json holds: versions, host, device, seed, clips."""
        counts = {split: len(chosen.rows) for split, chosen in self.splits.items()}
        meta = clips.meta
        check = read_check(clips.folder, meta)
        return {
            "labbench": VERSION,
            "torch": str(torch.__version__),
            "numpy": np.__version__,
            "python": platform.python_version(),
            "platform": platform.platform(),
            "host": socket.gethostname(),
            "command": sys.orig_argv,
            "device": device_name(device),
            "precision": loop.engine.precision,
            "engine": ENGINE,
            "products": loop.engine.products,
            "threads": torch.get_num_threads(),
            "seed": self.preset.training.seed,
            "parameters": sum(p.numel() for p in loop.net.parameters()),
            "clips": {
                "name": meta.name, "kind": meta.kind, "fingerprint": meta.fingerprint,
                "folder": str(clips.folder), "counts": counts,
                "warnings": [one.in_words for one in check.warnings] if check else [],
            },
        }  # fmt: skip

    def _take_up(self, loop: Loop, loaded: Loaded | None, about: dict[str, Any]) -> None:
        """Set the log and the loop to where the run goes on from."""
        before = self.folder.about()
        if loaded is None:
            self.recorder.log.cut(0)
            self._write_about(about)
            self.recorder.update(engine=ENGINE)
        else:
            self._check_clips(before, about)
            loop.resume(loaded)
            self.recorder.log.cut(loaded.about.events_bytes)
            self.checkpoints.restore_best_pointer(loaded.about)
        progress = loop.progress
        best = progress.best
        self.recorder.update(
            message="warming up", device=about["device"], clips=about["clips"]["name"],
            fingerprint=about["clips"]["fingerprint"],
            synthetic=about["clips"]["kind"] == "synthetic", parameters=about["parameters"],
            epoch=progress.epoch, step=progress.step, steps_per_epoch=loop.steps_per_epoch,
            elapsed_s=progress.elapsed_s,
            best_val_accuracy=best.val_accuracy if best else None,
            best_epoch=best.epoch if best else None,
        )  # fmt: skip
        self.recorder.event(
            events.Started(
                time=time.time(), attempt=self.recorder.status.attempt, epoch=progress.epoch,
                step=progress.step, device=about["device"], precision=about["precision"],
                threads=about["threads"], engine=ENGINE,
            )
        )  # fmt: skip
        self._note_differences(before, about)

    def _write_about(self, about: dict[str, Any]) -> None:
        content = msgspec.json.format(msgspec.json.encode(about), indent=2)
        path = self.folder.path
        write_atomic(path / "run.json", content, within=path.parent)

    def _check_clips(self, before: dict[str, Any], about: dict[str, Any]) -> None:
        was, now = before.get("clips", {}), about["clips"]
        if was and was.get("fingerprint") != now["fingerprint"]:
            raise DataError(
                f"the clips of {now['name']!r} are no longer those the run began with.",
                where=self.folder.id,
                hint="Start a new run, or bring the old clips back.",
            )

    def _note_differences(self, before: dict[str, Any], about: dict[str, Any]) -> None:
        told = {"products": native.TORCH, **before} if before else about
        for key in ("torch", "device", "threads", "host", "products"):
            if told.get(key) != about[key]:
                text = f"resumed with {key} {about[key]}, begun with {told.get(key)}: "
                text += "numbers may differ in the last places"
                self.recorder.event(events.Note(time=time.time(), text=text))

    def _keep(self, item: Item, loop: Loop, clips: Clips) -> None:
        """Put what the loop yielded on disk, then say so."""
        match item:
            case Evaluation():
                self._write_predictions(item, clips)
            case Snapshot(kind="best"):
                assert item.progress.best is not None
                self.checkpoints.save_best(item.tensors, item.progress.best)
                self._saved("best", loop)
            case Snapshot():
                size = self.recorder.log.size()
                self.checkpoints.save_last(item.tensors, item.progress, size)
                control.done(self.folder.control_path, "checkpoint")
                self._saved("last", loop)
            case _:
                self.recorder.event(item)

    def _saved(self, kind: Any, loop: Loop) -> None:
        progress = loop.progress
        self.recorder.event(events.Checkpoint(kind=kind, epoch=progress.epoch, step=progress.step))

    def _write_predictions(self, evaluation: Evaluation, clips: Clips) -> None:
        chosen = self.splits[evaluation.split]
        names = np.asarray(clips.names[chosen.rows])
        predictions.write(
            self.folder.predictions_path(evaluation.split),
            Predictions(
                split=evaluation.split, epoch=evaluation.epoch, words=self.preset.data.words,
                clips=chosen.rows, actual=chosen.labels, logits=evaluation.logits_NK,
                names=tuple(np.char.decode(names, "utf-8").tolist()),
            ),
        )  # fmt: skip
