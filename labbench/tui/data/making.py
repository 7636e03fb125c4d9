"""Dialogs that ask what data set to make; every field is checked as it is typed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.suggester import Suggester
from textual.widgets import Input, Static

from labbench import units
from labbench.audio.jobs import Add, Order, Synth
from labbench.audio.library import natural_key
from labbench.draw.plain import Text
from labbench.errors import DataError, LabbenchError
from labbench.paths import expanded, is_text
from labbench.tui.dialogs import Dialog
from labbench.tui.themes import PALETTES

MOST_LISTED = 1000
"""Entries of a folder that are looked at for a hint."""


@dataclass(frozen=True, slots=True)
class Blank:
    """A field to be filled in."""

    key: str
    label: str
    value: str = ""
    placeholder: str = ""
    is_path: bool = False


class Paths(Suggester):
    """Completes the path that is typed."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        return completed(value)


def completed(typed: str) -> str | None:
    """The first file or folder whose path begins so, folders with a slash at the end."""
    head, slash, start = typed.rpartition("/")
    if not slash and not typed.startswith("~"):
        head = "."
    try:
        folder = expanded(head or "/")
        names = sorted(
            path.name + "/" * path.is_dir() for path in islice(folder.iterdir(), MOST_LISTED)
            if path.name.startswith(start) and (start or not path.name.startswith("."))
            and is_text(path.name)
        )  # fmt: skip
    except OSError:
        return None
    return typed[: len(typed) - len(start)] + names[0] if names else None


class Line(Input):
    """A field; up and down go to the next one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]


class OrderForm(Dialog[Order | None]):
    """A few fields that say what to make; enter begins, esc does not."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "leave", "leave")]

    def __init__(
        self,
        question: str,
        blanks: Sequence[Blank],
        order: Callable[[dict[str, str]], tuple[Order, str]],
    ) -> None:
        """`order` makes the order of what is typed, and says something of it; it may raise."""
        super().__init__()
        self._question, self._blanks, self._order = question, blanks, order
        self._named = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Text(self._question), classes="question")
            for blank in self._blanks:
                with Horizontal(classes="blank"):
                    yield Static(blank.label, classes="label", markup=False)
                    yield Line(
                        blank.value, placeholder=blank.placeholder, id=blank.key,
                        suggester=Paths() if blank.is_path else None, select_on_focus=False,
                    )  # fmt: skip
            yield Static(id="verdict", markup=False)
            hint = "enter start   tab next field   esc cancel"
            if any(blank.is_path for blank in self._blanks):
                hint = "enter start   → complete the path   tab next field   esc cancel"
            yield Static(hint, classes="hint", markup=False)

    def on_mount(self) -> None:
        self._validate()

    def values(self) -> dict[str, str]:
        """What is typed, by field."""
        return {line.id or "": line.value.strip() for line in self.query(Line)}

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.input.id == "name" and event.input.has_focus:
            self._named = True
        if event.input.id == "path" and not self._named:
            name = self.query_one("#name", Input)
            name.value = name_of(event.value)
            name.cursor_position = len(name.value)
        self._validate()

    def _validate(self) -> Order | None:
        """The order, if nothing is wrong with it; says so below the fields."""
        theme = PALETTES.get(self.app.theme)
        assert theme is not None
        verdict = self.query_one("#verdict", Static)
        if any(blank.is_path and not self.values()[blank.key] for blank in self._blanks):
            verdict.update("")
            return None
        try:
            order, said = self._order(self.values())
        except LabbenchError as error:
            text = Text(f"✖ {error.what} {error.hint}".strip(), style=theme.bad)
            verdict.update(text)
            return None
        verdict.update(Text(said, style=theme.warn if said.startswith("!") else theme.good))
        return order

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if (order := self._validate()) is not None:
            self.dismiss(order)

    def action_leave(self) -> None:
        self.dismiss(None)


def add_form(in_use: Sequence[str]) -> OrderForm:
    """Asks for a folder or archive of clips, and a name."""

    def order(values: dict[str, str]) -> tuple[Order, str]:
        from labbench.audio import maker

        path = expanded(values["path"])
        maker.check_source(path)
        made = Add(name=values["name"], path=str(path.absolute()), replace=values["name"] in in_use)
        maker.check(made)
        return made, _replaces(made) or held(path)

    blanks = (
        Blank("path", "folder or archive", placeholder="~/clips", is_path=True),
        Blank("name", "name"),
    )
    return OrderForm("Add clips: one folder a word", blanks, order)


def synth_form(in_use: Sequence[str]) -> OrderForm:
    """Asks how many clips to synthesise."""

    def order(values: dict[str, str]) -> tuple[Order, str]:
        from labbench.audio import maker

        made = Synth(
            name=values["name"], clips=_whole(values["clips"], "clips", 1, 1_000_000),
            seed=_whole(values["seed"], "seed", 0, 2**31), replace=values["name"] in in_use,
        )  # fmt: skip
        maker.check(made)
        size = units.size(made.clips * 2 * units.CLIP_SAMPLES)
        return made, _replaces(made) or f"✔ 16 words, {size}"

    blanks = (
        Blank("name", "name", "synthetic"), Blank("clips", "clips", "6000"),
        Blank("seed", "seed", "0"),
    )  # fmt: skip
    return OrderForm("Make synthetic speech", blanks, order)


def _replaces(order: Order) -> str:
    return "! There is a data set of this name: it would be replaced." if order.replace else ""


def _whole(typed: str, what: str, least: int, most: int) -> int:
    """A whole number.

    Raises:
        DataError: it is none, or too small or large.
    """
    if not typed.isdecimal() or not least <= int(typed) <= most:
        raise DataError(f"{what} = {typed or 'nothing'} is not allowed.",
                        hint=f"Allowed: {least:,} to {most:,}.")  # fmt: skip
    return int(typed)


def name_of(path: str) -> str:
    """A name for the data set of what lies at a path."""
    last = path.rstrip("/").rpartition("/")[2]
    last = re.sub(r"(\.tar\.gz|\.tgz|\.tar|\.zip)$", "", last)
    return re.sub(r"[^A-Za-z0-9._-]+", "-", last).strip("-._")[:64]


def held(path: Path) -> str:
    """What a quick look at a source tells of it."""
    try:
        if not path.is_dir():
            return f"✔ an archive of {units.size(path.stat().st_size)}"
        folders = (
            one.name for one in islice(path.iterdir(), MOST_LISTED)
            if one.is_dir() and not one.name.startswith(("_", "."))
        )  # fmt: skip
        words = sorted(folders, key=natural_key)
    except OSError as error:
        return f"! It cannot be read: {error.strerror}."
    if not words:
        return "! It has no folders: there must be one a word."
    shown = ", ".join(words[:6]) + (", ..." if len(words) > 6 else "")
    return f"✔ {units.plural(len(words), 'folder')}: {shown}"
