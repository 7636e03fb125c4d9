"""The form that changes a preset's values before it is launched, checked at every key."""

from __future__ import annotations

import typing
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widget import Widget
from textual.widgets import Input, Static

from labbench.draw.plain import Text
from labbench.errors import PresetError
from labbench.presets import SECTIONS, Preset, edited, resolved, to_tree
from labbench.presets.declare import allowed
from labbench.text import shell_quoted
from labbench.tui.bench.outline import library
from labbench.tui.commands import command
from labbench.tui.screen import BenchScreen

if TYPE_CHECKING:
    from textual import events


ORDER = ("model", "training", "optimizer", "data", "schedule", "augmentation")
"""Sections as they are changed most often."""

assert set(ORDER) == set(SECTIONS)


@dataclass(frozen=True, slots=True)
class Setting:
    """A value that can be changed."""

    key: str
    """section.name"""
    value: str
    """As it is typed."""
    allowed: str
    """What can be typed, in words."""

    @property
    def section(self) -> str:
        return self.key.split(".")[0]


def settings_of(preset: Preset) -> list[Setting]:
    """Everything that can be changed in a preset, section by section."""
    tree = to_tree(resolved(preset))
    found: list[Setting] = []
    hints = typing.get_type_hints(Preset, include_extras=True)
    for section in ORDER:
        names = typing.get_type_hints(hints[section], include_extras=True)
        for name, hint in names.items():
            if name.startswith("_") or typing.get_origin(hint) is ClassVar:
                continue
            value = _typed(tree[section].get(name, ""))
            found.append(Setting(f"{section}.{name}", value, allowed(hint)))
    return found


def _typed(value: Any) -> str:
    """A value as one types it after --set."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ",".join(value)
    return f"{value:.12g}" if isinstance(value, float) else str(value)


class Entry(Input):
    """The value of a setting; arrows go to the next one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
        Binding("ctrl+r", "screen.do('revert')", show=False),
    ]

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting.value, select_on_focus=True, classes="entry")
        self.setting = setting


class Field(Horizontal):
    """A line of the form: name, value, what is allowed or wrong."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(classes="field")
        self.setting = setting

    def compose(self) -> Iterable[Widget]:
        yield Static(self.setting.key.split(".")[1].replace("_", " "), classes="name")
        yield Entry(self.setting)
        yield Static(self.setting.allowed, classes="saying", markup=False)

    @property
    def typed(self) -> str:
        """Its value now."""
        return self.query_one(Entry).value.strip()

    @property
    def change(self) -> str | None:
        """The change as after --set, or None where the value is the preset's."""
        same = self.typed == self.setting.value
        return None if same else f"{self.setting.key}={self.typed}"

    def show_error(self, error: PresetError | None) -> None:
        """Show whether the value is changed and what is wrong with it."""
        changed = self.change
        self.set_class(changed is not None, "-changed")
        self.set_class(error is not None, "-wrong")
        name = self.setting.key.split(".")[1].replace("_", " ")
        self.query_one(".name", Static).update(f"{name}{' *' if changed else ''}")
        said = self.setting.allowed
        if error is not None:
            said = f"✖ {error.hint or error.what}"
        elif changed:
            said = f"was {self.setting.value or 'empty'}"
        self.query_one(".saying", Static).update(Text(said))


class FormScreen(BenchScreen[None]):
    """All values of a preset as fields."""

    CSS_PATH = "bench.tcss"
    keys = ("launch", "revert", "copy_this")
    about = (
        "Change values of a preset, then launch it with enter. Every value is checked as it is "
        "typed. Arrows or tab go from field to field; a star marks what was changed."
    )

    def __init__(self, preset: Preset, *, of: str = "") -> None:
        """`of` names the run that is to be started anew with changes, if it is one."""
        super().__init__()
        self.preset = preset
        self._of = of
        self._error: PresetError | None = None

    def where(self) -> str:
        return f"change {self._of or self.preset.name}"

    def body(self) -> Iterable[Widget]:
        with VerticalScroll(id="fields", can_focus=False):
            section = ""
            for setting in settings_of(self.preset):
                if setting.section != section:
                    section = setting.section
                    yield Static(section, classes="section")
                yield Field(setting)
        yield Static(id="verdict", markup=False)

    def on_mount(self) -> None:
        self.query(Entry).first().focus()
        self._validate()

    def changes(self) -> list[str]:
        """What is changed, as after --set."""
        return [change for field in self.query(Field) if (change := field.change)]

    def on_input_changed(self, event: Input.Changed) -> None:
        self._validate()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        super().on_descendant_focus(event)
        self._say()

    def _validate(self) -> None:
        """Check every changed field by itself, and all of them together."""
        for field in self.query(Field):
            field.show_error(self._wrong([field.change]) if field.change else None)
        self._error = self._wrong(self.changes())
        self._say()
        self.refresh_keys()

    def _wrong(self, changes: list[str]) -> PresetError | None:
        try:
            edited(self.preset, changes)
        except PresetError as error:
            return error
        return None

    def _say(self) -> None:
        """The last lines: what is wrong, or what will be launched."""
        verdict = self.query_one("#verdict", Static)
        verdict.set_class(self._error is not None, "-wrong")
        if self._error is not None:
            verdict.update(Text(f"✖ {self._error.what} {self._error.hint}".strip()))
            return
        setting = self.focused.setting if isinstance(self.focused, Entry) else None
        help_line = f"{setting.key}: {setting.allowed}" if setting else ""
        muted = self.bench.palette.muted
        verdict.update(Text.assemble((help_line, muted), "\n", self.headless() or ""))

    def headless(self) -> str | None:
        name, usual = self._begun_from
        sets = [
            f"--set {shell_quoted(f'{field.setting.key}={field.typed}')}"
            for field in self.query(Field) if field.typed != usual[field.setting.key]
        ]  # fmt: skip
        return " ".join(["labbench run", shell_quoted(name), *sets])

    @cached_property
    def _begun_from(self) -> tuple[str, dict[str, str]]:
        """What a command line names, and the values that it has.

        A run's preset may have been changed when it was launched: what is changed is told beside
        the preset as it is now, or beside the run's own file where there is none of that name.
        """
        name, preset = self.preset.name, self.preset
        if self._of:
            try:
                preset = library().get(name)
            except PresetError:
                name = str(self.bench.root / self._of / "preset.toml")
        return name, {setting.key: setting.value for setting in settings_of(preset)}

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.launch()

    @command("enter", "launch")
    def launch(self) -> None:
        """Launch the preset with the values of this form."""
        self._validate()  # a value may have been typed that was not looked at yet
        if self._error is not None:
            self.bench.complain(self._error)
            return
        self.bench.launch(edited(self.preset, self.changes()), instead=True)

    @command("ctrl+r", "reset")
    def revert(self) -> None:
        """Reset the field to the preset's value."""
        if isinstance(self.focused, Entry):
            self.focused.value = self.focused.setting.value

    @command("ctrl+y", "copy command", written="^y")
    def copy_this(self) -> None:
        """Copy the command line that launches this."""
        self.copy_command()
