"""The keys of every screen: none is taken from its command by what has the focus."""

from __future__ import annotations

import pytest
from textual.binding import Binding
from textual.dom import DOMNode

from labbench.runs import RunFolder
from labbench.tui.screen import BenchScreen
from tests.tui.conftest import World, keys, settle

WAYS = {
    "bench": ("1", "escape"), "runs": ("2",), "run": ("2", "enter"), "results": ("2", "R"),
    "tables": ("3",), "table": ("3", "enter"), "compare": ("4",), "data": ("5",),
    "clips": ("5", "enter"), "cell": ("2", "j", "R", "enter"),
}  # fmt: skip


def bound(node: DOMNode) -> set[str]:
    """The keys that a widget of ours keeps for itself: Textual's own let go what they cannot do."""
    return {
        one.key
        for base in type(node).__mro__
        if issubclass(base, DOMNode) and base.__module__.startswith("labbench")
        for one in Binding.make_bindings(vars(base).get("BINDINGS", ()))
    }


@pytest.mark.parametrize("way", WAYS)
async def test_no_key_is_kept_from_its_command(
    world: World, recorded: list[RunFolder], way: str
) -> None:
    app = world.app()
    async with app.run_test(size=(140, 45)) as pilot:
        await settle(pilot)
        await keys(pilot, *WAYS[way])
        screen = app.screen
        assert isinstance(screen, BenchScreen)
        focused = [app.focused, *app.focused.ancestors] if app.focused else []
        kept = {key for node in focused if node not in (screen, app) for key in bound(node)}
        taken = {
            f"{key}: {one.label}"
            for one in screen.commands
            for key in one.key.split(",")
            if key in kept
        }
        assert not taken
