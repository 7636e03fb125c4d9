"""Options of analyses: one declaration, many uses."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from labbench.cli.showing import command
from labbench.interpret.analyses import ANALYSES
from labbench.interpret.feature_maps.options import MapsOptions
from labbench.interpret.options import Options


def read_back(kind: type[Options], words: list[str]) -> Options:
    """What typer makes of words on a command line."""
    found: list[Options] = []

    def take(**values: Any) -> None:
        found.append(kind(**values))

    take.__signature__ = command.signature(kind)  # type: ignore[attr-defined]
    app = typer.Typer()
    app.command()(take)
    done = CliRunner().invoke(app, shlex.split(" ".join(words)), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return found[0]


def cases(kind: type[Options]) -> list[Options]:
    """Each choice of each field alone, and something else of those without choices."""
    found = [kind()]
    others = {str: "it's a b", int: 7, float: 33.25}
    for one in kind.declared():
        other = next((value for hint, value in others.items() if hint.__name__ in str(one.hint)), 0)
        if one.option.most:
            other = 0.5
        found += [kind(**{one.field: value}) for value in one.choices or (other,)]
    return found


@pytest.mark.parametrize("kind", ANALYSES, ids=lambda kind: kind.command)
def test_what_is_copied_means_the_same_when_typed(kind: type[Options]) -> None:
    for options in cases(kind):
        assert read_back(kind, options.words()) == options


@pytest.mark.parametrize("kind", ANALYSES, ids=lambda kind: kind.command)
def test_keys_go_through_all_choices_and_around(kind: type[Options]) -> None:
    for one in kind.declared():
        if one.option.key:
            assert one.option.label
            assert one.option.does
            options = kind(**{one.field: one.choices[0]})
            seen = []
            for _ in one.choices:
                options = options.having(**{one.field: options.next_choice(one.field)})
                seen.append(getattr(options, one.field))
            assert seen == [*one.choices[1:], one.choices[0]]


def test_what_is_only_drawn_asks_for_the_same() -> None:
    options = MapsOptions(layer="conv2")
    assert options.asks_as(options.having(channel=3, sort="index", before=True, at=0.5))
    assert not options.asks_as(options.having(layer="conv3"))
