"""The terminal is left as it was, however the app ends; one that cannot show it is told so."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import psutil
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from labbench import paths
from labbench.tui.driver import PASTE, PASTED, PasteParser
from tests.scheduler.queueing import environment, until
from tests.terminal import Terminal

LABBENCH = [sys.executable, "-m", "labbench"]
SHOWN = "Nothing has been trained here yet"
ALL = {"1000", "1003", "1004", "1006", "1015", "1049", "2004", "7", "25", "keyboard", "echo"}


def opened(
    *command: str,
    size: tuple[int, int] = (80, 24),
    term: str | None = "xterm-256color",
    **variables: str,
) -> Terminal:
    env = {**environment(), "LANG": "C.UTF-8", "TERM": term or "", **variables}
    # A runner of tests may have set the size of its own terminal.
    env = {name: value for name, value in env.items() if name not in ("COLUMNS", "LINES")}
    if term is None:
        del env["TERM"]
    return Terminal(command or LABBENCH, env=env, size=size)


def ended(terminal: Terminal) -> int:
    return terminal.process.wait(20)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGQUIT", "SIGINT"])
def test_a_signal_ends_it(name: str) -> None:
    number = signal.Signals[name]
    with opened() as terminal:
        terminal.seen(SHOWN)
        assert terminal.left == ALL
        terminal.process.send_signal(number)
        assert ended(terminal) == 128 + number
        assert terminal.left == set()
        assert "Traceback" not in terminal.text()


def test_variables_of_the_library_that_draws_it_cannot_end_it() -> None:
    nonsense = {
        "TEXTUAL_COLOR_SYSTEM": "nonsense", "TEXTUAL_LOG": "/nowhere/log", "TEXTUAL_PRESS": "q",
        "TEXTUAL_SCREENSHOT": "0", "TEXTUAL_SCREENSHOT_LOCATION": "/nowhere", "TEXTUAL": "devtools",
    }  # fmt: skip
    with opened(**nonsense) as terminal:
        terminal.shows(SHOWN)
        terminal.press("q")
        assert ended(terminal) == 0
        assert terminal.left == set()
        assert "Traceback" not in terminal.text()


def test_a_signal_ends_it_while_it_starts() -> None:
    with opened() as terminal:
        until(lambda: terminal.left)
        terminal.process.send_signal(signal.SIGTERM)
        assert ended(terminal) == 128 + signal.SIGTERM
        assert terminal.left == set()
        assert "Traceback" not in terminal.text()


def test_ended_by_force_where_it_hangs() -> None:
    program = """
import os, time
from labbench.tui import app, run, terminal
terminal.GRACE_S = 0.2
def hangs(self):
    os.write(1, b"it hangs")
    while True: time.sleep(0.1)
app.BenchApp.on_ready = hangs
run()
"""
    with opened(sys.executable, "-c", program) as terminal:
        terminal.seen("it hangs")
        terminal.process.send_signal(signal.SIGTERM)
        assert ended(terminal) == 128 + signal.SIGTERM
        assert terminal.left == set()


def test_left_while_a_thread_is_at_work() -> None:
    program = """
import sys, time
from labbench.tui import app, run, terminal
terminal.ABANDON_S = 0.2
def works(self):
    def work():
        self.call_from_thread(self.exit, return_code=7, message="it goes on")
        time.sleep(60)
    self.run_worker(work, thread=True)
app.BenchApp.on_ready = works
sys.exit(run())
"""
    with opened(sys.executable, "-c", program) as terminal:
        assert ended(terminal) == 7
        assert terminal.left == set()
        until(lambda: "it goes on" in terminal.text())


@pytest.mark.parametrize("place", ["on_ready", "on_mount", "compose"])
def test_an_error_ends_it(place: str) -> None:
    program = f"""
