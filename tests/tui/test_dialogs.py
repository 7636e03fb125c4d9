"""Dialogs: what is asked in front of a screen."""

from __future__ import annotations

from typing import Any

import pytest
from textual.screen import ModalScreen

from labbench.runs import RunFolder
from labbench.tui.data.making import add_form
from labbench.tui.dialogs import Ask, Choose, Confirm, Dialog
from labbench.tui.help import HelpScreen
from labbench.tui.runs.screen import RunsScreen
from tests.tui.conftest import World, keys, settle

DIALOGS: dict[str, tuple[Any, str]] = {
    "confirm": (lambda screen: Confirm("Sure?", "It goes on.", "do it"), "y"),
    "ask": (lambda screen: Ask("A name", "mine"), "enter"),
    "choose": (lambda screen: Choose("Which?", [("a", "A"), ("b", "B")]), "enter"),
    "form": (lambda screen: add_form([]), "escape"),
    "help": (HelpScreen, "escape"),
}  # fmt: skip


@pytest.mark.parametrize("name", DIALOGS)
async def test_a_key_twice_in_one_packet_closes_the_dialog_alone(
    world: World, recorded: list[RunFolder], name: str
) -> None:
    make, key = DIALOGS[name]
    async with world.app().run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await keys(pilot, "2")
        answers: list[Any] = []
        pilot.app.push_screen(make(pilot.app.screen), answers.append)
        await settle(pilot)
        assert isinstance(pilot.app.screen, Dialog)
        # Over a slow line both are there before the first is acted on.
        for one in (key, key):
            pilot.app.simulate_key(one)
        await settle(pilot)
        assert isinstance(pilot.app.screen, RunsScreen)
        assert len(pilot.app.screen_stack) == 1
        assert len(answers) == 1


def test_every_dialog_of_the_app_is_one() -> None:
    import labbench.tui.tables.sweeping  # noqa: F401

    ours = {one for one in ModalScreen.__subclasses__() if one.__module__.startswith("labbench.")}
    assert ours == {Dialog}


async def test_answers_of_one_word_are_told_apart(world: World) -> None:
    """A data set may have the word `all`."""
    answers: list[str | None] = []
    async with world.app().run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        pilot.app.push_screen(
            Choose("Which?", [("", "all"), ("all", "all")], "all"), answers.append
        )
        await keys(pilot, "enter")
        pilot.app.push_screen(Choose("Which?", [("", "all"), ("all", "all")]), answers.append)
        await keys(pilot, "enter")
    assert answers == ["all", ""]
