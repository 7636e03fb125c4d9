"""A group's runs folder with two real users: what one of them lays there, the other does not run.

The set-up of docs/shared-gpu-server.md: umask 002, a folder of the group that passes its group on.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from labbench.runs import RunFolder, launch
from tests.scheduler.queueing import until

GROUP = 64998
"""Nobody else's here, as the users'."""


READS = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
"""Python may lie in root's home: such a user reads all, and writes what is his."""


TRIES = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import tests'], check=True)"


@functools.cache
def as_users() -> list[str] | None:
    """How to be another user of the group; None where that is not to be had."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        return None
    for right in ([], READS):
        how = ["setpriv", f"--groups={GROUP}", *right]
        tried = [*how, "--reuid=64001", "--regid=64001", sys.executable, "-c", TRIES]
        env = launch.of_this_process().whole_environment(os.environ)
        if subprocess.run(tried, capture_output=True, cwd="/", env=env).returncode == 0:
            return how
    return None


@dataclass(frozen=True)
class User:
    """Somebody with a home of his own in a group."""

    uid: int
    home: Path
    lab: Path

    @property
    def environment(self) -> dict[str, str]:
        found = launch.of_this_process().whole_environment(os.environ)
        own = {key: value for key, value in found.items() if not key.startswith(("XDG_", "LABB"))}
        return {
            **own, "HOME": str(self.home), "LABBENCH_RUNS": str(self.lab / "runs"),
            "LABBENCH_CLIPS": str(self.lab / "clips"), "LABBENCH_SLOTS": "cpu=1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }  # fmt: skip

    def does(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Python as this user."""
        how = as_users()
        assert how is not None
        done = subprocess.run(
            [*how, f"--reuid={self.uid}", f"--regid={self.uid}", sys.executable, "-P", *arguments],
            umask=0o002, cwd="/", capture_output=True, text=True, timeout=60, env=self.environment,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def labbench(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.does("-m", "labbench", *arguments)

    def python(self, code: str, *arguments: str) -> str:
        done = self.does("-c", code, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def lab() -> Iterator[Path]:
    if as_users() is None:
        pytest.skip("needs root and setpriv (util-linux), to be two users")
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        for part in ("runs", "clips"):
            (folder / part).mkdir()
            os.chown(folder / part, 0, GROUP)
            (folder / part).chmod(0o2775)
        yield folder


def person(lab: Path, name: str, uid: int) -> User:
    home = lab / name
    home.mkdir()
    os.chown(home, uid, uid)
    home.chmod(0o700)
    (home / ".bashrc").write_text("mine")
    os.chown(home / ".bashrc", uid, uid)
    return User(uid, home, lab)


@pytest.fixture
def alice(lab: Path) -> User:
    return person(lab, "alice", 64001)


@pytest.fixture
def bob(lab: Path) -> User:
    return person(lab, "bob", 64002)


QUEUES = """
import sys
from tests.scheduler.queueing import queued
print(queued(int(sys.argv[1])).path)
"""

STARTS = """
from tests.scheduler.fake_dispatcher import fake_dispatcher_command
from labbench.scheduler.dispatch import ensure_dispatcher
print(ensure_dispatcher(command=fake_dispatcher_command) is not None)
"""

TAKES_OVER = """
import json, os, sys
from pathlib import Path
run, canary, owner, hers = Path(sys.argv[1]), *sys.argv[2:]
program = run / "python"
program.write_text(f"#!/bin/sh\\nid -u >> {canary}\\n")
program.chmod(0o777)
status = json.loads((run / "status.json").read_text())
host = os.uname().nodename.split(".")[0]
status.update(state="queued", waiting={
    "since": 1.0, "host": host, "device": "cpu", "visible": None, "slots": "99", "job": "",
})
started = {"python": str(program), "folder": str(run), "environment": {
    "PYTHONPATH": str(run), "LD_LIBRARY_PATH": str(run)}}
for name, content in {
    "status.json": status, "launch.json": started,
    "slurm.json": {"job": "1", "arguments": "--export=ALL,LD_PRELOAD=/x", "submitted": 1.0},
}.items():
    (run / name).unlink(missing_ok=True)
    (run / name).write_text(json.dumps(content))
(run.parent / f".dispatch-{host}-{owner}.log").symlink_to(hers)
"""


def owned(folder: Path) -> dict[Path, tuple[int, str]]:
    """All files of a home that no program keeps for itself."""
    return {
        path: (path.stat().st_mtime_ns, path.read_text())
        for path in folder.rglob("*") if path.is_file() and ".local" not in path.parts
    }  # fmt: skip


def queued(user: User, epochs: int) -> RunFolder:
    return RunFolder(Path(user.python(QUEUES, str(epochs)).strip()))


def test_a_colleague_who_rewrites_a_run_has_nothing_of_his_executed(
    alice: User, bob: User, lab: Path
) -> None:
    run = queued(alice, 3)
    assert "taken out" in alice.labbench("stop", "1").stderr
    canary = lab / "canary"
    canary.touch()
    canary.chmod(0o666)
    hers = str(alice.home / ".bashrc")
    bob.python(TAKES_OVER, str(run.path), str(canary), str(alice.uid), hers)
    before = owned(alice.home)
    listed = alice.labbench("runs")
    assert "labbench run --resume 1" in listed.stdout
    assert alice.python(STARTS) == "False\n", "nothing of hers waits"
    assert run.status().state == "queued"
    assert "labbench run --resume 1" in alice.labbench("doctor").stdout
    assert canary.read_text() == ""
    assert owned(alice.home) == before
    # The way out: she queues it herself, and it starts as she has it started.
    resumes = "import sys, labbench.scheduler.start as start; from labbench.runs import find;"
    alice.python(f"{resumes} start.resume(find('1'), begin=False)")
    assert alice.python(STARTS) == "True\n"
    until(lambda: run.status().state == "finished")
    assert canary.read_text() == ""


EXCHANGES = """
import sys
from pathlib import Path
preset = Path(sys.argv[1]) / "preset.toml"
text = preset.read_text()
assert "epochs = 3" in text
preset.unlink()
preset.write_text(text.replace("epochs = 3", "epochs = 4"))
"""


def test_what_a_colleague_has_a_waiting_run_train_instead_is_not_trained(
    alice: User, bob: User
) -> None:
    run = queued(alice, 3)
    bob.python(EXCHANGES, str(run.path))
    assert alice.python(STARTS) == "True\n"
    until(lambda: run.status().state in ("failed", "finished"))
    now = run.status()
    assert now.state == "failed"
    assert "was changed since the run was queued" in now.message
    assert now.hint == "To train what it says now: labbench run --resume 1"
    resumes = "import sys, labbench.scheduler.start as start; from labbench.runs import find;"
    alice.python(f"{resumes} start.resume(find('1'), begin=False)")
    assert alice.python(STARTS) == "True\n"
    until(lambda: run.status().state == "finished")
    assert run.status().step == 4


LAYS = """
import sys
from pathlib import Path
run, mine = Path(sys.argv[1]), Path(sys.argv[2])
(run / sys.argv[3]).symlink_to(mine)
"""


def test_a_colleague_who_lays_links_has_nothing_of_hers_written(alice: User, bob: User) -> None:
    names = ("console.log", "events.jsonl", ".reserve", "control")
    runs = {name: queued(alice, 1) for name in names}
    bob.python("import sys; from pathlib import Path; Path(sys.argv[1]).rmdir()",
               str(runs["control"].control_path))  # fmt: skip
    before = owned(alice.home)
    for name, run in runs.items():
        bob.python(LAYS, str(run.path), str(alice.home / ".bashrc"), name)
    alice.python(STARTS)
    until(lambda: {run.status().state for run in runs.values()} <= {"finished", "failed", "lost"})
    assert owned(alice.home) == before
    assert runs[".reserve"].status().state == "finished"
    assert "is a link or no plain file" in runs["console.log"].status().message


def test_in_the_same_folder_colleagues_read_and_stop_each_others_runs(
    alice: User, bob: User
) -> None:
    run = queued(alice, 1000)
    assert alice.python(STARTS) == "True\n"
    until(lambda: run.status().step > 1)
    (row,) = json.loads(bob.labbench("runs", "--json").stdout)
    assert (row["state"], row["hint"]) == ("running", "")
    assert "asked to stop" in bob.labbench("stop", "1").stderr
    until(lambda: run.status().state == "stopped")
    worker = run.status().writer
    assert worker is not None
    assert run.events_path.stat().st_uid == alice.uid
    tickets = list((alice.home / ".local/state/labbench/tickets").iterdir())
    assert tickets == [], "used up"
    # What waits is taken out of the queue by whoever may write there, and stays out.
    waits = queued(alice, 1000)
    assert "taken out" in bob.labbench("stop", "2").stderr
    assert alice.python(STARTS) == "False\n"
    assert waits.status().state == "stopped"
