"""The line at the top (modes, place, clips, device, live runs) and the keys that act now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from rich.cells import cell_len
from rich.style import Style
from textual.widget import Widget
from textual.widgets import Input

from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.tui.commands import Command
from labbench.tui.routes import MODES

if TYPE_CHECKING:
    from labbench.tui.host import Host
    from labbench.tui.page import Page
    from labbench.tui.services import Machine


LEFTS = ((True, True), (False, True), (False, False))
"""Whether labbench is named and all modes are, from the roomiest to the narrowest."""


class TopLine(Widget):
    """One line; what matters least is left out where room is scarce."""

    DEFAULT_CSS = "TopLine { dock: top; height: 1; background: $surface; padding: 0 1; }"

    _shown = ""
    auto_links = False

    def bring_up_to_date(self) -> None:
        """Draw again if what is said has changed."""
        text = self._line(max(self.size.width, 1))
        if text.plain != self._shown:
            self.refresh()

    def render(self) -> Text:
        text = self._line(self.size.width)
        self._shown = text.plain
        return text

    def _line(self, width: int) -> Text:
        app = cast("Host", self.app)
        rights = _rights(app, cast("Page[Any]", self.screen))
        room = width - rights[-1].cell_len - 2
        lefts = [self._left(app, name, titles) for name, titles in LEFTS[width < 60 :]]
        left = next((one for one in lefts if one.cell_len <= room), lefts[-1])
        left.truncate(room, overflow="ellipsis")
        room = width - left.cell_len - 2
        right = next((one for one in rights if cell_len(one.plain) <= room), Text())
        gap = max(width - left.cell_len - right.cell_len, 0)
        return Text.assemble(left, " " * gap, right, no_wrap=True, overflow="ellipsis")

    def _left(self, app: Host, name: bool, titles: bool) -> Text:
        """Modes, and where you are: that says most, so that the rest gives way to it.

        Args:
            name: whether labbench is named.
            titles: whether all modes have their titles, or only the one you are in.
        """
        palette = app.palette
        text = Text()
        if name:
            text.append("labbench  ", style=f"bold {palette.accent}")
        for mode in MODES:
            here = mode.name == app.current_mode
            click = Style.from_meta({"@click": f"app.open_mode('{mode.name}')"})
            text.append(mode.key, style=Style.parse(palette.muted) + click)
            if titles or here:
                text.append(f" {mode.title}", style=Style(bold=here, underline=here) + click)
            text.append("  ")
        where = cast("Page[Any]", self.screen).where()
        if where:
            text.append(f"› {where}", style=palette.accent)
        text.rstrip()
        return text


def _rights(app: Host, screen: Page[Any]) -> list[Text]:
    """What stands at the right, from all of it to the least."""
    palette = app.palette
    live = _live(app, palette)
    clips = screen.clips() or app.clips
    short_clips = clips.split(" ")[0]
    making = _making(app)
    machine = app.machine
    if machine is None:
        return [_joined(parts, live, palette) for parts in ([making, clips], [making], [])]
    full, load = _device(machine, full=True), _device(machine, full=False)
    return [
        _joined(parts, live, palette)
        for parts in (
            [making, clips, full],
            [making, clips, load],
            [making, short_clips, load],
            [making, load],
            [making],
            [load],
            [],
        )
    ]


def _live(app: Host, palette: Theme) -> Text:
    runs = app.runs
    parts = [f"{runs.live} live"] if runs.live else []
    parts += [f"{runs.waiting} waiting"] if runs.waiting else []
    if parts:
        return Text(f"● {', '.join(parts)}", style=palette.accent)
    return Text("no live runs", style=palette.muted)


def _making(app: Host) -> str:
    """The first data set that is being made, and how far it is."""
    for job in app.making:
        return f"◌ {job.name}" + ("" if job.share is None else f" {job.share:.0%}")
    return ""


def _joined(parts: list[str], last: Text, palette: Theme) -> Text:
    text = Text()
    for part in filter(None, parts):
        text.append(f"{part} · ", style=palette.muted)
    return text.append_text(last)


def _device(machine: Machine, *, full: bool) -> str:
    parts = [machine.device]
    if full and machine.model:
        parts.append(machine.model)
    if machine.load is not None:
        parts.append(f"{machine.load:.0%}")
    if full and machine.used_bytes is not None and machine.memory_bytes:
        parts.append(f"{machine.used_bytes / 1e9:.1f}/{machine.memory_bytes / 1e9:.0f} GB")
    return " ".join(parts)


ALWAYS = ("go_back", "help", "leave")
"""Commands that are never left out."""

GAP = "  "


class KeyLine(Widget):
    """One line of keys; the last are left out where room is scarce; back, help and leave stay."""

    DEFAULT_CSS = "KeyLine { dock: bottom; height: 1; background: $surface; padding: 0 1; }"

    _shown = ""
    auto_links = False

    def bring_up_to_date(self) -> None:
        """Draw again if other keys act now."""
        if self._line(max(self.size.width, 1)).plain != self._shown:
            self.refresh()

    def render(self) -> Text:
        line = self._line(self.size.width)
        self._shown = line.plain
        return line

    def _line(self, width: int) -> Text:
        screen = cast("Page[Any]", self.screen)
        taken: set[str] = set()
        ready: list[Command] = []
        typing = isinstance(screen.focused, Input)
        for command in screen.all_commands():
            if typing and len(command.sign) == 1:
                continue  # It is typed into the field.
            if command.shown and command.key not in taken and command.ready(screen):
                taken.add(command.key)
                ready.append(command)
        fixed = [self._key(one) for one in ready if one.name in ALWAYS]
        others = [self._key(one) for one in ready if one.name not in ALWAYS]
        room = width - sum(one.cell_len + len(GAP) for one in fixed)
        kept: list[Text] = []
        for one in others:
            room -= one.cell_len + len(GAP)
            if room < 0:
                break
            kept.append(one)
        return Text(GAP, no_wrap=True, overflow="crop").join([*kept, *fixed])

    def _key(self, command: Command) -> Text:
        palette = cast("Host", self.app).palette
        click = Style.from_meta({"@click": f"screen.do('{command.name}')"})
        return Text.assemble(
            (command.sign, Style(color=palette.accent, bold=True) + click),
            (f" {command.label}", Style.parse(palette.muted) + click),
        )
