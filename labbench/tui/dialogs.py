"""Small questions in front of a screen: yes or no, a line of text, one of several."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from labbench.draw.plain import Text
from labbench.errors import LabbenchError
from labbench.text import shown
from labbench.tui.loader import in_thread
from labbench.tui.page import Leavable

if TYPE_CHECKING:
    from labbench.draw.export import Format
    from labbench.tui.page import Page

R = TypeVar("R")


class Dialog(ModalScreen[R], Leavable[R]):
    """What is asked in front of a screen. It closes itself, and no other screen."""

    def dismiss(self, result: R | None = None) -> AwaitComplete:
        if self.app.screen is self:
            return super().dismiss(result)
        # A second enter or escape, which came before the first closed it.
        return AwaitComplete()


class Confirm(Dialog[bool]):
    """A question whose answer is y or n; enter and esc mean no harm is done."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("y", "answer(True)", "yes"), ("n,escape,enter,q", "answer(False)", "no"),
    ]  # fmt: skip

    def __init__(self, question: str, detail: str, yes: str) -> None:
        super().__init__()
        self._question, self._detail, self._yes = question, detail, yes

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Text(self._question), classes="question")
            yield Static(Text.lines(self._detail))
            yield Static(Text(f"y {self._yes}   n cancel"), classes="hint")

    def action_answer(self, answer: bool) -> None:
        self.dismiss(answer)


class Ask(Dialog[str | None]):
    """A line of text; enter takes it, esc does not."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "leave", "leave")]

    def __init__(self, question: str, value: str = "", *, hint: str = "") -> None:
        super().__init__()
        self._question, self._value = question, shown(value)
        self._hint = hint or "enter save   esc cancel"

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Text(self._question), classes="question")
            yield Input(self._value, select_on_focus=False)
            yield Static(self._hint, classes="hint", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(event.value)

    def action_leave(self) -> None:
        self.dismiss(None)


class Choices(OptionList, inherit_bindings=False):
    """A list of answers with vim keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("down,j", "cursor_down", "down"), ("up,k", "cursor_up", "up"),
        ("enter,space,l", "select", "choose"),
    ]  # fmt: skip


class Choose(Dialog[str | None]):
    """One of several, by arrows and enter; esc chooses none."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape,q,h", "leave", "leave")]

    def __init__(
        self, question: str, options: Sequence[tuple[str, str]], chosen: str | None = None
    ) -> None:
        """`options` are (value, what is shown); `chosen` is the one the cursor begins at."""
        super().__init__()
        self._question, self._options, self._chosen = question, options, chosen

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Text(self._question), classes="question")
            yield Choices(*(Option(Text(shown)) for _, shown in self._options))
            yield Static("enter choose   esc cancel", classes="hint", markup=False)

    def on_mount(self) -> None:
        values = [value for value, _ in self._options]
        self.query_one(Choices).highlighted = (
            values.index(self._chosen) if self._chosen in values else 0
        )

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._options[event.option_index][0])

    def action_leave(self) -> None:
        self.dismiss(None)


FORMS = (
    ("ansi", "text   as it looks, without colours"),
    ("csv", "csv    figures for a spreadsheet"),
    ("json", "json   figures for a program"),
    ("npz", "npz    arrays for NumPy"),
    ("svg", "svg    a picture in colours, as lines"),
    ("png", "png    a picture in colours, as pixels"),
)
ENDINGS = {"ansi": "txt"}


def ask_and_export(screen: Page[Any]) -> None:
    """Ask for a format; write the screen's view into the folder labbench was opened in."""

    app = screen.bench

    def chosen(form: str | None) -> None:
        if form is not None:
            in_thread(app, lambda: _written(screen, form), written)  # type: ignore[arg-type]

    def written(path: Path | None) -> None:
        if path is not None:
            app.notify(str(path), title="Exported", timeout=6)

    app.push_screen(Choose("Export what is seen as", FORMS), chosen)


def _written(screen: Page[Any], form: Format) -> Path | None:
    """The file that holds the screen's view; None where there is nothing to be seen."""
    from labbench.draw.export import export
    from labbench.outputs import write_output

    view = screen.view()
    if view is None:
        return None
    width = screen.size.width
    content = export(view, form, width=width, title=f"labbench {screen.export_name()}".strip())
    path = free_path(Path.cwd(), screen.export_name() or "labbench", ENDINGS.get(form, form))
    write_output(path, content)
    return path


def free_path(folder: Path, name: str, ending: str) -> Path:
    """A file in the folder that is not there yet, named after what it shows."""
    stem = re.sub(r"[^A-Za-z0-9.+_-]+", "-", name).strip("-")
    for number in range(1, 10_000):
        path = folder / (f"{stem}.{ending}" if number == 1 else f"{stem}-{number}.{ending}")
        if not os.path.lexists(path):
            return path
    raise LabbenchError("has too many exports of this name.", where=str(folder))
