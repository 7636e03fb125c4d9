"""Takes the pictures of screens that the README shows, from runs recorded for it.

    python -m docs.make_screenshots [NAME ...]

A new screen is one line in `SCREENS`. Pictures are the same every time: the clock, the machine and
the runs are those of the snapshot tests; only what is inside a net is that of a run trained here.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from labbench.api import train
from labbench.audio.synthesis import synthesize
from labbench.presets import WORDS
from labbench.runs import Predictions, RunFolder, predictions
from tests.comparing import answer_otherwise, learn_otherwise
from tests.recorded import about, record
from tests.tui.conftest import NOW, World, every_state, keys, settle

FOLDER = Path(__file__).parent / "screens"

SPOKEN = 480
"""Clips of the small synthetic set whose cell and clip are shown."""


@dataclass(frozen=True)
class Screen:
    """A picture: what is pressed before it is taken."""

    name: str
    about: str
    keys: tuple[str, ...]
    size: tuple[int, int] = (120, 34)
    trained: bool = False
    """Whether it is of the run that is trained for it; all after it are taken with that run."""


SCREENS = (
    Screen("bench", "Bench: pick a preset and launch it", ("j", "j", "j")),
    Screen("runs", "Runs: all runs, live", ("2", "j", "j")),
    Screen("run", "Run: curves of a live run", ("2", *"jjjjjjjj", "enter")),
    Screen("confusion", "Results: the confusion matrix", ("2", *"jjjjjjjjj", "R")),
    Screen("classes", "Results: figures by class", ("2", *"jjjjjjjjj", "R", "tab")),
    Screen("clip", "One clip of a confusion", ("2", "R", "enter", "enter"), (100, 30)),
    Screen("compare", "Compare: what differs", ("2", "j", "space", *"jjjjjjj", "space", "4", "j"),
           (140, 45)),
    Screen("tables", "Tables: how much of the report is filled", ("3",)),
    Screen("data", "Data: sets of clips", ("5",)),
    Screen("filters", "Inside: what each kernel of a layer lets through", ("2", "i"),
           trained=True),
    Screen("evidence", "Inside: what in a clip speaks for a word",
           ("2", "i", "V", "slash", *"bird", "enter"), trained=True),
)  # fmt: skip


def main(names: list[str]) -> int:
    """Take the pictures of these names, or all."""
    unknown = set(names) - {screen.name for screen in SCREENS}
    if unknown:
        print(f"There is no screen {', '.join(sorted(unknown))}.", file=sys.stderr)
        return 2
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"LABBENCH_HOME": home, "LABBENCH_CONFIG": f"{home}/config", "TZ": "UTC"}
        os.environ["TEXTUAL_ANIMATIONS"] = "none"
        time.tzset()
        runs()
        learned = False
        for screen in SCREENS:
            if not names or screen.name in names:
                if screen.trained and not learned:
                    train("demo", ["training.epochs=30"])
                    learned = True
                path = FOLDER / f"{screen.name}.svg"
                path.write_text(asyncio.run(taken(screen)), encoding="utf-8")
                print(path)
    return 0


def runs() -> None:
    """One run in every state, one to compare, and one on clips that can be heard."""
    every_state()
    other = record(preset="custom-ch64", ended=NOW - 2000, created=NOW - 8000)
    answer_otherwise(other, lost=18, won=46)
    learn_otherwise(other, pace=1.4)
    hear(record(preset="custom-ch32", synthetic=True, ended=NOW - 50, created=NOW - 300))


def hear(run: RunFolder) -> None:
    """Have a run's test results be those of synthetic speech that is there."""
    clips = synthesize(clips=SPOKEN, workers=1)
    chosen = clips.select(WORDS, "test")
    generator = np.random.default_rng(3)
    logits = generator.normal(0, 1, (len(chosen.rows), len(WORDS))).astype(np.float32)
    logits[np.arange(len(logits)), chosen.labels] += 3
    tree, three = WORDS.index("tree"), WORDS.index("three")
    logits[chosen.labels == tree, three] += 5
    names = tuple(clips.names[row].decode() for row in chosen.rows)
    found = Predictions("test", 9, WORDS, chosen.rows, names, chosen.labels, logits)
    predictions.write(run.predictions_path("test"), found)
    said = about(True)
    said["clips"] = {
        "name": clips.meta.name, "kind": "synthetic", "fingerprint": clips.meta.fingerprint,
        "folder": str(clips.folder), "counts": {},
    }  # fmt: skip
    (run.path / "run.json").write_bytes(msgspec.json.encode(said))


async def taken(screen: Screen) -> str:
    """The picture of a screen as SVG."""
    app = World().app()
    async with app.run_test(size=screen.size) as pilot:
        await settle(pilot)
        await keys(pilot, *screen.keys)
        app.clear_notifications()
        await settle(pilot)
        picture = app.export_screenshot(title=f"labbench: {screen.about}")
    # Without it some viewers drop spaces at the start of a text.
    return picture.replace("<text ", '<text xml:space="preserve" ')


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
