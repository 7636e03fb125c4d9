"""A stdin, stdout or stderr that is closed, full, or cannot write every letter."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from labbench.presets import Preset
from labbench.runs import create


def shell(line: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """What a line of sh does in which `labbench` is this one."""
    script = f'labbench() {{ "{sys.executable}" -m labbench "$@"; }}; {line}'
    return subprocess.run(
        ["sh", "-c", script], capture_output=True, env={**os.environ, **variables}, check=False
    )


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("labbench runs >&-", 0, b""),
        ("labbench runs <&-", 0, b""),
        ("labbench show 7 2>&-", 5, b""),
        ("labbench <&- >&- 2>&-", 2, b""),
        ("labbench runs > /dev/full", 1, b"labbench: stdout: cannot be written: No space left"),
    ],
    ids=["stdout", "stdin", "stderr", "all", "full"],
)
def test_a_stream_that_is_closed_or_full(line: str, code: int, said: bytes) -> None:
    create(Preset())
    done = shell(line)
    assert (done.returncode, done.stderr[: len(said)]) == (code, said)
    assert b"Traceback" not in done.stderr


def test_letters_that_stdout_cannot_write_are_not_lost() -> None:
    create(Preset(name="größe 🎤"))
    plain = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    listed = shell("labbench runs && labbench runs --json", **plain)
    assert listed.returncode == 0, listed.stderr
    text = listed.stdout.decode("ascii")
    assert "\\u25f7 queued" in text
    assert json.loads(text[text.index("\n[") :])[0]["preset"] == "größe 🎤"
