"""A Slurm that hangs: commands say so and go on with what the folders tell."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from labbench.cli.app import run_app
from labbench.cli.watching import waiting_text
from labbench.errors import RunError
from labbench.presets import to_toml
from labbench.runs import RunFolder, list_runs, tickets
from labbench.scheduler import slurm, slurm_queue, start
from tests import tiny
from tests.scheduler.queueing import environment

HANGS = "#!/bin/sh\necho $0 $* >> {asked}\nexec sleep 600\n"


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Commands of Slurm that never answer, and what they were called with."""
    folder, asked = tmp_path / "bin", tmp_path / "asked"
    folder.mkdir()
    for name in ("squeue", "scontrol", "scancel", "sbatch", "srun"):
        (folder / name).write_text(HANGS.format(asked=asked))
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setattr(slurm, "_asked", -math.inf)
    for name in ("_answered", "_silent"):
        monkeypatch.setattr(slurm_queue, name, -math.inf)
    return asked


@pytest.fixture
def run() -> RunFolder:
    """A run that waits for our job 7."""
    tiny.make_clips()
    made = start.new_run(tiny.preset(), waiting=slurm_queue.waiting("7"))
    tickets.issue(made.path, slurm_queue.HOST, job="7", arguments="-p gpu")
    return made


def labbench(*arguments: str) -> subprocess.CompletedProcess[str]:
    # Far below the time that a command waits which is never answered.
    return subprocess.run(
        [sys.executable, "-m", "labbench", *arguments],
        capture_output=True, text=True, timeout=120, env=environment(),
    )  # fmt: skip


@pytest.mark.usefixtures("asked")
def test_the_list_is_shown_as_it_was_known(run: RunFolder) -> None:
    done = labbench("runs", "--json")
    assert done.returncode == 0
    (row,) = json.loads(done.stdout)
    assert (row["run"], row["state"], row["waiting"]["job"]) == (run.id, "queued", "7")
    assert done.stderr.count("Slurm does not answer") == 1


@pytest.mark.usefixtures("asked")
def test_nothing_is_submitted(tmp_path: Path) -> None:
    pytest.importorskip("submitit")
    tiny.make_clips()
    path = tmp_path / "tiny.toml"
    path.write_text(to_toml(tiny.preset()))
    done = labbench("run", str(path), "--on", "slurm", "--detach")
    assert done.returncode == RunError.exit_code
    assert "Slurm does not answer." in done.stderr
    assert list_runs() == []


def test_a_submission_that_hangs(
    asked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slurm_job = pytest.importorskip("labbench.scheduler.slurm_job")
    monkeypatch.setattr(slurm_job, "SUBMIT_S", 0.3)
    (tmp_path / "bin" / "squeue").write_text("#!/bin/sh\n")
    tiny.make_clips()
    with pytest.raises(RunError, match="Slurm did not take the job in time"):
        start.submit(tiny.preset(), slurm="")
    assert "sbatch" in asked.read_text()
    assert list_runs() == []


def test_a_run_that_waits_for_its_job_is_deleted_with_it(
    asked: Path, run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin" / "scancel").write_text(f"#!/bin/sh\necho cancels $* >> {asked}\n")
    assert start.remove(run) == ""
    assert asked.read_text() == "cancels 7\n"
    assert list_runs() == []
    assert slurm_queue.submission(run) is None


@pytest.mark.usefixtures("asked")
def test_a_run_is_deleted_though_its_job_cannot_be(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(slurm_queue, "ANSWER_S", 0.3)
    assert run_app(["runs", "rm", "--yes", "1"]) == 0
    assert list_runs() == []
    said = "its Slurm job could not be cancelled, and will find no run: scancel 7"
    assert f"{run.id}: deleted; {said}" in capsys.readouterr().err


@pytest.mark.usefixtures("asked")
def test_a_job_that_we_did_not_submit_is_left_to_who_did(run: RunFolder) -> None:
    tickets.drop(run.path, slurm_queue.HOST)
    assert "its submitter's to cancel" in start.remove(run)


def test_it_is_asked_once_and_for_less_than_three_seconds(
    asked: Path, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert slurm_queue.ANSWER_S < 3
    monkeypatch.setattr(slurm_queue, "ANSWER_S", 0.5)
    assert slurm_queue.silence() == ""
    for _ in range(3):
        slurm.settle([(run, run.status())], now=True)
        assert slurm_queue.jobs() is None
        assert slurm_queue.about("7") == {}
    assert run.status().state == "queued"
    assert slurm_queue.silence() in waiting_text(run, run.status(), [])
    assert slurm_queue.silence() != ""
    assert start.stop(run) == "stopped"
    assert len(asked.read_text().splitlines()) <= 1, "by then it may not even have begun to hang"


def test_one_that_answers_again_is_silent_no_more(
    asked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slurm_queue, "ANSWER_S", 0.2)
    assert slurm_queue.jobs() is None
    (tmp_path / "bin" / "squeue").write_text("#!/bin/sh\necho '7|PENDING|Resources'\n")
    monkeypatch.setattr(slurm_queue, "ANSWER_S", 60.0)
    assert slurm_queue.jobs() is None, "for a while it is let be"
    monkeypatch.setattr(slurm_queue, "SILENT_S", 0.0)
    assert slurm_queue.jobs() == {"7": slurm_queue.Job("PENDING", "Resources")}
    assert slurm_queue.silence() == ""


@pytest.mark.parametrize("job", ["4711", "--user=me", "7 8"])
def test_only_our_own_job_of_a_run_is_ended(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch, job: str
) -> None:
    """Whoever may write in the run folder could name another job of ours, or an option."""
    commands: list[tuple[str, ...]] = []
    monkeypatch.setattr(slurm_queue, "_output_of", lambda *words, **_: commands.append(words) or "")
    planted = {"job": job, "arguments": "--export=LD_PRELOAD=x", "submitted": 1.0}
    (run.path / "slurm.json").write_text(json.dumps(planted))
    told = json.loads(run.status_path.read_text())
    told["waiting"]["job"] = job
    run.status_path.write_text(json.dumps(told))
    slurm.settle([(run, run.status())], now=True)
    assert start.stop(run) == "stopped" if run.status().state == "queued" else True
    slurm.forget(run)
    said = [words for words in commands if words[0] == "scancel"]
    assert {words[1] for words in said} <= {"7"}
    assert not any(word.startswith("--user") for words in commands for word in words)
    assert slurm_queue.submission(run) is None
