"""The app: modes, themes, and the look at all runs that screens are told of."""

from __future__ import annotations

import gc
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec
from textual import events
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.filter import LineFilter
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from labbench import paths, units
from labbench.errors import LabbenchError
from labbench.text import shown, shown_lines
from labbench.tui import settings, terminal, themes
from labbench.tui.commands import Palette, PaletteScreen
from labbench.tui.looked import Looked
from labbench.tui.modes import MODES
from labbench.tui.outside import Machine, Outside
from labbench.tui.painted import SEEN
from labbench.tui.screen import BenchScreen
from labbench.views import palette
from labbench.views.plain import Console

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from rich.console import RenderableType
    from textual.driver import Driver
    from textual.screen import Screen

    from labbench.audio.jobs import Job
    from labbench.presets import Preset
    from labbench.runs import RunFolder, Status
    from labbench.tui.book import Book
    from labbench.tui.data.screen import DataScreen
    from labbench.tui.inside.tab import Tab

LOOK_EVERY_S = 0.5
"""Screens are told of changed runs at most this often."""

LEAVE_S = 2.0
"""So long a screen that is being mounted keeps the app from leaving, at most."""

MACHINE_EVERY = 4
"""So many looks pass between two at the machine."""


class RunsSeen(Message):
    """All runs were looked at, and perhaps the machine."""

    def __init__(
        self, looked: Looked, machine: Machine | None, clips: str, making: tuple[Job, ...]
    ) -> None:
        super().__init__()
        self.looked = looked
        self.machine = machine
        self.clips = clips
        self.making = making


class Launched(Message):
    """A run was made and started, or waits for its turn."""

    def __init__(self, run_id: str, instead: bool) -> None:
        super().__init__()
        self.run_id = run_id
        self.instead = instead


