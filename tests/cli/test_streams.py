"""A stdin, stdout or stderr that is closed, full, or cannot write every letter."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys

import pytest

from labbench.cli.streams import escape_output
from labbench.draw.plain import Console, Text
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
        (
            'ulimit -f 0; labbench runs > "$LABBENCH_HOME/out"',
            1,
            b"labbench: stdout: cannot be written: File too large",
        ),
    ],
    ids=["stdout", "stdin", "stderr", "all", "full", "limit"],
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


def test_what_is_written_as_text_is_escaped_and_bytes_are_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="utf-8"))
    monkeypatch.setattr(sys, "stderr", sys.stdout)
    escape_output()
    print("\x1b[31mred\x9b\u202e", "\ta")
    Console(force_terminal=True, color_system="standard").print(Text("\x1b]0;title\x07", "red"))
    sys.stdout.flush()
    sys.stdout.buffer.write(b"\x1b\x00")
    assert raw.getvalue() == (
        b"\\x1b[31mred\\x9b\\u202e \ta\n\x1b[31m\\x1b]0;title\\x07\x1b[0m\n\x1b\x00"
    )


def test_wrong_usage_and_missing_files_are_told_without_their_controls() -> None:
    payload = "\x1b]52;c;ZXZpbA==\x07\x9b31m\u202e"
    done = shell(f"labbench $'--{payload}'; labbench run $'x{payload}.toml'; labbench '{payload}'")
    said = done.stderr.decode()
    assert said.count(r"\x1b]52;c;ZXZpbA==\x07\x9b31m\u202e") == 3
    assert not set("\x1b\x07\x9b\u202e") & set(said + done.stdout.decode())
