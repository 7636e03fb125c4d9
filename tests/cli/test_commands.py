"""The commands as a person calls them: one process each, exit codes, stdout against stderr."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from labbench import paths
from labbench.runs import find, list_runs
from tests import tiny

PRESET = """
[model]
convs = 4
channels = 4
dropout = 0.2
batch_norm = true
[data]
name = "tones"
words = ["low", "middle", "high"]
[training]
batch = 8
epochs = 2
patience = 0
device = "cpu"
"""


def labbench(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "labbench", *arguments], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture
def preset(labbench_home: Path) -> str:
    """The tiny data set, and the tiny preset among the user's own."""
    tiny.make_clips()
    (labbench_home / "presets").mkdir(parents=True, exist_ok=True)
    (labbench_home / "presets" / "mine.toml").write_text(PRESET)
    return "mine"


def test_a_run_from_preset_to_results(preset: str, tmp_path: Path) -> None:
    done = labbench("run", preset)
    assert "epoch 2/2" in done.stderr
    for text in ("test accuracy", "precision", "actual", "middle"):
        assert text in done.stdout
    assert "epoch 2/2 " not in done.stdout
    listed = json.loads(labbench("runs", "--json").stdout)
    assert [(row["number"], row["state"]) for row in listed] == [(1, "finished")]
    assert "finished" in labbench("runs").stdout
    for view in ("summary", "classes", "confusion", "curves"):
        assert labbench("show", "last", view).stdout.strip()
        json.loads(labbench("show", "1", view, "--format", "json").stdout)
    target = tmp_path / "confusion.svg"
    assert labbench("show", "1", "confusion", "-f", "svg", "-o", str(target)).stdout == ""
    assert target.read_text().startswith("<svg")
    labbench("runs", "rm", "1", code=1)
    assert "--yes" in labbench("runs", "rm", "1", code=1).stderr
    labbench("runs", "rm", "1", "--yes")
    assert list_runs() == []


def test_json_is_one_document_and_nothing_else(preset: str) -> None:
    done = labbench("run", preset, "--json", "--set", "training.epochs=1", "--quiet")
    document: dict[str, Any] = json.loads(done.stdout)
    assert done.stderr == ""
    assert document["status"]["state"] == "finished"
    assert document["published_accuracy"] is None
    results = document["results"]
    matrix = np.array(results["confusion"]["matrix"])
    assert matrix.sum() == tiny.COUNTS["test"]
    assert results["accuracy"] == pytest.approx(np.trace(matrix) / matrix.sum())
    assert results["accuracy"] == document["status"]["test_accuracy"]
    assert [row["class"] for row in results["classes"]] == list(tiny.WORDS)


def test_ctrl_c_stops_and_resume_goes_on(preset: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "labbench", "run", preset, "--set", "training.epochs=500"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if list_runs() and find("last").status().step > 3:
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, talk = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "labbench run --resume 1" in talk
    assert find("1").status().state == "stopped"
    assert (
        "as it is" in labbench("run", "--resume", "1", "--set", "training.epochs=3", code=3).stderr
    )


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["run", "custom-ch23"], 3, ["custom-ch23", "Did you mean", "custom-ch32"]),
        (["run"], 3, ["labbench run demo"]),
        (["run", "mine", "--set", "model.conv=3"], 3, ["model.conv", "convs"]),
        (["run", "mine", "--data", "nope"], 4, ["nope", "tones"]),
        (["run", "mine", "--resume", "7"], 3, ["as it is"]),
        (["run", "--resume", "7"], 5, ["7"]),
        (["show", "last"], 5, ["labbench run demo"]),
        (["show", "last", "confuson"], 2, ["confusion"]),
        (["presets", "zzzz"], 3, ["zzzz"]),
        (["data", "show", "tonse"], 4, ["tones"]),
        (["nonsense"], 2, ["nonsense"]),
    ],
)
def test_mistakes_are_told_with_the_way_out(
    preset: str, arguments: list[str], code: int, words: list[str]
) -> None:
    done = labbench(*arguments, code=code)
    assert done.stdout == ""
    for word in words:
        assert word in done.stderr


def test_presets_are_listed_with_the_reports_figures() -> None:
    rows = json.loads(labbench("presets", "--json").stdout)
    cells = [row for row in rows if row["table"]]
    assert len(cells) == 303
    cell = next(row for row in cells if row["name"] == "custom-ch64-tanh/8/do0.5")
    assert cell["published_accuracy"] == 0.9433
    assert cell["parameters"] == 363_600
    assert (cell["table"], cell["row"], cell["column"]) == ("custom-ch64-tanh", "8", "do0.5")
    text = labbench("presets", "custom-ch*").stdout
    assert "0.9533" in text
    assert "94,768" in text
    assert 'initializer = "xavier_uniform"' in labbench("presets", "vgg", "--show").stdout


def test_a_preset_file_that_cannot_be_read_is_named_and_hides_no_other() -> None:
    folder = paths.user_presets_dir()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "broken.toml").write_bytes(bytes(range(256)))
    for arguments in (["presets", "vgg"], ["table"]):
        done = labbench(*arguments)
        assert "vgg" in done.stdout
        assert "broken.toml: is not UTF-8" in done.stderr
    assert "broken.toml" in labbench("presets", "broken", "--show", code=3).stderr


def test_help_and_version() -> None:
    text = labbench("--help").stdout
    for command in ("presets", "run", "runs", "show", "data", "stop", "Exit codes"):
        assert command in text
    assert labbench("--version").stdout.startswith("labbench 0.")


def test_data_from_folder_to_removal(tmp_path: Path) -> None:
    content = io.BytesIO()
    soundfile.write(content, np.ones(8_000, np.int16), 16_000, format="WAV")
    for word in ("yes", "no"):
        (tmp_path / "in" / word).mkdir(parents=True)
        for number in range(12):
            (tmp_path / "in" / word / f"{number}.wav").write_bytes(content.getvalue())
    (tmp_path / "in" / "yes" / "broken.wav").write_bytes(b"RIFF")
    done = labbench("data", "add", "own", str(tmp_path / "in"))
    assert "broken.wav" in done.stdout
    assert "24 padded" in done.stdout
    shown = json.loads(labbench("data", "show", "own", "--json").stdout)
    assert shown["clips_by_word"]["yes"] == {"train": 10, "validation": 1, "test": 1}
    assert shown["under_one_second"] == 24
    assert [row["name"] for row in json.loads(labbench("data", "list", "--json").stdout)] == ["own"]
    assert "own" in labbench("data", "list").stdout
    assert "--replace" in labbench("data", "add", "own", str(tmp_path / "in"), code=4).stderr
    assert "--yes" in labbench("data", "rm", "own", code=1).stderr
    labbench("data", "rm", "own", "--yes")
    assert "no data sets yet" in labbench("data", "list").stderr


def test_data_synth_makes_a_small_set() -> None:
    done = labbench("data", "synth", "--name", "few", "--clips", "60", "--words", "one,two,tree")
    assert "SYNTHETIC" in done.stdout
    assert "48" in done.stdout
