"""The app: modes, themes, keys and messages; what it watches, and where one goes."""

from __future__ import annotations

import gc
import time
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec
from textual import events
from textual.await_complete import AwaitComplete
from textual.filter import LineFilter
from textual.widget import Widget
from textual.widgets import Input

from labbench import paths, units
from labbench.draw import palette
from labbench.draw.plain import Console
from labbench.errors import LabbenchError
from labbench.text import shown, shown_lines
from labbench.tui import settings, terminal, themes
from labbench.tui.driver import VISIBLE_ONLY
from labbench.tui.help import Palette, PaletteScreen
from labbench.tui.host import Host
from labbench.tui.loader import in_thread
from labbench.tui.page import Leavable
from labbench.tui.router import Router, load_ahead
from labbench.tui.routes import MODES, Route, ToMode, ToRun
from labbench.tui.screen import BenchScreen
from labbench.tui.services import Services
from labbench.tui.watch import BenchState, Watch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import RenderableType
    from textual.driver import Driver
    from textual.screen import Screen

    from labbench.presets import Preset
    from labbench.runs import RunFolder

LOOK_EVERY_S = 0.5
"""Screens are told of changed runs at most this often."""

LEAVE_S = 10.0
"""So long a screen that is being mounted keeps the app from leaving, at most."""