class BenchApp(App[None]):
    """labbench on screen."""

    CSS_PATH = "app.tcss"
    TITLE = "labbench"
    COMMANDS: ClassVar[Any] = {Palette}
    ENABLE_COMMAND_PALETTE = True
    MODES: ClassVar[Any] = {mode.name: mode.make for mode in MODES}
    DEFAULT_MODE = "bench"

    def __init__(
        self, outside: Outside | None = None, *, root: Path | None = None,
        driver: type[Driver] | None = None,
    ) -> None:  # fmt: skip
        self.outside = outside or Outside()
        self.settings = settings.load()
        super().__init__(driver_class=driver)
        self.root = root or paths.runs_dir()
        self.looked: Looked = Looked()
        """All runs as they were seen last."""
        self.seen = False
        """Whether they were looked at at all."""
        self.machine: Machine | None = None
        self.clips = ""
        """The clips that new runs get, and how many."""
        self.making: tuple[Job, ...] = ()
        """Data sets that are being made."""
        self.marked: tuple[str, ...] = ()
        """Ids of the runs marked to be compared, in the order of marking."""
        self._book: Book | None = None
        self._looking = threading.Lock()
        self._stands = False
        self._ends_with: int | None = None
        self._leaves_by: float | None = None
        """When it leaves at the latest; None: it stays."""
        self._loaded = False
        self._looks = 0
        self.error_console = Console(markup=False, highlight=False, stderr=True)
        self._silence = ""
        for theme in themes.THEMES:
            self.register_theme(theme)
        self.theme = themes.LIGHT if self.settings.theme == "light" else themes.DARK

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), SEEN]

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

    def switch_screen(self, screen: Screen[Any] | str) -> AwaitComplete:
        return AwaitComplete() if self._leaves_by else super().switch_screen(screen)

    def switch_mode(self, mode: str) -> Any:
        return AwaitComplete() if self._leaves_by else super().switch_mode(mode)

    def on_ready(self) -> None:
        self._stands = True
        if self._ends_with is not None:
            self.exit(return_code=self._ends_with)
            return
        if self.outside.beating:
            self.look()
            self.set_interval(LOOK_EVERY_S, partial(self.look, passing=True))

    def loaded(self) -> None:
        """All libraries are loaded that screens need: have the collector pass over what they hold.

        It would look through all of it now and then, and no key is answered meanwhile.
        """
        if not self._loaded:
            self._loaded = True
            gc.collect()
            gc.freeze()

    def look(self, *, passing: bool = False) -> None:
        """Look at all runs in a thread, unless one is at it; in passing, at those that may change.

        Of many that have ended, some are looked at each time.
        """
        if self._looking.acquire(blocking=False):
            self.run_worker(partial(self._look, passing), group="look", thread=True)

    def _begin(self) -> None:
        """Once, when all is painted: see to what waits, and load what the next screens need."""
        try:
            self.outside.begin()
        except LabbenchError as error:
            self.call_from_thread(self.complain, error)
        import labbench.tui.inside.screen
        import labbench.tui.run.screen  # noqa: F401

    def _look(self, passing: bool) -> None:
        try:
            if self._book is None:
                from labbench.tui.book import Book

                self._book = Book(self.root, self.outside.now)
            looked = self._book.look(passing=passing)
            due = self._looks % MACHINE_EVERY == 0
            self._looks += 1
            machine = self.outside.machine() if due else self.machine
            clips = _default_clips() if due else self.clips
            making = _making(self.outside.now()) if due else self.making
        finally:
            self._looking.release()
        self.post_message(RunsSeen(looked, machine, clips, making))

    def _settle(self, on_cluster: Sequence[tuple[RunFolder, Status]]) -> None:
        """Ask a cluster for its jobs; where it begins not to answer, say so once."""
        said = self.outside.settle(on_cluster)
        if said and said != self._silence:
            self.call_from_thread(self.notify, said, severity="warning", markup=False)
        self._silence = said

    def on_runs_seen(self, message: RunsSeen) -> None:
        first, self.seen = not self.seen, True
        self.looked, self.machine, self.clips = message.looked, message.machine, message.clips
        self.making = message.making
        if message.looked.changed:
            known = {entry.id for entry in self.looked.entries}
            self.marked = tuple(one for one in self.marked if one in known)
        if first:
            self.run_worker(self._begin, group="begin", thread=True)
        if on_cluster := self.looked.on_cluster:
            ask = partial(self._settle, on_cluster)
            self.run_worker(ask, group="settle", thread=True)
        screen = self.in_view
        if screen is not None:
            screen.refresh_top()
            if message.looked.changed or first:
                screen.runs_changed(message.looked)

    @property
    def in_view(self) -> BenchScreen[Any] | None:
        """The bench's screen that is seen, perhaps behind a dialog.

        One that is covered is told nothing: its repaint would paint all that covers it, too.
        """
        return next((s for s in reversed(self.screen_stack) if isinstance(s, BenchScreen)), None)

    def mark(self, run_id: str) -> None:
        """Mark a run to be compared, or take its mark away."""
        without = tuple(one for one in self.marked if one != run_id)
        self.marked = without if len(without) < len(self.marked) else (*self.marked, run_id)

    def launch(self, preset: Preset, *, instead: bool = False) -> None:
        """Start a run of a preset and show it.

        Args:
            instead: the screen in front makes place for it.
        """

        def work() -> None:
            try:
                run = self.outside.submit(preset)
            except LabbenchError as error:
                self.call_from_thread(self.complain, error)
                return
            self.post_message(Launched(run.id, instead))

        self.run_worker(work, group="acting", thread=True)

    def launch_demo(self) -> None:
        """Train the demo preset on synthetic speech."""
        from labbench.presets import Library

        self.launch(Library(lenient=True).get("demo"))

    def on_launched(self, message: Launched) -> None:
        self.look()
        if message.instead and self.can_go_back():
            self.pop_screen()
        self.open_run(message.run_id)

    def open_run(self, run_id: str) -> None:
        """Show a run."""
        from labbench.tui.run.screen import RunScreen

        self.push_screen(RunScreen(run_id))

    def open_results(self, run_id: str) -> None:
        """Show the results of a run."""
        from labbench.tui.results.screen import ResultsScreen

        self.push_screen(ResultsScreen(run_id))

    def open_inside(self, run_id: str, tab: type[Tab] | None = None, **chosen: Any) -> None:
        """Look inside a run's net; `chosen` is what to look at first (`inside.subject.Chosen`)."""
        from labbench.tui.inside.screen import InsideScreen
        from labbench.tui.inside.tabs import TABS

        self.push_screen(InsideScreen(run_id, tab or TABS[0], **chosen))

    def look_at_presets(self) -> None:
        """Go to the presets, past the greeting."""
        from labbench.tui.bench.screen import PresetsScreen

        async def go() -> None:
            await self.switch_mode("bench")
            assert isinstance(self.screen, PresetsScreen)
            self.screen.leave_welcome()

        self.run_worker(go(), group="asking")

    def add_clips(self) -> None:
        """Add a folder of one's own clips, on the screen of data sets."""
        self._in_data(lambda screen: screen.ask_add())

    def fetch_clips(self) -> None:
        """Fetch Speech Commands, on the screen of data sets."""
        self._in_data(lambda screen: screen.ask_fetch())

    def _in_data(self, ask: Callable[[DataScreen], None]) -> None:
        from labbench.tui.data.screen import DataScreen

        async def go() -> None:
            await self.switch_mode("data")
            while len(self.screen_stack) > 1:
                await self.pop_screen()
            assert isinstance(self.screen, DataScreen)
            ask(self.screen)

        self.run_worker(go(), group="asking")

    def open_mode(self, name: str) -> None:
        """Go to a mode; to its first screen where it is in front already."""
        if name == self.current_mode:
            while len(self.screen_stack) > 1:
                self.pop_screen()
            return
        self.switch_mode(name)

    def action_open_mode(self, name: str) -> None:
        self.open_mode(name)

    def can_go_back(self) -> bool:
        """Whether there is a screen below."""
        return len(self.screen_stack) > 1

    def go_back(self) -> None:
        """To the screen below; never out of the app."""
        if self.can_go_back():
            self.pop_screen()

    def leave(self) -> None:
        """Leave; what runs goes on, and is said to."""
        live = self.looked.live + self.looked.waiting
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
            self.notify("No shell is there to come back from: q leaves, runs go on.", timeout=4)

    def action_command_palette(self) -> None:
        if not isinstance(self.screen, PaletteScreen):
            self.push_screen(PaletteScreen())

    def action_help_quit(self) -> None:
        self.notify("q leaves labbench; runs go on without it.", timeout=4)

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


def _making(now: float) -> tuple[Job, ...]:
    """Data sets that are being made."""
    from labbench.audio.jobs import all_jobs

    return tuple(job for job in all_jobs(now=now) if job.live)


def _default_clips() -> str:
    """The data set that runs with `data.name = "auto"` get, and its size."""
    from labbench.audio.library import all_meta, auto_name
    from labbench.presets import WORDS

    try:
        name = auto_name(WORDS)
    except LabbenchError:
        return "several data sets"
    found = next((meta for meta in all_meta() if meta.name == name), None)
    return f"{name} {found.clips:,}" if found else f"{name} (made when needed)"
