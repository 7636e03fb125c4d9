"""Can the screens be drawn well here: colours, signs, size, and tmux between."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial

from labbench.doctor.found import Found, finding

AREA = "terminal"
_found = partial(finding, AREA)
LEAST = (80, 24)

TMUX_COLOURS = (
    'In ~/.tmux.conf: set -g default-terminal "tmux-256color"; set -as terminal-features ",*:RGB"'
)
ESCAPE_MS = 50
"""tmux waits so long after Esc before it passes it on; more is felt."""


def findings() -> Iterator[Found]:
    """What the terminal says of itself."""
    if not sys.stdout.isatty():
        yield _found("note", "stdout is no terminal: only the environment was checked.")
    else:
        yield _size()
    yield _signs()
    yield _colours()
    if "TMUX" in os.environ:
        yield from _tmux()
    elif "STY" in os.environ:
        yield _found("warning", "GNU screen shows 256 colours at most before version 5.",
                     "tmux shows them all.")  # fmt: skip


def _size() -> Found:
    width, height = shutil.get_terminal_size()
    said = f"{width}x{height} cells"
    if width < LEAST[0] or height < LEAST[1]:
        return _found("warning", said, f"The screens need {LEAST[0]}x{LEAST[1]}.")
    return _found("ok", said)


def _signs() -> Found:
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    if encoding != "utf8":
        return _found("broken", f"the locale's encoding is {sys.stdout.encoding}: no curves.",
                      "export LC_ALL=C.UTF-8 (or another UTF-8 locale of `locale -a`)")  # fmt: skip
    return _found("ok", "UTF-8")


def _colours() -> Found:
    term = os.environ.get("TERM", "")
    if os.environ.get("NO_COLOR"):
        return _found("note", "NO_COLOR is set: no colours.")
    if term in ("", "dumb", "unknown"):
        return _found("warning", f"TERM={term or '(not set)'} has no colours and no cursor.",
                      "export TERM=xterm-256color, if the terminal is like it.")  # fmt: skip
    if os.environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return _found("ok", f"TERM={term}, truecolor")
    several = "256 colours" if "256" in term else "16 colours"
    over = " ssh does not pass it on." if "SSH_CONNECTION" in os.environ else ""
    return _found("warning", f"TERM={term}: {several} (COLORTERM does not say truecolor).{over}",
                  "If the terminal has them: export COLORTERM=truecolor")  # fmt: skip


def _tmux() -> Iterator[Found]:
    term = os.environ.get("TERM", "")
    if not term.startswith(("tmux", "screen")):
        yield _found("warning", f"inside tmux TERM is {term}: keys and colours may be wrong.",
                     'In ~/.tmux.conf: set -g default-terminal "tmux-256color"')  # fmt: skip
    features = _asked("display-message", "-p", "#{client_termfeatures}")
    if features is None:
        yield _found("note", "tmux does not answer: its settings were not checked.")
        return
    if "RGB" in features.split(","):
        yield _found("ok", "tmux passes truecolor on")
    else:
        yield _found("warning", "tmux turns truecolor into 256 colours.", TMUX_COLOURS)
    wait = _asked("show-options", "-sv", "escape-time")
    if wait and wait.isdecimal() and int(wait) > ESCAPE_MS:
        yield _found("note", f"tmux holds Esc back for {wait} ms.",
                     "In ~/.tmux.conf: set -sg escape-time 20")  # fmt: skip


def _asked(*words: str) -> str | None:
    """What tmux answers; None where it does not."""
    try:
        done = subprocess.run(["tmux", *words], capture_output=True, text=True, timeout=5)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
