"""One clip as waveform and spectrogram."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from rich.console import Console
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static

from labbench.audio.stft import SCALES
from labbench.draw.export import View
from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.draw.spectrogram import Look
from labbench.errors import LabbenchError
from labbench.text import shell_quoted
from labbench.tui.canvas import Canvas, Picture, drawn
from labbench.tui.commands import command
from labbench.tui.loader import Loader
from labbench.tui.screen import BenchScreen
from labbench.tui.settings import Settings
from labbench.views.clips import ClipView

WINDOWS = (128, 256, 512, 1024, 2048)
"""Samples of a window that the key goes through; the stride is a quarter of it."""

STEP_DB, LEAST_DB, MOST_DB = 10, 20, 120
"""Range of levels: steps of a key, and its ends."""


class Source(Protocol):
    """A list of clips to be looked at one after the other."""

    def __len__(self) -> int:
        """How many there are."""
        ...

    def where(self) -> str:
        """Where in the mode you are, for the top line."""
        ...

    def clips(self) -> str:
        """Which data set they are of, for the top line."""
        ...

    def head(self, index: int, theme: Theme) -> Text:
        """What is said above a clip."""
        ...

    def view(self, index: int, look: Look) -> ClipView:
        """A clip, read and computed. Called in a thread.

        Raises:
            LabbenchError: it cannot be had.
        """
        ...

    def headless(self, index: int, look: Look) -> str | None:
        """The command line that prints a clip."""
        ...


@dataclass(frozen=True, slots=True)
class Request:
    """What was to be drawn."""

    index: int
    look: Look
    theme: Theme
    size: Size
    console: Console = field(compare=False)


SPECTROGRAM = "Spectrogram"
"""The help\'s heading of its keys."""


