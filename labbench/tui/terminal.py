"""The terminal the app is drawn on: whether it can show it, and how it gets it back.

Textual gives the terminal back where the app ends by itself or by an error. Here is what else can
end it: signals, and a terminal that is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import signal
import sys
import termios
import threading
import time
from collections.abc import Iterator
from types import FrameType
from typing import TYPE_CHECKING

from labbench.errors import TerminalError

if TYPE_CHECKING:
    from labbench.tui.host import Host

LEAST = (40, 10)
"""Fewer columns or lines show nothing of use."""

MOST = (5_000, 5_000)
"""More than any terminal has: COLUMNS or LINES are wrong, and drawing would never end."""

VARIABLES = {
    "TEXTUAL_ANIMATIONS": "none|basic|full",
    "TEXTUAL_COLOR_SYSTEM": "auto|standard|256|truecolor",
    "TEXTUAL_DISABLE_KITTY_KEY": "[01]",
    "TEXTUAL_FPS": "[1-9][0-9]{0,2}",
    "TEXTUAL_SMOOTH_SCROLL": "[01]",
    "TEXTUAL_SPEEDUPS": "[01]",
}
"""What of Textual's variables the app follows: those about the terminal, where they are sound.

Others are for who develops with Textual: they name logs, pictures and keys, which may end the app.
"""

GRACE_S = 3.0
"""An app that was told to end has so long to do it by itself."""

GIVE_BACK_S = 0.5
"""Seconds for a few bytes to a terminal."""

ABANDON_S = 5.0
"""What the app still does in threads when it was left (a run is made, or deleted) is soon done."""

LOOK_EVERY_S = 1.0
"""Seconds between two looks at whether the terminal is still there."""

GIVE_BACK = (
    "\x1b[?2004l\x1b[?7h\x1b[?2048l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l"
    "\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l"
)
"""Undoes what Textual asks of a terminal: paste, wrap, mouse, keys, screen, cursor, focus."""


def check() -> None:
    """See whether the app can be drawn here.

    Raises:
        TerminalError: it cannot, and why.
    """
    hint = "labbench -h lists the commands."
    for stream, name in ((sys.stdin, "stdin"), (sys.stdout, "stdout")):
        if not stream.isatty():
            raise TerminalError(f"{name} is no terminal: the app needs one.", hint=hint)
    term = os.environ.get("TERM", "")
    if term in ("", "dumb", "unknown"):
        raise TerminalError(
            f"TERM={term or '(not set)'} cannot show the app.",
            hint=f"export TERM=xterm-256color, if the terminal is like it; {hint}",
        )
    columns, lines = shutil.get_terminal_size((0, 0))
    if columns < LEAST[0] or lines < LEAST[1]:
        raise TerminalError(
            f"a terminal of {columns}x{lines} cannot show the app: it needs {LEAST[0]}x{LEAST[1]}.",
            hint=f"If it is larger: stty cols 80 rows 24; {hint}",
        )
    if columns > MOST[0] or lines > MOST[1]:
        raise TerminalError(
            f"a terminal of {columns}x{lines} cannot show the app: it takes {MOST[0]}x{MOST[1]}.",
            hint=f"unset COLUMNS LINES; {hint}",
        )


def drop_variables() -> None:
    """Take Textual's variables that the app does not follow away, before Textual is imported."""
    for name in [name for name in os.environ if name.startswith("TEXTUAL")]:
        if not re.fullmatch(VARIABLES.get(name, "(?!)"), os.environ[name]):
            del os.environ[name]


def show(app: Host) -> int:
    """Run the app on this terminal, and give it back however it ends; returns the exit code."""
    with _drawn_on_terminal():
        asyncio.run(_run(app))
    return app.return_code or 0


def can_stop() -> bool:
    """Whether a shell is there that takes the terminal over, and brings the app back, on ctrl+z."""
    parent = os.getppid()
    return os.getsid(parent) == os.getsid(0) and os.getpgid(parent) != os.getpgrp()


@contextlib.contextmanager
def _drawn_on_terminal() -> Iterator[None]:
    """Textual draws on what is stderr at the start: on stdout where stderr is no terminal."""
    kept = sys.__stderr__
    if kept is None or not kept.isatty():
        sys.__stderr__ = sys.__stdout__  # type: ignore[misc]
    try:
        yield
    finally:
        sys.__stderr__ = kept  # type: ignore[misc]


async def _run(app: Host) -> None:
    ending = _Ending(app, asyncio.get_running_loop())
    numbers = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT)
    for number in numbers:
        signal.signal(number, ending.on_signal)
    # Whoever started us may have held those that came meanwhile.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)
    threading.Thread(target=_watch, daemon=True, name="terminal").start()
    await app.run_async()
    ending.drawn = False
    code = app.return_code or 0
    threading.Thread(target=_abandon, args=(code,), daemon=True, name="abandon").start()


class _Ending:
    """Has the app end by a signal as it does by its own key; by force where it cannot."""

    def __init__(self, app: Host, loop: asyncio.AbstractEventLoop) -> None:
        self.drawn = True
        """Whether the terminal is still the app's."""
        self._app = app
        self._loop = loop
        self._before = termios.tcgetattr(0)

    def on_signal(self, number: int, frame: FrameType | None) -> None:
        """Take a signal."""
        threading.Thread(target=self._force, args=(number,), daemon=True, name="end").start()
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._app.end, 128 + number)

    def _force(self, number: int) -> None:
        time.sleep(GRACE_S)
        # A write to a terminal that is gone fails, to one that takes nothing waits for ever.
        threading.Thread(target=self._give_back, daemon=True).start()
        time.sleep(GIVE_BACK_S)
        os._exit(128 + number)

    def _give_back(self) -> None:
        if self.drawn:
            with contextlib.suppress(OSError, termios.error):
                termios.tcsetattr(0, termios.TCSANOW, self._before)
                os.write(1, GIVE_BACK.encode())


def _abandon(code: int) -> None:
    """End though threads are at work: nobody waits for an answer or an estimate any more."""
    time.sleep(ABANDON_S)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _watch() -> None:
    """Take a terminal that is gone as a hang-up: not everybody is told of one by a signal."""
    while os.isatty(0):
        time.sleep(LOOK_EVERY_S)
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGHUP)