import sys
from labbench.tui import app, run
def fails(self): raise ZeroDivisionError("oh")
app.BenchApp.{place} = fails
sys.exit(run())
"""
    with opened(sys.executable, "-c", program) as terminal:
        assert ended(terminal) == 1
        until(lambda: "ZeroDivisionError" in terminal.text())
        assert terminal.left == set()


def test_a_terminal_that_is_gone_ends_it_though_nobody_tells(tmp_path: Path) -> None:
    code = tmp_path / "code"
    script = f"trap '' HUP; {sys.executable} -m labbench; echo $? > {code}"
    with opened("sh", "-c", script) as terminal:
        terminal.seen(SHOWN)
        [app] = psutil.Process(terminal.process.pid).children()
    until(lambda: code.exists() and code.read_text())
    assert int(code.read_text()) == 128 + signal.SIGHUP
    assert not app.is_running()


def test_stopped_from_outside_and_gone_on_with() -> None:
    with opened() as terminal:
        terminal.seen(SHOWN)
        process = psutil.Process(terminal.process.pid)
        process.send_signal(signal.SIGTSTP)
        until(lambda: process.status() == psutil.STATUS_STOPPED)
        assert terminal.left == set()
        gone_on = time.monotonic()
        process.send_signal(signal.SIGCONT)
        terminal.seen(SHOWN, since=gone_on)
        assert terminal.left == ALL
        terminal.press("q")
        assert ended(terminal) == 0
        assert terminal.left == set()


def test_stopped_untold_and_gone_on_with() -> None:
    with opened() as terminal:
        terminal.seen(SHOWN)
        process = psutil.Process(terminal.process.pid)
        for _ in range(3):
            process.send_signal(signal.SIGSTOP)
            until(lambda: process.status() == psutil.STATUS_STOPPED)
            gone_on = time.monotonic()
            process.send_signal(signal.SIGCONT)
            terminal.seen(SHOWN, since=gone_on)
        assert terminal.left == ALL
        # Two threads that read would take every other key each.
        terminal.press("2", "q")
        assert ended(terminal) == 0
        assert terminal.left == set()


def test_bytes_that_are_no_text_are_dropped() -> None:
    with opened() as terminal:
        terminal.seen(SHOWN)
        mouse, paste = b"\x1b[M \xff\xfe", b"\x1b[200~q" + b"q\xe9" * 10_000 + b"qqq\x1b[201~"
        letters = b"\x1b[1114112u", b"\x1b[99999999999999999999u"
        for odd in (mouse, b"\xff", paste, *letters):
            os.write(terminal.fileno, odd)
            time.sleep(0.2)
        asked = time.monotonic()
        terminal.press("2")
        terminal.seen(SHOWN, since=asked)
        terminal.press("q")
        assert ended(terminal) == 0
        assert "Traceback" not in terminal.text()


@pytest.mark.parametrize(
    "pasted",
    [b"\x1b" + b"q" * 80, b"\x1b" * 100 + b"\r", b"a\x1bq\r\rq", b"\x1b[A\r\rq"],
    ids=["keys", "escapes", "both", "arrow"],
)
def test_nothing_that_is_pasted_is_taken_for_keys(pasted: bytes) -> None:
    with opened() as terminal:
        terminal.seen(SHOWN)
        for piece in (b"\x1b[20", b"0~" + pasted[:3], pasted[3:] + b"\x1b[2", b"01~"):
            os.write(terminal.fileno, piece)
            time.sleep(0.15)
        asked = terminal.press("2")
        terminal.seen(SHOWN, since=asked)
        terminal.press("q")
        assert ended(terminal) == 0
        assert not list(paths.runs_dir().glob("0*"))


class Fed:
    """A parser that gives what it is fed."""

    tick = None

    @staticmethod
    def feed(data: str) -> Iterator[str]:
        yield data


@given(
    keys=st.text("qa\x1b[2\r"), pasted=st.text("a\x1b[201~\r"),
    cuts=st.lists(st.integers(0, 30), max_size=6),
)  # fmt: skip
def test_what_is_pasted_comes_without_escapes_however_it_is_cut(
    keys: str, pasted: str, cuts: list[int]
) -> None:
    assume(PASTED not in pasted and not pasted.endswith(tuple(PASTED[:n] for n in range(1, 6))))
    sent = f"{PASTE}{pasted}{PASTED}{keys}z"
    places = [0, *sorted(cut for cut in cuts if cut < len(sent)), len(sent)]
    parser = PasteParser(Fed)
    got = [one for at, to in pairwise(places) for one in parser.feed(sent[at:to])]
    escaped = pasted.replace("\x1b", "")
    assert "".join(map(str, got)) == f"{PASTE}{escaped}{PASTED}{keys}z"


def test_a_signal_is_not_lost_in_what_catches_any_error_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("""
import os, signal, sys
class Finder:
    def find_spec(self, name, path, target=None):
        if name == "textual.app":
            try:
                os.kill(os.getpid(), signal.SIGTERM)
                for _ in range(1000): pass
            except BaseException:
                pass
