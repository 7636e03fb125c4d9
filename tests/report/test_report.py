"""The week's work as one page: what it says, and how a real browser takes it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import torch

from labbench import architecture, nets, report
from labbench.cli.app import run_app
from labbench.errors import LabbenchError
from labbench.interpret.channels.answer import FIGURES, dead_question
from labbench.presets import Library, edited, settings_key, to_toml
from labbench.report.gather import again, gather
from labbench.runs import RunFolder, analyses, create, find, predictions, weights
from labbench.runs.reader import listing
from labbench.training.checkpoints import Checkpoints
from labbench.training.progress import Best
from tests import tiny
from tests.recorded import record, report_matrix

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

CELL = "custom-ch64-tanh/5/bn"


@pytest.fixture
def work() -> list[RunFolder]:
    """A cell of a table, a run of long ago, a failed one; the best with weights and its clips."""
    now = time.time()
    key = settings_key(Library().get(CELL))
    cell = record(preset=CELL, settings=key, created=now, test_accuracy=0.7, published=0.6066)
    old = record(synthetic=True)
    failed = record(state="failed", epochs=3, created=now, ended=now, message="out of <memory>")
    return [cell, old, failed, looked_into(now)]


def looked_into(now: float) -> RunFolder:
    """A run with everything that can be shown: weights, clips, predictions of them."""
    clips = tiny.make_clips()
    run = record(preset="custom-ch32", created=now, test_accuracy=0.99)
    preset = edited(run.preset(), ["data.name=tones", "data.words=low,middle,high"])
    (run.path / "preset.toml").write_text(to_toml(preset))
    net = nets.build(architecture.plan(preset.model, 3), seed=1)
    Checkpoints(run.checkpoints_path).save_best(
        net.state_dict(), Best(epoch=9, step=90, val_accuracy=0.9, val_loss=0.1)
    )
    about = json.loads((run.path / "run.json").read_bytes())
    about["clips"] = {"name": "tones", "fingerprint": clips.meta.fingerprint,
                      "folder": str(clips.folder), "counts": {"test": 15},
                      "warnings": ["3 clips are in another split"]}  # fmt: skip
    (run.path / "run.json").write_text(json.dumps(about))
    chosen = clips.select(tiny.WORDS, "test")
    logits = torch.nn.functional.one_hot(torch.from_numpy(chosen.labels), 3).float().numpy() * 3
    logits[:5] = logits[:5, ::-1]
    found = predictions.Predictions(
        "test", 9, tiny.WORDS, chosen.rows,
        tuple(name.decode() for name in clips.names[chosen.rows]), chosen.labels, logits,
    )  # fmt: skip
    predictions.write(run.predictions_path("test"), found)
    return run


class Page(HTMLParser):
    """Counts tags, and collects what would be fetched from outside, and all ids."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.fetched: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for key, value in attrs:
            if key == "id":
                self.ids.append(value or "")
            local = (value or "").startswith(("#", "data:"))
            if key in ("src", "href", "xlink:href") and not local:
                self.fetched.append(value or "")


