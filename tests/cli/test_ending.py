"""A command that is ended by a signal leaves the terminal as it was."""

from __future__ import annotations

import os
import pty
import signal
import sys

import pytest

from labbench.cli import main, streams
from labbench.errors import STOPPED_EXIT_CODE
from labbench.runs import RunFolder
from tests.scheduler.queueing import environment, occupied, until
from tests.terminal import Terminal

BAR = """
import signal, sys, time
from labbench.cli.meter import metered
from labbench.cli.streams import end_on_signals
end_on_signals()
try:
    with metered() as report:
        while True:
            report(1, 4, "making clips")
            time.sleep(0.05)
finally:
    sys.stdout.write("tidied up")
"""


def opened(*command: str, term: str = "xterm-256color") -> Terminal:
    return Terminal([sys.executable, *command], env={**environment(), "TERM": term})


@pytest.fixture
def run(labbench_home: object) -> RunFolder:
    """One that this process claims to be training."""
    return occupied()


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGQUIT"])
def test_long_work_is_unwound(name: str) -> None:
    number = signal.Signals[name]
    with opened("-c", BAR) as terminal:
        terminal.seen("making clips")
        terminal.process.send_signal(number)
        assert terminal.process.wait(20) == 128 + number
        terminal.seen("tidied up")
        assert terminal.left == set()
        assert "Traceback" not in terminal.text()


@pytest.mark.parametrize(
    ("name", "code"), [("SIGTERM", 0), ("SIGHUP", 129), ("SIGQUIT", 131), ("SIGKILL", -9)]
)
def test_a_run_that_is_watched(run: RunFolder, name: str, code: int) -> None:
    with opened("-m", "labbench", "watch", "1") as terminal:
        terminal.seen(run.id)
        terminal.process.send_signal(signal.Signals[name])
        assert terminal.process.wait(20) == code
        assert terminal.left == set()
        assert "Traceback" not in terminal.text()


def test_the_cursor_is_seen_while_it_is_stopped(run: RunFolder) -> None:
    with opened("-m", "labbench", "watch", "1") as terminal:
        terminal.seen(run.id)
        terminal.process.send_signal(signal.SIGSTOP)
        assert terminal.left == set()
        terminal.process.send_signal(signal.SIGCONT)


def test_ctrl_c_while_libraries_are_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(streams, "make_usable", interrupted)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == STOPPED_EXIT_CODE


def test_the_terminal_is_gone(run: RunFolder) -> None:
    with opened("-m", "labbench", "watch", "1") as terminal:
        terminal.seen(run.id)
    assert terminal.process.returncode == 128 + signal.SIGHUP


def test_a_terminal_without_a_cursor_gets_lines(run: RunFolder) -> None:
    with opened("-m", "labbench", "watch", "1", term="dumb") as terminal:
        terminal.seen(run.id)
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.process.wait(20) == 0
        until(lambda: "goes on" in terminal.text())
        assert b"\x1b" not in terminal.raw


@pytest.mark.parametrize("command", [["presets"], ["show", "none"]])
def test_a_terminal_that_is_gone_without_a_signal(
    command: list[str], labbench_home: object
) -> None:
    """Under nohup the signal is ignored; a write may fail before it comes, too."""
    told, tell = os.pipe()
    waiting, let_go = os.pipe()
    pid, terminal = pty.fork()
    if pid == 0:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        os.write(tell, b".")
        os.read(waiting, 1)
        words = [sys.executable, "-m", "labbench", *command]
        os.execve(sys.executable, words, {**environment(), "TERM": "xterm-256color"})
    os.read(told, 1)
    os.close(terminal)
    os.write(let_go, b".")
    _, how = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(how) == 128 + signal.SIGHUP
    for pipe in (told, tell, waiting, let_go):
        os.close(pipe)
