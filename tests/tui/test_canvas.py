"""Pictures and lines: painted where they change, laid out where they need other room."""

from __future__ import annotations

from typing import Any

import pytest
from textual.app import App, ComposeResult

from labbench.draw.plain import Text
from labbench.tui.canvas import Caption


class Room(App[None]):
    """One line."""

    def compose(self) -> ComposeResult:
        yield Caption(id="said")


@pytest.fixture
def updates(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """What was painted, and whether all was laid out for it."""
    made: list[tuple[str, bool]] = []
    original = Caption.update

    def update(self: Caption, content: Any = "", *, layout: bool = True) -> None:
        made.append((str(content), layout))
        original(self, content, layout=layout)

    monkeypatch.setattr(Caption, "update", update)
    return made


async def test_a_line_is_painted_where_it_changes(updates: list[tuple[str, bool]]) -> None:
    async with Room().run_test(size=(20, 5)) as pilot:
        said = pilot.app.query_one(Caption)
        for text in (
            Text("epoch 1"), Text("epoch 1"), Text("epoch 2"), Text("epoch 2", "red"),
            Text("a line that does not fit"), Text("another one, longer than that"),
        ):  # fmt: skip
            said.say(text)
            await pilot.pause()
        assert updates == [
            ("epoch 1", True), ("epoch 2", False), ("epoch 2", False),
            ("a line that does not fit", True), ("another one, longer than that", False),
        ]  # fmt: skip