def test_the_page_holds_the_work_and_needs_nothing_from_outside(
    work: list[RunFolder], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cell, _, failed, best = work
    path = tmp_path / "report.html"
    assert run_app(["report", "-o", str(path), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["runs"] == [cell.id, failed.id, best.id], "the old one is not of this week"
    assert document["bytes"] == path.stat().st_size < 3_000_000
    text = path.read_text()
    page = Page()
    page.feed(text)
    assert page.fetched == []
    assert "script" not in page.tags
    assert len(page.ids) == len(set(page.ids))
    assert page.tags.count("figure") == 5, "accuracies, course, confusion, filters, sounds"
    references = set(re.findall(r"(?:url\(#|href=\"#)([^)\"]+)", text))
    assert references <= set(page.ids)
    for words in ("Best: " + best.id, "0.7000", "published, difference", "low → high",
                  f"labbench run {CELL}", "tones", "torch 2.13.0",
                  "mislead: 3 clips are in another split."):  # fmt: skip
        assert words in text
    assert "SYNTHETIC" not in text
    assert "#010203" not in text


def test_markdown_says_the_same_without_figures(work: list[RunFolder], tmp_path: Path) -> None:
    path = tmp_path / "report.md"
    assert run_app(["report", "1", "2", "-o", str(path), "--title", "Two runs"]) == 0
    text = path.read_text()
    assert text.startswith("# Two runs\n")
    assert "SYNTHETIC" in text
    assert "| word | precision |" in text
    assert f"Best: {work[0].id}, 0.9533 on 4,815 clips" in text, (
        "the other one is on synthetic speech"
    )
    words, matrix = report_matrix()
    assert sum(line.startswith("| ") for line in text.splitlines()) > len(words)
    assert int(matrix.sum()) == 4815


def test_what_is_gone_is_said_to_be_missing(work: list[RunFolder]) -> None:
    best = gather([(work[0], work[0].status())], "").best
    assert best is not None
    assert best.filters is None
    assert best.sounds == ()
    assert "no checkpoint yet" in best.missing[0]
    assert "speech_commands" in best.missing[1]
    waits = create(tiny.preset())
    assert gather([(waits, waits.status())], "").best is None


def test_a_run_on_synthetic_speech_is_not_the_best_beside_one_on_real_clips() -> None:
    real = record(test_accuracy=0.5)
    synthetic = record(synthetic=True, test_accuracy=0.99)
    best = gather([(run, run.status()) for run in (real, synthetic)], "").best
    assert best is not None
    assert best.told.run == real


def test_dead_channels_are_told_where_somebody_asked_before(work: list[RunFolder]) -> None:
    best = gather([(work[3], work[3].status())], "").best
    assert best is not None
    assert best.dead == ()
    ask = dead_question(work[3])
    name = analyses.key(ask, weights.checkpoint(work[3].path).digest)
    layer = {f"conv1.{figure}": np.ones((4, 3)) for figure in FIGURES}
    layer["conv1.awake"] = np.array([[5, 5, 5], [5, 5, 5], [5, 0, 5], [0, 0, 0]])
    about = {"words": list(tiny.WORDS), "of": 15,
             "layers": [{"name": "conv1", "activation": "relu"}]}  # fmt: skip
    kept = analyses.Analysis({"clips": np.array([5, 5, 5]), **layer}, about)
    analyses.save(work[3].path, name, kept)
    best = gather([(work[3], work[3].status())], "").best
    assert best is not None
    assert best.dead[0].startswith("Of 4 channels in 1 layer, 1 (25%) are dead for every label")


def test_a_command_makes_the_same_preset_again(work: list[RunFolder]) -> None:
    library = Library()
    for run in work:
        words = again(run, library).split()
        assert words[:2] == ["labbench", "run"]
        if words[2].endswith(".toml"):
            continue
        changed = edited(library.get(words[2]), words[4::2])
        assert settings_key(changed) == settings_key(run.preset())
        assert changed.data.name == run.preset().data.name


def test_the_times_that_since_takes() -> None:
    now = datetime(2026, 11, 25, 12, tzinfo=UTC)
    assert report.since("7d", now) == now - timedelta(days=7)
    assert report.since("36h", now) == now - timedelta(hours=36)
    assert report.since("2w", now) == now - timedelta(weeks=2)
    assert report.since("2026-11-01", now).date().isoformat() == "2026-11-01"
    for no_time in ("tuesday", "9999999d", f"{'9' * 20}h", f"{'9' * 5000}d"):
        with pytest.raises(LabbenchError, match="--since"):
            report.since(no_time, now)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["-o", "report.pdf"], 1, "neither .html nor .md"),
        (["--since", "1h"], 5, "no run to report on"),
        (["7"], 5, "there is no run '7'"),
    ],
    ids=["name", "nothing", "unknown"],
)
def test_what_cannot_be_written_is_said(
    words: list[str], code: int, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    record()
    assert run_app(["report", *words]) == code
    assert says in capsys.readouterr().err
    assert list(tmp_path.glob("report*")) == []


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
def test_a_real_browser_shows_it_without_complaint(work: list[RunFolder], tmp_path: Path) -> None:
    path, picture = tmp_path / "report.html", tmp_path / "report.png"
    report.write(listing()[0], path, title="In a browser")
    done = subprocess.run(
        [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
         "--disable-background-networking", f"--user-data-dir={tmp_path / 'profile'}",
         "--window-size=900,3000", f"--screenshot={picture}", "--dump-dom",
         "--enable-logging=stderr", f"file://{path}"],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert "CONSOLE" not in done.stderr
    seen = Page()
    seen.feed(done.stdout)
    written = Page()
    written.feed(path.read_text())
    assert seen.tags.count("svg") == written.tags.count("svg") == 5
    assert seen.tags.count("td") == written.tags.count("td")
    assert find("last").id in done.stdout
    from matplotlib.image import imread

    assert len({tuple(pixel) for row in imread(picture)[::7, ::7] for pixel in row}) > 100
