"""Small questions in front of a screen: yes or no, a line of text, one of several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from labbench.draw.plain import Text
from labbench.text import shown

R = TypeVar("R")


class Dialog(ModalScreen[R]):
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
