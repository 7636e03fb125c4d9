"""Data sets made in a process of their own: told, cancelled, lost, gone on with."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from labbench import paths
from labbench.audio import fetch, jobs, library, maker
from labbench.audio.clips import open_clips
from labbench.audio.findings import CHECK_FILE, Check, keep
from labbench.audio.jobs import Add, Fetch, Job, Synth
from labbench.errors import BusyError, DataError
from labbench.runs import status
from labbench.views.jobs import in_words
from tests.audio.folders import folder
from tests.tiny import make_clips


def until(ready: Callable[[], Any]) -> Any:
    """What `ready` gives once it gives something."""
    end = time.monotonic() + 60
    while not (found := ready()):
        assert time.monotonic() < end, "this takes too long"
        time.sleep(0.05)
    return found


def test_a_data_set_is_made_and_its_job_is_over(tmp_path: Path) -> None:
    seen: list[tuple[int, int, str]] = []
    order = Add(name="mine", path=str(folder(tmp_path / "in")))
    maker.make(order, lambda done, total, what: seen.append((done, total, what)))
    assert len(open_clips("mine").names) == seen[-1][1] == seen[-1][0]
    job = jobs.read("mine")
    assert job is not None
    assert (job.state, job.what, job.share) == ("finished", "comparing in full", 1.0)
    assert jobs.all_jobs() == []


def test_a_failure_is_told_and_forgotten(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no clip in it"):
        maker.make(Add(name="mine", path=str(tmp_path / "empty")))
    (job,) = jobs.all_jobs()
    assert (job.state, job.live) == ("failed", False)
    assert "no clip in it that can be used" in job.message
    assert "labbench data add mine" in in_words(job)
    jobs.forget("mine")
    assert jobs.all_jobs() == []


@pytest.mark.parametrize(
    ("order", "why"),
    [
        (Add(name="mine", path="/none"), "no such file"),
        (Add(name="mine", path=__file__), "neither a folder nor an archive"),
        (Add(name="tones", path="/"), "already"),
        (Add(name="../x", path="/"), "cannot be the name"),
        (Synth(words=("one", "one")), "named twice"),
    ],
)
def test_what_cannot_be_made_is_refused_before_anything_is_written(
    order: jobs.Order, why: str
) -> None:
    make_clips()
    for way in (maker.check, maker.start, maker.make):
        with pytest.raises(DataError, match=why):
            way(order)
    assert jobs.all_jobs() == []


def test_an_interrupt_is_a_cancel_and_leaves_nothing_half(tmp_path: Path) -> None:
    def stop(done: int, total: int, what: str, /) -> None:
        if done > 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        maker.make(Add(name="mine", path=str(folder(tmp_path / "in"))), stop)
    (job,) = jobs.all_jobs()
    assert (job.state, job.what) == ("cancelled", "reading")
    assert library.survey() == []


def test_the_end_of_a_broken_disk_is_still_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A job's file that cannot be written any more hides no error."""
    from labbench.errors import RunError

    wrote: list[Job] = []

    def write(job: Job) -> None:
        wrote.append(job)
        if len(wrote) > 1:
            raise RunError("the disk is full.")

    monkeypatch.setattr(jobs, "write", write)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no clip in it"):
        maker.make(Add(name="mine", path=str(tmp_path / "empty")))
    assert wrote[-1].state == "failed"
    assert capsys.readouterr().err == "labbench: the disk is full.\n"


@pytest.mark.parametrize(
    ("job", "words"),
    [
        (Job(order=Synth(), state="working", created=0, what="speaking", done=300, total=6000,
             left_s=38), "speaking 5% (300 of 6,000), 38s left"),
        (Job(order=Fetch(), state="working", created=0, what="fetching", done=826_000_000,
             total=2_428_923_189), "fetching 34% (826 MB of 2.43 GB)"),
        (Job(order=Fetch(), state="starting", created=0), "starting"),
        (Job(order=Synth(), state="working", created=0, what="reading", done=7), "reading 7"),
    ],
    ids=["synth", "fetch", "starting", "unknown_total"],
)  # fmt: skip
def test_in_words(job: Job, words: str) -> None:
    assert in_words(job) == words


