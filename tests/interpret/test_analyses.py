"""Every analysis is a folder of the same four parts, a command and a tab."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import Any

import pytest

from labbench.cli.app import app as commands
from labbench.cli.showing.app import show_app
from labbench.interpret.analyses import ANALYSES
from labbench.interpret.options import Options
from labbench.interpret.picture import AnalysisView
from labbench.interpret.questions import QUESTIONS
from labbench.tui.inside.screen import TABS

NO_QUESTION = {"filters"}
"""Read from the checkpoint alone."""

kinds = pytest.mark.parametrize("kind", ANALYSES, ids=lambda kind: kind.command)


def part(kind: type[Options], name: str) -> Any:
    return import_module(f"{kind.__module__.rpartition('.')[0]}.{name}")


@kinds
def test_it_is_asked_computed_and_drawn(kind: type[Options]) -> None:
    assert list(inspect.signature(part(kind, "answer").find).parameters)[:3] == [
        "run", "options", "ask"
    ]  # fmt: skip
    views = [one for one in vars(part(kind, "picture")).values()
             if inspect.isclass(one) and issubclass(one, AnalysisView)]  # fmt: skip
    assert len(views) == 2  # and the class that it is of
    assert callable(part(kind, "picture").view)
    asked = [one for one in QUESTIONS if one.__module__ == part(kind, "answer").__name__]
    if kind.command in NO_QUESTION:
        assert not asked
    else:
        assert asked
        assert callable(part(kind, "compute").compute)


@kinds
def test_it_is_a_command(kind: type[Options]) -> None:
    group = show_app if kind.of_show else commands
    names = [one.name or one.callback.__name__ for one in group.registered_commands]
    assert kind.command in names


def test_each_is_a_tab_with_a_letter_of_its_own() -> None:
    assert [tab.kind for tab in TABS] == list(ANALYSES)
    assert len({tab.letter for tab in TABS}) == len(ANALYSES)
    for kind in ANALYSES:
        assert kind.letter.isupper()
        assert kind.title
        assert kind.about
        assert kind.said
