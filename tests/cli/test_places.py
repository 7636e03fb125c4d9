"""Every command that writes where a person says: through links, into pipes, with the old mode."""

from __future__ import annotations

import inspect
import os
import stat
import typing
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import typer

from labbench.cli.app import app, run_app
from tests import tiny
from tests.recorded import record

HOME = "labbench-home"

VIEWS = ("show", "predict", "compare", "data")
"""Commands that hand their view and -o on as they are: one of each is tried."""

LINES = (
    ["show", "1", "confusion", "-f", "svg"],
    ["show", "1", "classes", "-f", "png"],
    ["compare", "1", "2"],
    ["data", "clip", "tones", "0", "-f", "npz"],
    ["data", "show", "tones", "-f", "csv"],
    ["report", "1", "2", "-f", "md"],
    ["table", "custom-ch64-tanh"],
    ["table", "custom-ch64-tanh", "-f", "latex"],
    ["table"],
)


def writing(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Each command and the name of each of its options that takes a path."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from writing(command, (*path, name))
            continue
        for option, hint in inspect.get_annotations(command.callback, eval_str=True).items():
            kind, *infos = typing.get_args(hint) or (hint,)
            paths = kind is Path or Path in typing.get_args(kind)
            if paths and isinstance(infos[0], typer.models.OptionInfo):
                yield " ".join((*path, name)), option


def test_no_command_that_writes_is_left_out() -> None:
    found = set(writing(typer.main.get_command(app)))
    assert ("show confusion", "output") in found
    assert {one for one in found if one[0].split()[0] not in VIEWS} == {
        ("export", "output"), ("report", "output"), ("table", "output")
    }  # fmt: skip
    assert {option for _, option in found} == {"output", "wav"}


@pytest.fixture
def runs() -> None:
    record()
    record(epochs=3)
    tiny.make_clips()


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("line", LINES, ids=" ".join)
def test_a_link_a_pipe_and_stdout_get_the_same(
    line: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    real, link, pipe = Path("real"), Path("link.html"), Path("pipe")
    real.touch(0o600)
    link.symlink_to(real)
    os.mkfifo(pipe)
    assert run_app([*line, "-o", str(link)]) == 0
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o600
    capfdbinary.readouterr()
    assert run_app([*line, "-o", "-"]) == 0
    dash = capfdbinary.readouterr().out
    with ThreadPoolExecutor() as reader:
        piped = reader.submit(pipe.read_bytes)
        assert run_app([*line, "-o", str(pipe)]) == 0
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    for said in (dash, piped.result()):
        assert said
        # What an image or archive holds beside figures, such as the time, may differ.
        assert said[:100] == real.read_bytes()[:100]
    assert {path.name for path in tmp_path.iterdir()} == {"link.html", "pipe", "real", HOME}


def test_two_things_cannot_both_be_stdout(capfd: pytest.CaptureFixture[str]) -> None:
    line = ["show", "1", "maximise", "low", "--steps", "1", "--seeds", "1", "--wav", "-"]
    assert run_app(line) == 2
    assert "name a file with -o" in capfd.readouterr().err
    assert run_app(["report", "1", "-o", "-", "--json"]) == 2