class BenchApp(Host):
    """labbench on screen."""

    CSS_PATH = "app.tcss"
    TITLE = "labbench"
    COMMANDS: ClassVar[Any] = {Palette}
    ENABLE_COMMAND_PALETTE = True
    MODES: ClassVar[Any] = {mode.name: mode.make for mode in MODES}
    DEFAULT_MODE = "bench"

    def __init__(
        self, services: Services | None = None, *, root: Path | None = None,
        driver: type[Driver] | None = None,
    ) -> None:  # fmt: skip
        self.services = services or Services()
        self.settings = settings.load()
        super().__init__(driver_class=driver)
        self.root = root or paths.runs_dir()
        self._watched = Watch(self, self.root, self.services, self._tell)
        self._router = Router(self)
        self._stands = False
        self._ends_with: int | None = None
        self._leaves_by: float | None = None
        """When it leaves at the latest; None: it stays."""
        self._loaded = False
        self.error_console = Console(markup=False, highlight=False, stderr=True)
        for theme in themes.THEMES:
            self.register_theme(theme)
        self.theme = themes.LIGHT if self.settings.theme == "light" else themes.DARK

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), VISIBLE_ONLY]

    def notify(self, message: str, *, title: str = "", **options: Any) -> None:
        """Say something in a corner; names in it are shown, and are no markup."""
        super().notify(shown_lines(message), title=shown(title), **{**options, "markup": False})

    @property
    def palette(self) -> palette.Theme:
        """Colours for what is drawn with Rich."""
        return themes.PALETTES.get(self.theme, palette.DARK)

    def on_mount(self) -> None:
        # The shell has drawn over what was seen.
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))

    def end(self, code: int) -> None:
        """End with an exit code, once all stands: a screen half mounted is not taken down."""
        if self._stands:
            self.exit(return_code=code)
        else:
            self._ends_with = code

    def exit(
        self, result: None = None, return_code: int = 0, message: RenderableType | None = None
    ) -> None:
        """Leave, once all that is being mounted stands: it would look in vain for its parts."""
        if self._leaves_by is None:
            self._leaves_by = time.monotonic() + LEAVE_S
        parts = [part for one in self.screen_stack for part in one.walk_children(Widget)]
        if (
            all(part.is_mounted for part in (*self.screen_stack, *parts))
            or time.monotonic() > self._leaves_by
        ):
            super().exit(result, return_code, message)
        else:
            self.set_timer(0.01, partial(self.exit, result, return_code, message))

    def push_screen(self, *screen: Any, **options: Any) -> Any:
        return AwaitComplete() if self._leaves_by else super().push_screen(*screen, **options)

    def pop_screen(self) -> AwaitComplete:
        screen, popped = self.screen, super().pop_screen()
        if isinstance(screen, Leavable):
            screen.gone = True
        return popped

    def switch_screen(self, screen: Screen[Any] | str) -> AwaitComplete:
        return AwaitComplete() if self._leaves_by else super().switch_screen(screen)

    def switch_mode(self, mode: str) -> Any:
        return AwaitComplete() if self._leaves_by else super().switch_mode(mode)

    def on_ready(self) -> None:
        self._stands = True
        if self._ends_with is not None:
            self.exit(return_code=self._ends_with)
            return
        if self.services.beating:
            self.poll()
            self.set_interval(LOOK_EVERY_S, self._watched.poll_in_passing)

    def loaded(self) -> None:
        """All libraries are loaded that screens need: have the collector pass over what they hold.

        It would look through all of it now and then, and no key is answered meanwhile.
        """
        if not self._loaded:
            self._loaded = True
            gc.collect()
            gc.freeze()

    # What is watched

    def poll(self) -> None:
        self._watched.poll()

    def _tell(self, state: BenchState) -> None:
        """Tell the screen in view what was seen."""
        first, self.seen = not self.seen, True
        self.runs, self.machine = state.runs, state.machine
        self.clips, self.making = state.clips, state.making
        if first:
            in_thread(self, self._begin, lambda _: None)
        if state.runs.changed:
            known = {entry.id for entry in state.runs.entries}
            self.marked = tuple(one for one in self.marked if one in known)
        if on_cluster := state.runs.on_cluster:
            self._watched.settle(on_cluster)
        screen = self.in_view
        if screen is not None:
            screen.refresh_top()
            if state.runs.changed or first:
                screen.runs_changed(state.runs)

    def _begin(self) -> None:
        """Once, when all is painted: see to what waits, and load what the next screens need."""
        try:
            self.services.begin()
        finally:
            load_ahead()

    @property
    def in_view(self) -> BenchScreen[Any] | None:
        """The bench's screen that is seen, perhaps behind a dialog.

        One that is covered is told nothing: its repaint would paint all that covers it, too.
        """
        return next((s for s in reversed(self.screen_stack) if isinstance(s, BenchScreen)), None)

    # Going to screens

    def go(self, route: Route) -> None:
        self._router.go(route)

    def action_open_mode(self, name: str) -> None:
        self.go(ToMode(name))

    def launch(self, preset: Preset, *, instead: bool = False) -> None:
        def launched(run: RunFolder) -> None:
            self.poll()
            if instead:
                self.go_back()
            self.go(ToRun(run.id))

        in_thread(self, lambda: self.services.submit(preset), launched, once="launch")

    def leave(self) -> None:
        """Leave; what runs goes on, and is said to."""
        live = self.runs.live + self.runs.waiting
        parts = [units.plural(live, "run")] if live else []
        parts += [f"the making of {job.name}" for job in self.making]
        verb = "goes on" if live + len(self.making) == 1 else "go on"
        self.exit(message=f"{' and '.join(parts)} {verb}. Come back: labbench" if parts else None)

    async def action_quit(self) -> None:
        self.leave()

    def action_suspend_process(self) -> None:
        if terminal.can_stop():
            super().action_suspend_process()
        else:
            self.notify("There is no shell to suspend to: q leaves, runs continue.", timeout=4)

    def action_command_palette(self) -> None:
        if not isinstance(self.screen, PaletteScreen):
            self.push_screen(PaletteScreen())

    def action_help_quit(self) -> None:
        self.notify("q leaves labbench; runs continue.", timeout=4)

    def switch_theme(self) -> None:
        """From dark to light or back; kept for the next time."""
        light = self.theme != themes.LIGHT
        self.theme = themes.LIGHT if light else themes.DARK
        self.remember(theme="light" if light else "dark")
        if self.in_view is not None:
            self.in_view.theme_changed()

    def remember(self, **changes: Any) -> None:
        """Change settings and keep them for the next time."""
        self.settings = msgspec.structs.replace(self.settings, **changes)
        try:
            settings.save(self.settings)
        except LabbenchError as error:
            self.complain(error)

    def complain(self, error: LabbenchError) -> None:
        """Say what went wrong and what to do."""
        self.notify(
            f"{error.what}\n{error.hint}".strip(), title=error.where or "This did not work",
            severity="error", timeout=10, markup=False,
        )  # fmt: skip

    def on_key(self, event: events.Key) -> None:
        # A field keeps what is typed into it. This was typed before it had the focus: over a slow
        # line several keys come at once.
        box = self.focused
        if isinstance(box, Input) and event.is_printable and event.character:
            event.prevent_default()
            box.insert_text_at_cursor(event.character)

    def on_resize(self, event: events.Resize) -> None:
        if self.in_view is not None:
            self.in_view.refresh_keys()
