"""No command lets a name act on the terminal: every one is run over a home full of such names."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import typer

from labbench.cli import main
from labbench.cli.app import app
from labbench.interpret.question import A, Question, stored
from tests import hostile
from tests.hostile import CLIPBOARD, MARK, NAME, WORDS
from tests.tui.listening import AtOnce, keep

FORMS = [["-f", form] for form in ("ansi", "ansi", "json", "csv", "svg")]
"""Ones with even places are written to a terminal, the others to a pipe."""
SOUND = f"sounds/{WORDS[1]}/0{CLIPBOARD}\n.wav"
TWO = (FORMS[0], FORMS[3])
FILE = f"no{CLIPBOARD}\n.wav"

COMMANDS: dict[str, list[list[str]]] = {
    "presets": [["demo"], [f"{NAME}.toml", "--show"]],
    "run": [[NAME], [f"./{NAME}.toml"], ["demo", "--set", f"data.words={WORDS[0]},b"],
            ["demo", "--set", NAME], ["--resume", NAME], ["demo", "--data", NAME]],
    "watch": [["2"], ["1"], [NAME]],
    "stop": [["2"], [NAME]],
    "checkpoint": [["2"], [NAME]],
    "predict": [["1", FILE, SOUND], ["1", FILE, "--json"], ["1", NAME]],
    "export": [["1", "--to", "csv", "-o", "out"], ["1", "--to", "tensorboard", "-o", "out"],
               ["1", "--to", "csv", "-o", f"no{NAME}"], ["1", "--to", NAME]],
    "compare": [*([["1", "2", "3", *form] for form in FORMS]), ["1", NAME]],
    "doctor": [[]],
    "report": [["1", "2", "-o", "r.html"], ["1", "2", "-o", f"{CLIPBOARD}.md"], ["--since", NAME]],
    "table": [[NAME], ["custom-ch64-tanh", "--rows", NAME]],
    "sweep": [[NAME], ["demo", "--grid", f"data.words={WORDS[0]}"], 
              ["custom-ch64-tanh", "--data", NAME]],
    "reproduce": [["custom-ch64-tanh"], [NAME]],
    "runs": [[], [], ["--json"], ["--match", NAME]],
    "runs rm": [["2"], [NAME]],
    "show summary": [["1", *form] for form in FORMS] + [["0"], ["2"], [NAME]],
    "show classes": [["1", *form] for form in FORMS],
    "show confusion": [["1", *form] for form in FORMS],
    "show cell": [["1", WORDS[0], WORDS[1], *form] for form in FORMS] + [["1", NAME, WORDS[0]]],
    "show clip": [["1", NAME]],
    "show curves": [["1"], ["2", "-f", "csv"]],
    "show events": [["1", *form] for form in FORMS],
    "show console": [["1", *form] for form in FORMS],
    "show filters": [["1"], ["1", "--layer", NAME], ["1", "--against", NAME]],
    "show dead": [["1", *form] for form in TWO],
    "show cam": [["1", "--clip", WORDS[1], *form] for form in TWO] + [["1", "--class", NAME]],
    "show features": [["1", "--layer", NAME]],
    "show map": [["1", *form] for form in TWO] + [["1", "--word", WORDS[0]]],
    "show maps": [["1", *form] for form in TWO],
    "show pair": [["1", WORDS[0], WORDS[1], *form] for form in TWO] + [["1", NAME, WORDS[0]]],
    "show maximise": [["1", NAME]],
    "show weights": [["1"], ["1", "--layer", NAME]],
    "data add": [["mine", "sounds"], ["mine", "sounds"], [NAME, "sounds"], ["a", f"no{NAME}"],
                 ["b", "sounds", "--words", NAME]],
    "data fetch": [["--url", f"http://{NAME}/x"]],
    "data synth": [["--words", NAME], ["--name", NAME]],
    "data cancel": [[NAME], ["mine"]],
    "data list": [[], [], ["--json"]],
    "data show": [["tones"], ["tones"], ["tones", "--json"], [NAME]],
    "data check": [["mine"], ["mine", "--json"], [NAME]],
    "data rm": [["tones"], [NAME]],
    "data clips": [["tones", *form] for form in FORMS] + [["tones", "--word", NAME]],
    "data clip": [["tones", "1", *form] for form in FORMS] +
                 [["tones", NAME], ["tones", "0", "--color"]],
}  # fmt: skip
SILENT = {"runs rm", "data rm", "data cancel", "show curves", "show maximise"}
"""Commands whose arguments here may say nothing of a name."""


class Screen(io.TextIOWrapper):
    """A stream that is, or is not, a terminal."""

    def __init__(self, terminal: bool) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", errors="strict", write_through=True)
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    @property
    def text(self) -> str:
        written = self.buffer
        assert isinstance(written, io.BytesIO)
        return written.getvalue().decode("utf-8", errors="surrogateescape")


class Keeping(AtOnce):
    """Answers at once, and keeps the answer."""

    def ask(self, question: Question[A], **options: Any) -> A:
        found = super().ask(question, **options)
        as_kept = stored(question, found)
        keep(self.run, question, as_kept.arrays, as_kept.about)
        return found


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home full of hostile names, made once."""
    with pytest.MonkeyPatch.context() as patch:
        root = tmp_path_factory.mktemp("hostile")
        patch.setenv("LABBENCH_HOME", str(root / "home"))
        hostile.fill(patch)
        hostile.sounds(root / "sounds")
        yield root


def commands(found: Any = None, before: tuple[str, ...] = ()) -> Iterator[str]:
    """Every command there is."""
    found = found or typer.main.get_command(app)
    for name, one in getattr(found, "commands", {}).items():
        yield from commands(one, (*before, name))
    if "runs" in before[-1:] or not hasattr(found, "commands"):
        yield " ".join(before)


def test_every_command_has_a_case() -> None:
    assert set(commands()) == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_no_name_acts_on_the_terminal(
    home: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABBENCH_HOME", str(home / "home"))
    monkeypatch.chdir(home)
    monkeypatch.setattr("labbench.worker.analyst.Analyst", Keeping)
    monkeypatch.setattr("labbench.audio.fetch.TRIES", 1)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("TERM", "xterm-256color")
    seen = ""
    for index, case in enumerate(COMMANDS[command]):
        name, *rest = command.split()
        # A run's own name stands before what is shown of it.
        line = [name, case[0], *rest, *case[1:]] if name == "show" else [name, *rest, *case]
        out, err = _written(line, monkeypatch, terminal=index % 2 == 0)
        for text in (out, err):
            assert hostile.controls(text) == [], (line, text)
            assert "Traceback" not in text, line
        if "svg" in case:
            ElementTree.fromstring(out)
        seen += out + err
    assert MARK in seen or command in SILENT
    for path in (*home.glob("out/*/*.csv"), *home.glob("*.md"), *home.glob("*.html")):
        assert hostile.controls(path.read_text()) == [], path


def _written(
    line: list[str], monkeypatch: pytest.MonkeyPatch, *, terminal: bool
) -> tuple[str, str]:
    """What a command line writes to stdout and stderr."""
    out, err = Screen(terminal), Screen(terminal)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        patch.setattr(sys, "argv", ["labbench", *line])
        with pytest.raises(SystemExit):
            main()
    return out.text, err.text
