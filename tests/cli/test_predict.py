"""`labbench predict`, as typed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from labbench.cli.app import run_app
from labbench.runs import RunFolder, predictions
from tests.opened import opened
from tests.recorded import record
from tests.unprivileged import unprivileged


@pytest.fixture
def run() -> RunFolder:
    return opened()


def typed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run_app(["predict", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_one_bad_file_loses_none_of_the_others(
    run: RunFolder, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 44_100 * 2)
    soundfile.write(tmp_path / "long.flac", noise, 44_100)
    (tmp_path / "bad.wav").write_text("hello")
    files = (str(tmp_path), str(tmp_path / "none.mp3"), "high")
    code, out, err = typed(capsys, "1", *files, "--json", "--top", "2", "--stride", "500")
    assert code == 4
    assert "bad.wav: is not sound" in err
    assert "none.mp3: there is no such file" in err
    document = json.loads(out)
    long, high = document["sounds"]
    assert (long["name"], long["rate_hz"], long["starts_s"]) == ("long.flac", 44_100, [0, 0.5, 1])
    assert [len(one["top"]) for one in (long, high)] == [2, 2]
    assert [Path(one["where"]).name for one in document["unreadable"]] == ["bad.wav", "none.mp3"]
    test = predictions.read(run.predictions_path("test"))
    row = test.names.index(high["name"])
    assert high["probabilities"][0] == pytest.approx(test.probabilities[row].tolist(), abs=1e-5)
    # What is kept needs no analyst any more.
    code, out, err = typed(capsys, "1", "high", "--format", "csv")
    assert code == 0
    assert out.splitlines()[0].startswith("sound,start_s,predicted,probability,p(low)")


def test_nothing_to_hear_prints_nothing(run: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = typed(capsys, "1", "none.wav", "nor.wav")
    assert (code, out) == (4, "")
    assert "none.wav" in err
    assert "nor.wav" in err
    code, out, _ = typed(capsys, "1", "none.wav", "--json")
    assert code == 4
    assert json.loads(out)["sounds"] == []


def test_a_run_without_a_net_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    record()
    code, out, err = typed(capsys, "1", "none.wav")
    assert (code, out) == (5, "")
    assert "no checkpoint" in err


def test_wrong_usage(run: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed(capsys, "1")[0] == 2
    assert typed(capsys, "1", "high", "--stride", "0")[0] == 2


def test_where_nothing_can_be_kept_it_tells_all_the_same(run: RunFolder, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()
    folders = [nowhere, *(path for path in tmp_path.rglob("*") if path.is_dir())]
    environment = {key: value for key, value in os.environ.items() if key != "XDG_CACHE_HOME"}
    command = unprivileged(
        sys.executable, "-m", "labbench", "predict", "1", "high", "low", "--json"
    )
    for folder in folders:
        folder.chmod(0o555)
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, env={**environment, "HOME": str(nowhere)}
        )
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert done.returncode == 0, done.stderr
    test = predictions.read(run.predictions_path("test"))
    for sound in json.loads(done.stdout)["sounds"]:
        of = test.probabilities[test.names.index(sound["name"])].tolist()
        assert sound["probabilities"][0] == pytest.approx(of, abs=1e-5)
    (told,) = [line for line in done.stderr.splitlines() if "kept" in line]
    assert told == (
        f"labbench: the answer is kept nowhere: {run.path / 'analysis'}"
        " cannot be written: Permission denied."
    )
