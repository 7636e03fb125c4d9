"""One clip as waveform and spectrogram, with what the net took it for."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rich.text import Text
from textual import events
from textual.widget import Widget
from textual.widgets import Static

from labbench.errors import LabbenchError
from labbench.runs import RunFolder
from labbench.tui.canvas import Canvas, drawn
from labbench.tui.results.commands import CLIP_COMMANDS
from labbench.tui.results.messages import Drawn, Gone
from labbench.tui.screen import BenchScreen
from labbench.views import glyphs
from labbench.views.cell import BAR, CellView
from labbench.views.clip import ClipView
from labbench.views.export import View
from labbench.views.palette import Theme


class Sound(Canvas):
    """Waveform and spectrogram, as they were drawn last."""

    def on_resize(self, event: events.Resize) -> None:
        screen = self.screen
        if isinstance(screen, ClipScreen):
            screen.draw()


class ClipScreen(BenchScreen[None]):
    """A clip of a cell; brackets go to the clips before and after it."""

    CSS_PATH = "results.tcss"
    commands = CLIP_COMMANDS
    about = (
        "One clip: its waveform, as high as its loudest sample, and below it the spectrogram "
        "(windows of 512 samples every 128; 70 dB from bright to dark) on the same time axis."
    )

    def __init__(
        self, run: RunFolder, cell: CellView, index: int, moved: Callable[[int], None]
    ) -> None:
        super().__init__()
        self.run_folder = run
        self.cell = cell
        self.index = index
        self._moved = moved
        self._view: ClipView | None = None
        self._drawing = False

    def where(self) -> str:
        return f"{self.run_folder.id} clip"

    def clips(self) -> str:
        entry = self.bench.looked.entry(self.run_folder.id)
        return entry.status.clips if entry else ""

    def body(self) -> Iterable[Widget]:
        yield Static(id="head")
        yield Sound(id="sound")
        yield Static(id="none")

    def on_mount(self) -> None:
        self._tell()

    def _tell(self) -> None:
        self.query_one("#none").display = False
        self.query_one(Sound).display = True
        self.query_one("#head", Static).update(_told(self.cell, self.index, self.bench.palette))
        self.refresh_keys()

    def draw(self) -> None:
        """Read the clip and draw it in a thread, unless one is at it."""
        size = self.query_one(Sound).size
        if self._drawing or not size:
            return
        self._drawing = True
        index, theme, console = self.index, self.bench.palette, self.app.console

        def work() -> None:
            from labbench.results.sounds import sound_of

            clip = self.cell.clips[index]
            try:
                view = ClipView.of(clip.name, sound_of(self.run_folder, clip.row, clip.name))
            except LabbenchError as error:
                self.post_message(Gone(index, error))
                return
            picture = drawn(view.render(size.width, size.height, theme=theme), size, console)
            self.post_message(Drawn(index, view, picture, size))

        self.run_worker(work, group="draw", thread=True)

    def on_drawn(self, message: Drawn) -> None:
        self._drawing = False
        self._view = message.view
        sound = self.query_one(Sound)
        sound.show(message.picture)
        if message.index != self.index or message.size != sound.size:
            self.draw()
        self.refresh_keys()

    def on_gone(self, message: Gone) -> None:
        self._drawing = False
        self._view = None
        if message.index != self.index:
            self.draw()
            return
        theme, error = self.bench.palette, message.error
        text = Text.assemble(("The sound cannot be shown\n\n", "bold"))
        text.append(f"{error.where}: {error.what}" if error.where else error.what)
        text.append(f"\n{error.hint}", style=theme.muted)
        none = self.query_one("#none", Static)
        none.display = True
        self.query_one(Sound).display = False
        none.update(text)
        self.refresh_keys()

    def theme_changed(self) -> None:
        super().theme_changed()
        self._tell()
        self.draw()

    def other_clip(self, step: int) -> None:
        """The clip before or after this one."""
        index = self.index + step
        if 0 <= index < len(self.cell.clips):
            self.index = index
            self._moved(index)
            self._tell()
            self.call_after_refresh(self.draw)

    def exportable(self) -> bool:
        return self._view is not None

    def view(self) -> View | None:
        return self._view


def _told(cell: CellView, index: int, theme: Theme) -> Text:
    """Name, place in the list, and what the net took the clip for."""
    clip = cell.clips[index]
    text = Text.assemble(
        (clip.name, "bold"), (f"  {index + 1} of {len(cell.clips):,}", theme.muted)
    )  # fmt: skip
    if cell.judged.synthetic:
        text.append("  SYNTHETIC speech", style=f"bold {theme.warn}")
    colour = theme.good if cell.right else theme.bad
    said = "which is right" if cell.right else f"it is {cell.actual} {clip.actual:.4f}"
    text.append(f"\ntaken for {cell.predicted} ")
    text.append(f"{clip.predicted:.4f} ", style="bold")
    text.append(glyphs.bar(clip.predicted, BAR), style=colour)
    text.append(f" {said}", style=colour)
    if clip.runner_up != cell.actual:
        second = f"   second guess {clip.runner_up} {clip.runner_up_probability:.4f}"
        text.append(second, style=theme.muted)
    text.no_wrap, text.overflow = True, "ellipsis"
    return text
