"""A home full of names that would act on a terminal, and how to tell whether one of them could."""

from __future__ import annotations

import re
from pathlib import Path
from unicodedata import category

import msgspec
import numpy as np
import pytest
import soundfile

from labbench import paths
from labbench.audio import jobs
from labbench.runs import EventLog, RunFolder, events
from tests import tiny
from tests.opened import opened
from tests.recorded import record

OBEYED = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Kinds of signs that are obeyed or not seen."""

MARK = "EVIL"
CLIPBOARD = f"\x1b]52;c;{MARK}\x07"
WORDS = (f"\x1b[31m{MARK}", f"\x9b31m{MARK}\u202e", f"$(touch${{IFS}}{MARK})\u200b\x7f")
"""Red letters, the same by C1 with a turn of direction, and what a shell would run."""
NAME = f"{CLIPBOARD}\x9b2J\u202e\u200b\u2028[red]=1+1"
LINES = f"{NAME}\n\x1b[2J\rlabbench: all is well"

_OWN = re.compile(r"\x1b\[(?:[\d;]*m|\?25[lh]|2K|1A)|[\n\t\r]")
"""What the program itself sends: colours, the cursor, lines of a bar."""


def controls(written: str) -> list[str]:
    """What of a text the terminal would obey, or nobody would see, and is not our own."""
    acted = re.findall(rf"\x1b\[31m{MARK}|\r(?=labbench: all)", written)
    return [*acted, *(repr(sign) for sign in _OWN.sub("", written) if category(sign) in OBEYED)]


def sounds(folder: Path) -> Path:
    """A folder of clips, a folder a word, one of them of a name that is no UTF-8 text, and torn."""
    tone = 0.3 * np.sin(np.arange(16_000) / 20)
    for word in WORDS:
        (folder / word).mkdir(parents=True)
        for number in range(8):
            soundfile.write(folder / word / f"{number}{CLIPBOARD}\n.wav", tone, 16_000)
    (folder / WORDS[0] / f"torn{NAME}.wav").write_bytes(b"RIFF")
    (folder / WORDS[0] / f"{NAME}.txt").write_bytes(b"?")
    return folder


def fill(monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """Clips, runs of every state, jobs and presets; returns a run whose net can be asked."""
    monkeypatch.setattr(tiny, "WORDS", WORDS)
    run = opened()
    _say(run)
    states = ("failed", "lost", "stopped", "queued", "finished")
    for state in states:
        other = record(
            state=state, epochs=0 if state == "queued" else 12, preset="custom-ch32",
            message=LINES, hint=LINES, device=NAME, clips=NAME,
        )  # fmt: skip
        _say(other)
    found = paths.runs_dir() / "0006-custom-ch32"
    RunFolder(found.rename(found.with_name(f"x{CLIPBOARD}\n")))
    for name, text in {
        f"a{NAME}": "about = 1",
        "words": f'base = "demo"\nabout = "{MARK}\\u001b"',
    }.items():
        path = paths.user_presets_dir() / f"{name}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    order = jobs.Add(name="mine", path=NAME)
    jobs.jobs_dir().mkdir(exist_ok=True)
    jobs.write(
        jobs.Job(order=order, state="failed", created=1.0, what=NAME, message=LINES, hint=LINES)
    )
    damaged = paths.clips_dir() / f"set{CLIPBOARD}"
    damaged.mkdir()
    (damaged / "meta.json").write_text(NAME, encoding="utf-8")
    return run


def _say(run: RunFolder) -> None:
    """What a run keeps of texts."""
    log = EventLog(run.events_path)
    log.append([events.Note(time=2_000.0, text=LINES)])
    log.close()
    run.console_path.write_text(f"{LINES}\n{LINES}\n", encoding="utf-8")
    notes = {"tags": [NAME, MARK], "note": LINES}
    (run.path / "notes.json").write_bytes(msgspec.json.encode(notes))
