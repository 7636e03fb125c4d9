"""How fast the inside of a net is shown: custom-ch32 with 8 convolutions, untrained, on the CPU.

    python -m benchmarks.inside [--clips 2000] [--rounds 5] [--json]

What is measured, each beside its budget:
    cached view     from a key to the picture of an answer that is kept (in the app, 140x45)
    filters         a layer's filters from the checkpoint to the picture, nothing loaded before:
                    the slowest layer
    maps, Grad-CAM  from the question to the answer, the analyst being up: the slowest layer
    dead channels   over all clips, with nothing else to do, and watched in the app
    keys            from a key to another filter's picture while the dead channels are counted
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from benchmarks.tui import SIZE, Measured
from labbench.audio.clips import open_clips
from labbench.audio.store import Columns, Description, building
from labbench.interpret.attribution.answer import evidence_question
from labbench.interpret.channels.answer import DeadQuestion, dead_question
from labbench.interpret.clip import listing
from labbench.interpret.feature_maps.answer import MapsQuestion
from labbench.presets import WORDS, Library, edited
from labbench.runs import RunFolder, create, status
from labbench.worker.analyst import Analyst

LAYERS = [f"conv{number}" for number in range(1, 9)]
KEYS_EVERY_S = 0.2


def main() -> int:
    """Measure all; 1 if a budget is missed."""
    options = _options()
    home = Path(tempfile.mkdtemp(prefix="labbench-bench-"))
    os.environ["LABBENCH_HOME"] = str(home)
    os.environ["TEXTUAL_ANIMATIONS"] = "none"
    try:
        run = prepared(options.clips)
        found = [filters(run, options.rounds), *analyst(run, options.clips)]
        found += asyncio.run(app(run, options.rounds))
    finally:
        shutil.rmtree(home, ignore_errors=True)
    if options.json:
        print(json.dumps([asdict(one) for one in found], indent=2))
    else:
        print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores")
        print("| what | measured | budget |\n|---|---|---|")
        print("\n".join(one.row() for one in found))
    return 0 if all(one.within for one in found) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--clips", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def prepared(clips: int) -> RunFolder:
    """The run, made in a process of its own: screens never hold torch."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return RunFolder(pool.submit(untrained, clips).result())


def untrained(clips: int) -> Path:
    """A finished run with fresh weights on so many test clips of noise."""
    from labbench import architecture, nets
    from labbench.training.checkpoints import Checkpoints
    from labbench.training.progress import Best, Progress

    rng = np.random.default_rng(0)
    columns = Columns()
    with building("noise", replace=True) as writer:
        for split, count in enumerate((16, 16, clips)):
            for index in range(count):
                swell = np.exp(-((np.arange(16_000) / 16_000 - rng.uniform(0.2, 0.8)) ** 2) * 60)
                writer.append((rng.normal(0, 6000, 16_000) * swell).astype(np.int16)[None])
                columns.names.append(f"{WORDS[index % 16]}/{split}-{index}.wav")
                columns.words.append(WORDS[index % 16])
                columns.splits.append(split)
                columns.speakers.append(f"{split}")
                columns.lengths.append(16_000)
                columns.flags.append(0)
        writer.finish(columns, Description("folder", WORDS, "by hand", "a benchmark"))
    made = open_clips("noise")
    preset = edited(Library().get("custom-ch32"), ["data.name=noise"])
    run = create(preset)
    net = nets.build(architecture.plan(preset.model, len(WORDS)), seed=0)
    best = Best(epoch=1, step=1, val_accuracy=0.1, val_loss=1.0)
    checkpoints = Checkpoints(run.checkpoints_path)
    checkpoints.save_best(net.state_dict(), best)
    tensors = {f"net.{name}": tensor for name, tensor in net.state_dict().items()}
    checkpoints.save_last(tensors, Progress(epoch=1, step=1, best=best), 0)
    about = {"clips": {"name": "noise", "kind": "folder", "folder": str(made.folder),
                       "fingerprint": made.meta.fingerprint}}  # fmt: skip
    (run.path / "run.json").write_bytes(msgspec.json.encode(about))
    now = msgspec.structs.replace(run.status(), state="finished", epoch=1, epochs=1, clips="noise")
    status.write(run.status_path, now)
    return run.path


def filters(run: RunFolder, rounds: int) -> Measured:
    """The slowest layer's filters, drawn; libraries loaded, nothing of the run read before."""
    from labbench.draw.export import ansi
    from labbench.interpret.filters.answer import run_filters
    from labbench.interpret.filters.options import FiltersOptions
    from labbench.interpret.filters.picture import FiltersView

    def shown(layer: str) -> Callable[[], object]:
        options = FiltersOptions(layer=layer)
        return lambda: ansi(FiltersView.of([run_filters(run, layer)], options), *SIZE, "truecolor")

    shown("conv1")()
    slowest = max(statistics.median(_times(shown(layer), rounds)) for layer in LAYERS)
    return Measured("filters of a layer, cold", 1000 * slowest, "ms", 300)


