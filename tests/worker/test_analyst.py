"""Questions answered by a process of its own: kept, cancelled, dying."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import numpy as np
import psutil
import pytest

from labbench.errors import DataError, RunError
from labbench.interpret import catalogue, context
from labbench.interpret.clip import Heard, named
from labbench.interpret.feature_maps.answer import AskMaps
from labbench.runs import RunFolder
from labbench.worker.analyst import Analyst, NotWantedError, kept
from tests.opened import opened

FAKE = """
import json, sys, time
for line in sys.stdin:
    message = json.loads(line)
    number = message["number"]
    if message["type"] == "question":
        print(json.dumps({"type": "far", "number": number, "done": 1, "total": 9, "what": "w"}),
              flush=True)
    elif MODE == "obedient":
        print(json.dumps({"type": "cancelled", "number": number}), flush=True)
"""


@pytest.fixture
def run() -> RunFolder:
    return opened()


def ask(run: RunFolder, layer: str = "conv1") -> AskMaps:
    return AskMaps(clip=named(run, "low"), layer=layer)


def fake(mode: str):
    """The command of an analyst that never answers."""
    return lambda run: [sys.executable, "-c", f"MODE = {mode!r}\n{FAKE}"]


def never(run: RunFolder) -> list[str]:
    raise AssertionError("no process was to be started")


def test_an_answer_is_what_torch_computes_and_is_kept(run: RunFolder) -> None:
    told: list[str] = []
    with Analyst(run) as analyst:
        found = analyst.answer(ask(run), report=lambda done, total, what: told.append(what))
        again = analyst.answer(ask(run, "conv2"))
    expected = catalogue.compute(context.load(run), ask(run))
    for name, array in expected.arrays.items():
        np.testing.assert_allclose(found.arrays[name], array, atol=1e-6)
    assert again.arrays["after"].shape == (4, 16_000)
    assert "loading the net" in told
    assert kept(run, ask(run)) is not None
    # What is kept needs no process.
    Analyst(run, never).answer(ask(run))


def test_errors_come_as_the_kind_they_are(run: RunFolder) -> None:
    gone = AskMaps(clip=Heard(name="a", path="/nowhere/a.wav", digest="0"), layer="conv1")
    with Analyst(run) as analyst:
        with pytest.raises(DataError, match="cannot be read"):
            analyst.answer(gone)
        with pytest.raises(RunError, match="no layer"):
            analyst.answer(ask(run, "conv8"))
        # It is still there.
        assert analyst.answer(ask(run)).arrays


def test_no_checkpoint_starts_no_process(run: RunFolder) -> None:
    question = ask(run)
    (run.checkpoints_path / "best.json").unlink()
    with pytest.raises(RunError, match="no checkpoint yet"):
        Analyst(run, never).answer(question)


def test_a_dead_analyst_is_told_of_and_the_next_question_starts_another(run: RunFolder) -> None:
    analyst = Analyst(run, lambda run: [sys.executable, "-c", "raise SystemExit('no torch here')"])
    with pytest.raises(RunError, match="no torch here"):
        analyst.answer(ask(run))
    analyst._command = Analyst(run)._command
    assert analyst.answer(ask(run)).arrays
    analyst.close()


@pytest.mark.parametrize("mode", ["obedient", "deaf"])
def test_an_answer_not_wanted(run: RunFolder, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labbench.worker.analyst.PATIENCE_S", 0.3)
    wanted = [True]

    def report(done: int, total: int, what: str) -> None:
        wanted[0] = False

    with Analyst(run, fake(mode)) as analyst, pytest.raises(NotWantedError):
        analyst.answer(ask(run), report=report, wanted=lambda: wanted[0])


def test_what_is_not_wanted_any_more_starts_no_process(run: RunFolder) -> None:
    with pytest.raises(NotWantedError):
        Analyst(run, never).answer(ask(run), wanted=lambda: False)


def test_ctrl_c_ends_the_process(run: RunFolder) -> None:
    def report(done: int, total: int, what: str) -> None:
        raise KeyboardInterrupt

    analyst = Analyst(run, fake("deaf"))
    child = analyst._started().child
    with pytest.raises(KeyboardInterrupt):
        analyst.answer(ask(run), report=report)
    assert child.poll() is not None


def test_it_leaves_with_the_screen_that_was_killed(run: RunFolder) -> None:
    code = (
        "import sys, time; from pathlib import Path;"
        "from labbench.runs import RunFolder; from labbench.worker.analyst import Analyst;"
        f"a = Analyst(RunFolder(Path({str(run.path)!r}))); "
        "print(a._started().child.pid, flush=True); time.sleep(60)"
    )
    screen = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert screen.stdout is not None
    pid = int(screen.stdout.readline())
    os.kill(screen.pid, signal.SIGKILL)
    screen.wait()
    deadline = time.monotonic() + 30
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.05)
