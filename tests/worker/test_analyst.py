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
from labbench.interpret import context
from labbench.interpret.clip import ClipRef, named
from labbench.interpret.feature_maps.answer import MapsQuestion
from labbench.interpret.question import kept
from labbench.runs import RunFolder
from labbench.worker.analyst import Analyst, NotWantedError
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


def ask(run: RunFolder, layer: str = "conv1") -> MapsQuestion:
    return MapsQuestion(clip=named(run, "low"), layer=layer)


def fake(mode: str):
    """The command of an analyst that never answers."""
    return lambda run: [sys.executable, "-c", f"MODE = {mode!r}\n{FAKE}"]


def never(run: RunFolder) -> list[str]:
    raise AssertionError("no process was to be started")


def test_an_answer_is_what_torch_computes_and_is_kept(run: RunFolder) -> None:
    told: list[str] = []
    with Analyst(run) as analyst:
        found = analyst.ask(ask(run), report=lambda done, total, what: told.append(what))
        again = analyst.ask(ask(run, "conv2"))
    expected = context.compute(context.load(run), ask(run))
    for name in ("samples_T", "before_CT", "after_CT", "logits_K"):
        np.testing.assert_allclose(getattr(found, name), getattr(expected, name), atol=1e-6)
    assert (found.words, found.rate_hz) == (expected.words, expected.rate_hz)
    assert again.after_CT.shape == (4, 16_000)
    assert "loading the net" in told
    assert kept(run, ask(run)) is not None
    # What is kept needs no process.
    Analyst(run, never).ask(ask(run))


def test_errors_come_as_the_kind_they_are(run: RunFolder) -> None:
    gone = MapsQuestion(clip=ClipRef(name="a", path="/nowhere/a.wav", digest="0"), layer="conv1")
    with Analyst(run) as analyst:
        with pytest.raises(DataError, match="cannot be read"):
            analyst.ask(gone)
        with pytest.raises(RunError, match="no layer"):
            analyst.ask(ask(run, "conv8"))
        # It is still there.
        assert analyst.ask(ask(run)).words


def test_no_checkpoint_starts_no_process(run: RunFolder) -> None:
    question = ask(run)
    (run.checkpoints_path / "best.json").unlink()
    with pytest.raises(RunError, match="no checkpoint yet"):
        Analyst(run, never).ask(question)


def test_a_dead_analyst_is_told_of_and_the_next_question_starts_another(run: RunFolder) -> None:
    analyst = Analyst(run, lambda run: [sys.executable, "-c", "raise SystemExit('no torch here')"])
    with pytest.raises(RunError, match="no torch here"):
        analyst.ask(ask(run))
    analyst._command = Analyst(run)._command
    assert analyst.ask(ask(run)).words
    analyst.close()


@pytest.mark.parametrize("mode", ["obedient", "deaf"])
def test_an_answer_not_wanted(run: RunFolder, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labbench.worker.analyst.PATIENCE_S", 0.3)
    wanted = [True]

    def report(done: int, total: int, what: str) -> None:
        wanted[0] = False

    with Analyst(run, fake(mode)) as analyst, pytest.raises(NotWantedError):
        analyst.ask(ask(run), report=report, wanted=lambda: wanted[0])


def test_what_is_not_wanted_any_more_starts_no_process(run: RunFolder) -> None:
    with pytest.raises(NotWantedError):
        Analyst(run, never).ask(ask(run), wanted=lambda: False)


def test_ctrl_c_ends_the_process(run: RunFolder) -> None:
    def report(done: int, total: int, what: str) -> None:
        raise KeyboardInterrupt

    analyst = Analyst(run, fake("deaf"))
    child = analyst._started().child
    with pytest.raises(KeyboardInterrupt):
        analyst.ask(ask(run), report=report)
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