sys.meta_path.insert(0, Finder())
""")
    places = os.pathsep.join([str(tmp_path), environment().get("PYTHONPATH", "")])
    with opened("env", f"PYTHONPATH={places}", *LABBENCH) as terminal:
        assert ended(terminal) == 128 + signal.SIGTERM
        assert terminal.left == set()


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is the shell with job control")
def test_ctrl_z_goes_to_the_shell_and_fg_comes_back() -> None:
    with opened("bash", "--norc", "--noprofile", "-i") as terminal:
        terminal.press(f"{sys.executable} -m labbench\r")
        terminal.seen(SHOWN)
        pressed = terminal.press("\x1a")
        terminal.seen("Stopped", since=pressed)
        pressed = terminal.press("fg\r")
        terminal.seen(SHOWN, since=pressed)
        pressed = terminal.press("q")
        until(lambda: terminal.raw.rindex(b"\x1b[?1049l") > terminal.raw.rindex(b"\x1b[?1049h"))
        terminal.press("exit\r")
        assert ended(terminal) == 0


def test_ctrl_z_stays_where_nobody_could_bring_it_back() -> None:
    with opened() as terminal:
        terminal.seen(SHOWN)
        terminal.press("\x1a")
        terminal.seen("There is no shell")
        terminal.press("q")
        assert ended(terminal) == 0


@pytest.mark.parametrize(
    ("size", "term", "said"),
    [
        ((80, 24), "dumb", "TERM=dumb cannot show the app"),
        ((80, 24), "unknown", "TERM=unknown cannot show the app"),
        ((80, 24), None, "TERM=(not set) cannot show the app"),
        ((0, 0), "xterm", "a terminal of 0x0 cannot show the app"),
        ((20, 5), "xterm", "a terminal of 20x5 cannot show the app"),
        ((60_000, 24), "xterm", "a terminal of 60000x24 cannot show the app"),
    ],
)
def test_a_terminal_that_cannot_show_it(size: tuple[int, int], term: str | None, said: str) -> None:
    with opened(size=size, term=term) as terminal:
        assert ended(terminal) == 2
        terminal.seen("labbench: " + said.replace("(", r"\(").replace(")", r"\)"))
        assert b"\x1b" not in terminal.raw


@pytest.mark.parametrize(
    ("redirected", "said"),
    [("< /dev/null", "stdin is no terminal"), ("> /dev/null", "stdout is no terminal")],
)
def test_streams_that_are_no_terminal(redirected: str, said: str) -> None:
    with opened("sh", "-c", f"{sys.executable} -m labbench {redirected}") as terminal:
        assert ended(terminal) == 2
        terminal.seen(said)
        assert b"\x1b" not in terminal.raw


def test_it_is_drawn_on_the_terminal_where_stderr_goes_to_a_file(tmp_path: Path) -> None:
    err = tmp_path / "err"
    with opened("sh", "-c", f"exec {sys.executable} -m labbench 2> {err}") as terminal:
        terminal.seen(SHOWN)
        terminal.press("q")
        assert ended(terminal) == 0
        assert terminal.left == set()
    assert err.read_bytes() == b""