def test_a_job_of_a_machine_that_fell_silent_is_lost() -> None:
    far = status.Writer(host="far", pid=1, process_started=0, boot_id="b", pid_space="p")
    jobs.jobs_dir().mkdir(parents=True)
    jobs.write(Job(order=Synth(), state="working", created=0, heartbeat=1000, writer=far))
    near, later = jobs.read("synthetic", now=1010), jobs.read("synthetic", now=1200)
    assert near is not None
    assert later is not None
    assert (near.state, later.state) == ("working", "lost")
    (jobs.jobs_dir() / "other.json").write_text("{")
    assert [job.name for job in jobs.all_jobs(now=1200)] == ["synthetic"]


@pytest.fixture
def slow() -> Iterator[tuple[str, list[str]]]:
    """A server that never comes to the archive's end, and the ranges it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None: ...

        def do_GET(self) -> None:
            span = self.headers.get("Range", "")
            asked.append(span)
            start = int(span.removeprefix("bytes=").rstrip("-") or 0)
            self.send_response(206 if span else 200)
            self.send_header("Content-Length", str(fetch.SIZE - start))
            if span:
                here = f"bytes {start}-{fetch.SIZE - 1}/{fetch.SIZE}"
                self.send_header("Content-Range", here)
            self.end_headers()
            try:
                while True:
                    self.wfile.write(bytes(fetch.BLOCK))
                    time.sleep(0.02)
            except OSError:
                return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/x.tar.gz", asked
        server.shutdown()


def now(name: str = "speech_commands") -> Job:
    job = jobs.read(name)
    assert job is not None
    return job


def test_a_fetch_outlives_a_hang_up_is_cancelled_gone_on_with_lost_and_forgotten(
    slow: tuple[str, list[str]],
) -> None:
    url, asked = slow
    first = maker.start(Fetch(url=url))
    until(lambda: now().done)
    assert now().what == "fetching"
    assert now().total == fetch.SIZE
    os.kill(first.pid, signal.SIGHUP)
    before = now().done
    until(lambda: now().done > before)
    with pytest.raises(BusyError, match="being made already"):
        maker.start(Fetch(url=url))
    with pytest.raises(BusyError):
        jobs.forget("speech_commands")
    jobs.cancel("speech_commands")
    assert first.wait(30) == 130
    assert now().state == "cancelled"
    kept = jobs.fetched_bytes()
    assert kept >= before
    assert "resumes where it stopped" in in_words(now())
    with pytest.raises(DataError, match="being made"):
        jobs.cancel("speech_commands")

    second = maker.start(Fetch(url=url))
    until(lambda: now().done > kept)
    assert asked == ["", f"bytes={kept}-"]
    second.kill()
    second.wait()
    assert now().state == "lost"
    jobs.forget("speech_commands")
    assert jobs.read("speech_commands") is None
    assert jobs.fetched_bytes() == 0
    assert not list(paths.clips_dir().glob("speech_commands*"))


def test_synthetic_speech_is_made_while_nobody_looks() -> None:
    process = maker.start(Synth(name="said", clips=20, words=("one", "tree")))
    assert jobs.read("said") is not None
    assert process.wait(60) == 0
    assert now("said").state == "finished"
    assert len(open_clips("said").names) == 20


def test_what_cannot_be_written_of_a_data_set_is_its_error() -> None:
    """And no run's: scripts tell them apart by the exit code."""
    path = make_clips().folder
    (path / CHECK_FILE).mkdir()
    with pytest.raises(DataError, match="cannot be written"):
        keep(path, Check(fingerprint=""))
    jobs.path_of("mine").mkdir(parents=True)
    with pytest.raises(DataError, match="cannot be written"):
        jobs.write(Job(order=Synth(name="mine"), state="starting", created=0.0))
