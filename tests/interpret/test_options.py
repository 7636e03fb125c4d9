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
from labbench.interpret.options import Declared, Options


def read_back(kind: type[Options], words: list[str]) -> Options:
    """What typer makes of words on a command line."""
    found: list[Options] = []

    def take(options: Options) -> None:
        found.append(options)

    take.__annotations__["options"] = kind
    app = typer.Typer()
    app.command()(command.declared(take))
    done = CliRunner().invoke(app, shlex.split(" ".join(words)), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return found[0]


def cases(kind: type[Options]) -> list[Options]:
    """Each choice of each field alone, and something else of those without choices."""
    needed = {one.field: another(one) for one in kind.declared() if one.option.needed}
    found = [kind(**needed)]
    for one in kind.declared():
        found += [kind(**needed | {one.field: v}) for v in one.choices or (another(one),)]
    return found


def another(one: Declared) -> Any:
    """A value that is not the default."""
    others = {"tuple": ("it's a b", "c"), "str": "it's a b", "int": 7, "float": 33.25}
    if one.option.most == 1:
        return 0.5
    value = next(value for hint, value in others.items() if hint in str(one.hint))
    return "7" if one.option.check and isinstance(value, str) else value


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