def analyst(run: RunFolder, clips: int) -> list[Measured]:
    """Answers of a process that is up and has loaded the net."""
    heard = listing(run)
    with Analyst(run) as process:
        process.ask(MapsQuestion(clip=heard[-1], layer="conv1"))
        maps = max(
            _time(lambda ask=ask: process.ask(ask))
            for ask in [MapsQuestion(clip=heard[0], layer=layer) for layer in LAYERS]
        )
        # The first loads captum.
        first = _time(lambda: process.ask(evidence_question(run, heard[-1], layer="conv1")))
        cam = max(
            _time(lambda ask=ask: process.ask(ask))
            for ask in [evidence_question(run, heard[0], layer=layer) for layer in LAYERS]
        )
        dead = _time(lambda: process.ask(dead_question(run)))
    return [
        Measured("feature maps of a clip", maps, "s", 1.0),
        Measured("Grad-CAM of a clip, the first", first, "s", 1.0),
        Measured("Grad-CAM of a clip", cam, "s", 1.0),
        Measured(f"dead channels over {clips:,} clips", dead, "s", 60.0),
    ]


@dataclass
class Painted:
    """When the first picture of a tab came to the screen since `at` was 0."""

    at: float = 0.0

    def watch(self) -> None:
        """Note every picture from now on."""
        from labbench.tui.canvas import Canvas
        from labbench.tui.inside.tab import Tab

        show = Canvas.show

        def noted(picture: Any, lines: Any) -> None:
            show(picture, lines)
            if isinstance(picture.parent, Tab):
                self.at = self.at or time.perf_counter()

        Canvas.show = noted  # type: ignore[method-assign]


async def app(run: RunFolder, rounds: int) -> list[Measured]:
    """The Inside screen: kept answers, and keys while the analyst works."""
    from labbench.tui.app import BenchApp
    from labbench.tui.inside.clips import MapsTab
    from labbench.tui.inside.dead import DeadTab
    from labbench.tui.inside.filters import FiltersTab
    from labbench.tui.inside.screen import InsideScreen

    painted = Painted()
    painted.watch()
    async with BenchApp().run_test(size=SIZE) as pilot:
        screen = InsideScreen(run.id, MapsTab)
        await pilot.app.push_screen(screen)
        await _until(lambda: painted.at > 0)
        # Two clips in three layers, so that their answers are kept.
        steps = ["right_square_bracket", "l", "left_square_bracket", "l", "right_square_bracket"]
        for key in steps:
            await _painted(pilot, painted, key)
        back = ["h", "left_square_bracket", "l", "right_square_bracket"]
        kept = [await _painted(pilot, painted, key) for key in back * rounds]
        screen.open_tab(FiltersTab)
        await _until(lambda: screen.exportable())
        _forget_dead(run)
        screen.open_tab(DeadTab)
        begun, dead = time.perf_counter(), screen.tab
        assert dead is not None
        await _until(lambda: dead.busy)
        screen.open_tab(FiltersTab)
        keys = []
        while dead.busy:
            keys.append(await _painted(pilot, painted, "k" if len(keys) % 2 else "j"))
            await asyncio.sleep(KEYS_EVERY_S)
        watched = time.perf_counter() - begun
    return [
        Measured("a kept answer, from key to picture: the slowest", 1000 * max(kept), "ms", 100),
        Measured("in the median", 1000 * statistics.median(kept), "ms"),
        Measured("dead channels, watched", watched, "s", 60.0),
        Measured("a key meanwhile, to another filter's picture", 1000 * statistics.median(keys),
                 "ms"),
        Measured(f"the slowest of {len(keys)}", 1000 * max(keys), "ms"),
    ]  # fmt: skip


async def _painted(pilot: Any, painted: Painted, key: str) -> float:
    """Seconds from a key to the picture it changes."""
    painted.at = 0.0
    begun = time.perf_counter()
    # The pilot itself waits until all is idle: it is not waited for.
    pressed = asyncio.create_task(pilot.press(key))
    await _until(lambda: painted.at > 0)
    await pressed
    return painted.at - begun


async def _until(done: Callable[[], bool], within_s: float = 120.0) -> None:
    limit = time.perf_counter() + within_s
    while not done():
        if time.perf_counter() > limit:
            raise TimeoutError(f"nothing came within {within_s:.0f} s")
        await asyncio.sleep(0.001)


def _forget_dead(run: RunFolder) -> None:
    """Have the dead channels counted anew."""
    tag = DeadQuestion.__struct_config__.tag
    for path in (run.path / "analysis").glob(f"{tag}-*"):
        path.unlink()


def _times(work: Callable[[], object], rounds: int) -> list[float]:
    return [_time(work) for _ in range(rounds)]


def _time(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    sys.exit(main())
