"""The dispatcher: order, slots, and that nothing is lost or run twice whatever dies.

Its workers are fakes that do not train: everything else about them is the real thing.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from labbench import paths
from labbench.errors import BusyError, RunError
from labbench.runs import RunFolder, machine, private, queue, status, tickets
from labbench.runs.status import LIVE
from labbench.scheduler import start
from labbench.scheduler.dispatch import Dispatcher, ensure_dispatcher
from labbench.scheduler.placing import Place
from labbench.scheduler.spawn import spawn
from tests.scheduler.fake_dispatcher import fake_dispatcher_command
from tests.scheduler.queueing import (
    cleaned_up,
    dispatched,
    environment,
    freed,
    occupied,
    queued,
    span,
    starts,
    until,
)
from tests.worker.fake_worker import fake_worker_command


@pytest.fixture(autouse=True)
def nothing_is_left(labbench_home: object) -> Iterator[None]:
    with cleaned_up():
        yield


def dispatcher() -> subprocess.Popen[bytes]:
    return subprocess.Popen(fake_dispatcher_command(paths.runs_dir()), env=environment())


def ticket_of(run: RunFolder) -> list[Path]:
    return [one for one in private.root().glob("tickets/*") if str(run.path) in one.read_text()]


def states(runs: list[RunFolder]) -> list[str]:
    return [run.status().state for run in runs]


def finished(runs: list[RunFolder]) -> bool:
    return set(states(runs)) == {"finished"}


def overlapping(runs: list[RunFolder]) -> int:
    """How many of the runs trained at once, at most."""
    spans = [span(run) for run in runs]
    return max(sum(begin <= at < end for begin, end in spans) for at, _ in spans)


def test_one_after_the_other_in_the_order_they_were_queued() -> None:
    last = queued(since=time.time() + 5)
    runs = [queued(), queued(), last]
    runs = [runs[0], runs[1], last]
    process = dispatcher()
    assert process.wait(30) == 0
    until(lambda: finished(runs))
    assert overlapping(runs) == 1
    assert sorted(runs, key=span) == runs
    assert [run.status().slot for run in runs] == ["cpu"] * 3
    assert [run.status().waiting for run in runs] == [None] * 3


def test_as_many_at_once_as_there_are_slots() -> None:
    runs = [queued(12, slots="2") for _ in range(4)]
    process = dispatcher()
    until(lambda: finished(runs))
    assert process.wait(10) == 0
    assert overlapping(runs) == 2


def test_a_run_for_another_device_does_not_wait_behind_one_that_does() -> None:
    occupied("cpu")
    behind, free = queued(device="cpu"), queued(device="mps")
    process = dispatcher()
    until(lambda: finished([free]))
    assert behind.status().state == "queued"
    assert free.status().slot == "mps"
    process.kill()
    process.wait()


def test_a_killed_dispatcher_leaves_nothing_undone_and_nothing_done_twice() -> None:
    runs = [queued(8) for _ in range(3)]
    first = ensure_dispatcher(command=fake_dispatcher_command)
    assert first is not None
    until(lambda: runs[0].status().state == "running")
    first.kill()
    first.wait()
    assert states(runs) == ["running", "queued", "queued"], "the worker needs no dispatcher"
    until(lambda: runs[0].status().state == "finished")
    assert states(runs) == ["finished", "queued", "queued"], "nobody is there to start them"
    second = ensure_dispatcher(command=fake_dispatcher_command)
    assert second is not None
    until(lambda: finished(runs))
    assert second.wait(10) == 0
    assert [len(starts(run)) for run in runs] == [1, 1, 1]
    assert [run.status().attempt for run in runs] == [1, 1, 1]
    assert overlapping(runs) == 1


def test_killed_again_and_again_at_any_moment() -> None:
    # Two at once, each for 0.8 s: the queue lasts for longer than three dispatchers live.
    runs = [queued(8, slots="2") for _ in range(8)]
    rng = random.Random(0)
    deadline = time.monotonic() + 60
    kills = 0
    while not finished(runs) and time.monotonic() < deadline:
        process = ensure_dispatcher(command=fake_dispatcher_command)
        if process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                # Around the time it takes to look for the first time: then it spawns.
                process.wait(rng.uniform(0.2, 0.7))
            kills += process.poll() is None
            process.kill()
            process.wait()
    assert finished(runs)
    assert kills >= 3
    assert [len(starts(run)) for run in runs] == [1] * 8
    assert overlapping(runs) <= 2


DIES_WITHOUT_A_WORD = """
import os, sys
from pathlib import Path
from labbench.runs import status
from labbench.scheduler.dispatch import Dispatcher
from tests.worker.fake_worker import fake_worker_command
status.write = lambda *_: os._exit(9)
Dispatcher(Path(sys.argv[1]), fake_worker_command).run()
"""


def test_a_dispatcher_that_dies_between_starting_a_worker_and_saying_so() -> None:
    runs = [queued(8), queued(1)]
    dead = subprocess.run(
        [sys.executable, "-c", DIES_WITHOUT_A_WORD, str(paths.runs_dir())], env=environment()
    )
    assert dead.returncode == 9
    assert runs[0].status().state == "queued"
    # The next one is here before that worker has loaded anything, and starts another.
    assert Dispatcher(paths.runs_dir(), fake_worker_command).run() is True
    until(lambda: finished(runs))
    assert [len(starts(run)) for run in runs] == [1, 1]
    # The one of the two workers that came too late said so.
    until(lambda: "not to be made any more" in runs[0].console_path.read_text())
    assert finished(runs)


def test_two_dispatchers_at_once() -> None:
    runs = [queued(9) for _ in range(3)]
    both = [dispatcher(), dispatcher()]
    until(lambda: finished(runs))
    # One did the work; the other saw that it was not needed, or that nothing was left.
    assert {process.wait(10) for process in both} <= {0, 3}
    assert [len(starts(run)) for run in runs] == [1] * 3
    assert overlapping(runs) == 1


def test_of_two_workers_with_one_attempt_one_works() -> None:
    """What a dispatcher leaves that dies between starting a worker and saying so."""
    run = queued(10)
    command = fake_worker_command(run, 1, Place("cpu"), _launch(run))
    both = [_worker(command) for _ in range(2)]
    ends = sorted((process.wait(30), process.communicate()[1]) for process in both)
    assert [code for code, _ in ends] == [0, BusyError.exit_code]
    assert "attempt 1 is not to be made any more: it is finished" in ends[1][1]
    assert len(starts(run)) == 1


def test_a_worker_that_comes_after_a_cancellation_leaves() -> None:
    run = queued()
    start.stop(run)
    command = fake_worker_command(run, 1, Place("cpu"), _launch(run))
    done = subprocess.run(command, capture_output=True, text=True, env=environment())
    assert done.returncode == BusyError.exit_code
    assert "it is stopped" in done.stderr
    assert starts(run) == []


def _worker(command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment())


def _launch(run: RunFolder):  # type: ignore[no-untyped-def]
    from labbench.runs import launch

    return launch.of_this_process()


def test_while_a_worker_is_starting_it_is_not_started_again() -> None:
    run = queued()
    dispatch = Dispatcher(paths.runs_dir(), lambda *_: ["sleep", "20"])
    assert dispatch.look() is False
    assert run.status().state == "starting"
    assert run.status().slot == "cpu"
    waits = queued()
    assert dispatch.look() is True
    assert waits.status().state == "queued"
    with pytest.raises(RunError, match="it is starting"):
        spawn(run, Place("cpu"), _launch(run), states=("queued",))
    (worker,) = dispatch._workers
    worker.kill()
    worker.wait()
    assert run.status().state == "lost"
    assert dispatch.look() is False, "a lost run's slot is free again"
    dispatch._workers[0].kill()
    dispatch._workers[0].wait()


def test_a_run_queued_while_the_dispatcher_leaves_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    dispatch = Dispatcher(paths.runs_dir(), fake_worker_command)
    paths.runs_dir().mkdir(parents=True)
    late: list[RunFolder] = []
    leaves = Dispatcher._until_empty

    def and_then_one_comes(self: Dispatcher) -> None:
        leaves(self)
        if not late:
            late.append(queued())
            assert ensure_dispatcher(command=fake_dispatcher_command) is None

    monkeypatch.setattr(Dispatcher, "_until_empty", and_then_one_comes)
    assert dispatch.run() is True
    until(lambda: finished(late))


def test_what_cannot_be_started_fails_in_words_and_holds_nobody_up() -> None:
    broken, good = queued(), queued()
    (path,) = ticket_of(broken)
    ticket = json.loads(path.read_text())
    ticket["launch"]["python"] = "/no/such/python"
    path.write_text(json.dumps(ticket))
    assert dispatcher().wait(30) == 0
    until(lambda: finished([good]))
    now = broken.status()
    assert now.state == "failed"
    assert "no worker could be started" in now.message
    assert now.exit_code == RunError.exit_code


def test_a_worker_has_what_was_set_where_it_was_queued(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABBENCH_CLIPS", "clips-of-the-one-who-queued")
    monkeypatch.setenv("SECRET_TOKEN", "not for a file that stays")
    run = queued()
    (path,) = ticket_of(run)
    assert "SECRET" not in path.read_text()
    monkeypatch.setenv("LABBENCH_CLIPS", "clips-of-the-dispatcher")
    monkeypatch.setenv("OMP_PROC_BIND", "set by the dispatcher only")
    Dispatcher(paths.runs_dir(), lambda *_: ["env"]).look()
    until(lambda: "PYTHONUNBUFFERED" in run.console_path.read_text())
    said = run.console_path.read_text()
    assert "LABBENCH_CLIPS=clips-of-the-one-who-queued\n" in said
    assert "OMP_PROC_BIND" not in said


def test_stop_takes_a_waiting_run_out_and_resume_puts_it_at_the_end() -> None:
    taken = occupied()
    first, second = queued(), queued()
    assert start.stop(first) == "stopped"
    assert first.status().state == "stopped"
    with pytest.raises(RunError, match="it is stopped"):
        start.stop(first)
    process = dispatcher()
    until(lambda: dispatched(paths.runs_dir()))
    start.resume(first)
    with pytest.raises(RunError, match="waits in the queue already"):
        start.resume(first)
    places = queue.places([(run, run.status()) for run in (first, second, taken)])
    assert places == {second.id: 1, first.id: 2}
    freed(taken)
    until(lambda: finished([first, second]))
    assert process.wait(10) == 0
    assert span(second) < span(first)


def test_a_request_left_from_an_earlier_attempt_does_not_stop_the_next() -> None:
    run = queued()
    run.ask("stop")
    assert dispatcher().wait(20) == 0
    until(lambda: finished([run]))


def test_a_running_run_is_asked_to_stop_and_goes_on_where_it_was() -> None:
    run = queued(200)
    assert ensure_dispatcher(command=fake_dispatcher_command) is not None
    until(lambda: run.status().step > 2)
    start.checkpoint(run)
    until(lambda: not list(run.control_path.iterdir()))
    assert start.stop(run) == "asked"
    until(lambda: run.status().state == "stopped")
    with pytest.raises(RunError, match="it is stopped"):
        start.checkpoint(run)
    reached = run.status().step
    occupied_by_us = occupied()
    start.resume(run)
    assert (run.status().state, run.status().step) == ("queued", reached)
    assert start.stop(run, now=True) == "stopped"
    freed(occupied_by_us)


def test_other_hosts_queues_are_theirs() -> None:
    theirs = queued(host="gpu02")
    assert ensure_dispatcher(command=fake_dispatcher_command) is None
    assert Dispatcher(paths.runs_dir(), fake_worker_command).look() is False
    assert theirs.status().state == "queued"
    taken = occupied()
    start.resume(theirs)
    waiting = theirs.status().waiting
    assert waiting is not None
    assert waiting.host == machine.host()
    start.stop(theirs)
    freed(taken)


def test_other_users_runs_are_theirs() -> None:
    """A folder says what to run: nobody gets that run by laying it where we look."""
    if os.geteuid() != 0:
        pytest.skip("needs to give a folder away")
    theirs = queued()
    os.chown(theirs.path, 12345, 12345)
    tickets.drop(theirs.path, machine.host())
    assert ensure_dispatcher(command=fake_dispatcher_command) is None
    assert Dispatcher(paths.runs_dir(), fake_worker_command).look() is False
    assert theirs.status().state == "queued"


BUSY_FOR_LONG = """
import sys, time
from pathlib import Path
from labbench.runs import RunFolder
from labbench.worker.child import work
sys.exit(work(RunFolder(Path(sys.argv[1])), train=lambda *_: time.sleep(60)))
"""


def test_stop_now_reaches_a_worker_that_does_not_look() -> None:
    run = queued()
    worker = _worker([sys.executable, "-c", BUSY_FOR_LONG, str(run.path)])
    until(lambda: run.status().attempt == 1)
    start.stop(run, now=True)
    start.stop(run, now=True)
    assert worker.wait(10) == 130
    assert worker.communicate()[1] == ""
    assert run.status().state == "stopped"
    assert "at once" in run.status().message


def test_a_thousand_waiting_runs_cost_the_dispatcher_little() -> None:
    occupied()
    template = queued()
    now = template.status()
    for number in range(100, 1100):
        folder = paths.runs_dir() / f"{number:04d}-many"
        folder.mkdir()
        status.write(folder / "status.json", msgspec.structs.replace(now, preset="many"))
        tickets.issue(folder, machine.host())
    dispatch = Dispatcher(paths.runs_dir(), fake_worker_command)
    dispatch.look()
    began = time.process_time()
    assert dispatch.look() is True
    assert time.process_time() - began < 0.5


def test_it_loads_nothing_slow() -> None:
    look = (
        "import sys, labbench.scheduler.dispatch, labbench.scheduler.spawn; "
        "print(*({'torch', 'scipy', 'sklearn', 'textual', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", look], capture_output=True, text=True, check=True, env=environment()
    )
    assert done.stdout.split() == []
    assert LIVE == ("starting", "running")