class ClipScreen(BenchScreen[None]):
    """A clip of a list; brackets go to the clips before and after it."""

    CSS_PATH = "clip.tcss"
    keys = ("previous_clip", "next_clip", "next_scale", "next_window", "softer", "louder")
    about = (
        "One clip: its waveform, as high as its loudest sample, and below it the spectrogram on "
        "the same time axis: bright is loud. Scale, levels and window are kept for the next clip."
    )

    def __init__(self, source: Source, index: int, moved: Callable[[int], None]) -> None:
        """`moved` is told of every other clip that is gone to."""
        super().__init__()
        self.source = source
        self.index = index
        self._moved = moved
        self._view: ClipView | None = None
        self._loader = Loader(self, self._wanted, self._load, self._show_sound, self._say_why)

    def where(self) -> str:
        return self.source.where()

    def clips(self) -> str:
        return self.source.clips()

    def body(self) -> Iterable[Widget]:
        yield Static(id="head")
        yield Static(id="look")
        yield Canvas(draw=self.draw, id="sound")
        yield Static(id="none")

    def on_mount(self) -> None:
        self._tell()

    def _tell(self) -> None:
        theme = self.bench.palette
        self.query_one("#none").display = False
        self.query_one(Canvas).display = True
        head = self.source.head(self.index, theme)
        head.no_wrap, head.overflow = True, "ellipsis"
        self.query_one("#head", Static).update(head)
        self.query_one("#look", Static).update(Text(self.look.in_words(), theme.muted))
        self.refresh_keys()

    # Drawing

    @property
    def look(self) -> Look:
        """How the spectrogram is computed and drawn."""
        return look_of(self.bench.settings)

    def draw(self) -> None:
        """Read the clip and draw it."""
        self._loader.ask()

    def _wanted(self) -> Request | None:
        size, theme = self.query_one(Canvas).size, self.bench.palette
        return Request(self.index, self.look, theme, size, self.app.console) if size else None

    def _load(self, request: Request) -> tuple[ClipView, Picture]:
        view, size = self.source.view(request.index, request.look), request.size
        picture = view.render(size.width, size.height, theme=request.theme)
        return view, drawn(picture, size, request.console)

    def _show_sound(self, found: tuple[ClipView, Picture]) -> None:
        self._view, picture = found
        self.query_one(Canvas).show(picture)
        self.refresh_keys()

    def _say_why(self, error: LabbenchError) -> None:
        """The clip cannot be had."""
        self._view, theme = None, self.bench.palette
        text = Text.assemble(("The sound cannot be shown", "bold"), "\n\n")
        text.append(f"{error.where}: {error.what}" if error.where else error.what)
        text.append("\n").append(error.hint, style=theme.muted)
        none = self.query_one("#none", Static)
        none.display = True
        self.query_one(Canvas).display = False
        none.update(text)
        self.refresh_keys()

    def theme_changed(self) -> None:
        super().theme_changed()
        self._show()

    def _show(self) -> None:
        self._tell()
        self.call_after_refresh(self.draw)

    # What commands do

    def other_clip(self, step: int) -> None:
        """The clip before or after this one."""
        index = self.index + step
        if 0 <= index < len(self.source):
            self.index = index
            self._moved(index)
            self._show()

    @command("s", "scale", group=SPECTROGRAM)
    def next_scale(self) -> None:
        """Frequencies on a linear, a logarithmic or the mel scale."""
        place = SCALES.index(self.look.scale)
        self.bench.remember(spectrogram_scale=SCALES[(place + 1) % len(SCALES)])
        self._show()

    @command("w", "window", group=SPECTROGRAM)
    def next_window(self) -> None:
        """Change the STFT window: a longer one resolves pitch, a shorter one time."""
        longer = [window for window in WINDOWS if window > self.look.window]
        self.bench.remember(spectrogram_window=(longer or WINDOWS)[0])
        self._show()

    def can_change_range(self, steps: int) -> bool:
        """Whether there is more range on that side."""
        return LEAST_DB <= self.look.range_db + steps * STEP_DB <= MOST_DB

    def change_range(self, steps: int) -> None:
        """More or less range of levels."""
        self.bench.remember(spectrogram_range_db=self.look.range_db + steps * STEP_DB)
        self._show()

    def headless(self) -> str | None:
        return self.source.headless(self.index, self.look)

    def exportable(self) -> bool:
        return self._view is not None

    def view(self) -> View | None:
        return self._view

    @command("left_square_bracket,k,up", "previous", when=lambda self: self.index > 0)
    def previous_clip(self) -> None:
        """The clip before this one in the list."""
        self.other_clip(-1)

    @command(
        "right_square_bracket,j,down", "next", when=lambda self: self.index < len(self.source) - 1
    )
    def next_clip(self) -> None:
        """The clip after this one in the list."""
        self.other_clip(1)

    @command(
        "plus,equals_sign", "softer", when=lambda self: self.can_change_range(1), group=SPECTROGRAM
    )
    def softer(self) -> None:
        """Show softer sounds: a range 10 dB larger."""
        self.change_range(1)

    @command("minus", "louder", when=lambda self: self.can_change_range(-1), group=SPECTROGRAM)
    def louder(self) -> None:
        """Show louder sounds only: a range 10 dB smaller."""
        self.change_range(-1)


def look_of(kept: Settings) -> Look:
    """How spectrograms are computed and drawn by these settings."""
    window = kept.spectrogram_window
    return Look(kept.spectrogram_scale, kept.spectrogram_range_db, window, window // 4)


def look_options(look: Look) -> list[str]:
    """What a command is told to compute and draw a spectrogram so."""
    parts, default = [], Look()
    for option, value, usual in (
        ("--scale", look.scale, default.scale), ("--range-db", look.range_db, default.range_db),
        ("--window", look.window, default.window), ("--stride", look.stride, default.stride),
    ):  # fmt: skip
        if value != usual:
            parts.append(f"{option} {value if isinstance(value, str) else f'{value:g}'}")
    return parts


def command_line(name: str, clip: str, look: Look) -> str:
    """The command line that prints a clip of a data set."""
    words = ["labbench", "data", "clip", shell_quoted(name), shell_quoted(clip)]
    return " ".join([*words, *look_options(look)])
