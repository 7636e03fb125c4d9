"""What every tab is made of: a heading, a picture, and a notice where there is none."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from rich.console import Console
from textual import events
from textual.app import ComposeResult
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static

from labbench.draw.plain import Text
from labbench.errors import LabbenchError
from labbench.interpret.picture import AnalysisView
from labbench.tui.canvas import Canvas, Picture, drawn
from labbench.tui.commands import Command, command, commands_of
from labbench.tui.inside import work as notice
from labbench.tui.inside.frame import Chosen, Frame
from labbench.tui.inside.work import Job
from labbench.tui.loader import Loader, in_thread
from labbench.worker.analyst import NotWantedError

if TYPE_CHECKING:
    from labbench.draw.palette import Theme
    from labbench.interpret.question import A, Question

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """What is to be drawn, once."""

    view: AnalysisView[Any]
    size: Size
    theme: Theme
    console: Console


def draw(one: Drawing) -> Picture:
    """The body of a view as strips of cells."""
    body = one.view.body(one.size.width, one.size.height, one.theme)
    return drawn(body, one.size, one.console)


class TabPicture(Canvas):
    """The picture of a tab, as it was drawn last."""

    def on_resize(self, event: events.Resize) -> None:
        self._tab.redraw()

    def on_click(self, event: events.Click) -> None:
        self._tab.click(event.x, event.y, twice=event.chain > 1)

    @property
    def _tab(self) -> Tab:
        return cast(Tab, self.parent)


class Tab(Widget):
    """A tab of the Inside screen. Subclasses say what is in it: see `labbench.tui.inside`."""

    title: ClassVar[str]
    """One word for the line of tabs."""
    letter: ClassVar[str]
    """The key that opens it: an upper-case letter."""
    about: ClassVar[str]
    """What it shows, in a few sentences."""
    keys: ClassVar[tuple[str, ...]] = ()
    """Names of its commands in the order of the key line; those left out follow."""
    of_lists: ClassVar[tuple[Command, ...]] = ()
    """Commands made of a list, one for each of its entries: after its own."""
    brackets: ClassVar[str] = "layer"
    """What `[` and `]` go through, in one word."""

    def __init__(self) -> None:
        super().__init__()
        self.why: LabbenchError | None = None
        """Why it cannot be shown."""
        self.called_off = False
        """Whether the work was cancelled by a person."""
        self._job: Job | None = None
        self._seen: Chosen | None = None
        """What was chosen when it was told last."""
        self._said = ""
        self._share: float | None = None
        self._drawing: Drawing | None = None
        """What is seen, or will be."""
        self._drawer = Loader(self, lambda: self._drawing, draw, self._show_drawn)

    # What a tab gives

    def begin(self) -> None:
        """Ask for what it shows."""
        raise NotImplementedError

    def picture(self) -> AnalysisView[Any] | None:
        """What is seen, its body below `heading`, and exported; None: there is nothing yet."""
        return None

    def headless(self) -> str | None:
        """The command line that prints it."""
        return None

    def heading(self, theme: Theme) -> Text:
        """One line above the picture; empty: none."""
        return Text()

    def step(self, by: int) -> None:
        """The layer before (-1) or after (1)."""
        layers = self.inside.layers
        index = layers.index(self.chosen.layer) + by
        if 0 <= index < len(layers):
            self.inside.choose(layer=layers[index], channel=0)

    @command("left_square_bracket", "{brackets}", written="[ ]")
    def step_back(self) -> None:
        """The {brackets} before this one; with ] the one after it."""
        self.step(-1)

    @command("right_square_bracket", "{brackets}", shown=False)
    def step_on(self) -> None:
        """The {brackets} after this one."""
        self.step(1)

    def chosen_changed(self, before: Chosen) -> None:
        """Something else was chosen; by default another layer is asked for anew."""
        if before.layer != self.chosen.layer:
            self.begin()

    def run_changed(self) -> None:
        """The run has trained on, or came to an end; by default all is asked for anew."""
        self.begin()

    def front_again(self) -> None:
        """It came to the front again."""

    def click(self, x: int, y: int, *, twice: bool) -> None:
        """The picture was clicked at a cell of it."""

    @classmethod
    def commands(cls) -> tuple[Command, ...]:
        """Its commands as those of the screen, which act while it is in front."""
        return tuple(
            one.of_part(f"{cls.__name__}_{one.name}", lambda screen: screen.tab,
                        lambda screen: isinstance(screen.tab, cls))
            for one in (*commands_of(cls, ("step_back", "step_on", *cls.keys)), *cls.of_lists)
        )  # fmt: skip

    # What a tab has

    @property
    def inside(self) -> Frame:
        """The screen."""
        return cast(Frame, self.screen)

    @property
    def chosen(self) -> Chosen:
        """What is looked at, in all tabs."""
        return self.inside.chosen

    @property
    def theme_now(self) -> Theme:
        """The colours to draw with."""
        return self.inside.bench.palette

    @property
    def picture_size(self) -> Size:
        """Cells of the picture."""
        return self.query_one(TabPicture).size

    @property
    def found(self) -> bool:
        """Whether there is something to be seen."""
        return self.why is None and self.picture() is not None

    @property
    def busy(self) -> bool:
        """Whether it waits for work."""
        return self._job is not None

    def ask(self, work: Callable[[Job], T], done: Callable[[T], None], said: str) -> None:
        """Have work done in a thread and its result given to `done`.

        Args:
            work: gets the job; may raise LabbenchError.
            said: what is done, for the notice: `reading the weights`.
        """
        self._drop()
        job = self._job = Job(self._tell)
        self._said, self._share, self.called_off = said, None, False

        def run() -> T | None:
            with contextlib.suppress(NotWantedError):
                return work(job)
            return None

        def finish(why: LabbenchError | None, found: Any = None) -> None:
            if job is self._job:
                self._job, self.why = None, why
                if why is None:
                    done(found)
                self.inside.tell_unkept()
                self.redraw()

        in_thread(self, run, partial(finish, None), finish)
        self._bring_up_to_date()

    def ask_analyst(self, question: Question[A], done: Callable[[A], None], said: str) -> None:
        """Have a question about the net answered: from what is kept, or by the analyst.

        Args:
            said: what it does, for the notice: `computing feature maps`.
        """
        analyst = self.inside.analyst

        def work(job: Job) -> A:
            return analyst.ask(question, report=job.report, wanted=job.wanted)

        self.ask(work, done, said)

    def catch_up(self) -> None:
        """Tell it what was chosen since it was told last."""
        before, self._seen = self._seen, self.chosen
        if before is not None and before != self.chosen:
            self.chosen_changed(before)

    def cancel(self) -> None:
        """Call off what was asked for."""
        if self._job is not None:
            self._drop()
            self.called_off = True
            self._bring_up_to_date()

    def redraw(self) -> None:
        """Draw `picture()` anew, in a thread; the heading and the notice with it."""
        self._bring_up_to_date()
        view, size = self.picture(), self.picture_size
        if view is not None and size:
            self._drawing = Drawing(view, size, self.theme_now, self.app.console)
            self._drawer.ask()

    # How it is done

    def compose(self) -> ComposeResult:
        yield Static(classes="heading")
        yield TabPicture()
        yield Static(classes="notice")

    def on_mount(self) -> None:
        self._seen = self.chosen
        self.begin()

    def on_unmount(self) -> None:
        self._drop()

    def _drop(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _tell(self, job: Job, share: float | None, text: str) -> None:
        """From a thread: work is so far. A tab that is gone hears nothing."""
        if self.is_attached:
            self.call_later(self._told, job, share, text)

    def _told(self, job: Job, share: float | None, text: str) -> None:
        if job is self._job:
            self._share = share
            self._said = text or self._said
            self._bring_up_to_date()

    def _show_drawn(self, picture: Picture) -> None:
        self.query_one(TabPicture).show(picture)
        self.inside.bench.loaded()

    def _bring_up_to_date(self) -> None:
        """Heading, and either the picture or why there is none."""
        if not self.is_mounted:
            return
        theme = self.theme_now
        nothing = self.why is not None or self.picture() is None
        head, note = self.query_one(".heading", Static), self.query_one(".notice", Static)
        heading = self.heading(theme)
        heading.truncate(max(self.size.width - 2, 1), overflow="ellipsis")
        head.display = bool(heading.plain)
        head.update(heading)
        self.query_one(TabPicture).display = not nothing
        note.display = nothing
        if nothing:
            note.update(self._notice(theme))
        self.inside.tab_changed()

    def _notice(self, theme: Theme) -> Text:
        if self.busy:
            return notice.working(self._said, self._share, theme)
        if self.called_off:
            return notice.called_off(theme)
        if self.why is None:
            return Text()
        return notice.cannot(self.why, self.inside.run_folder, theme).append_text(
            notice.again(theme)
        )

    def at_work(self, theme: Theme) -> Text:
        """What is being done while an older picture is seen, for the line of tabs."""
        if not self.busy or self.why is not None or self.picture() is None:
            return Text()
        return notice.beside(self._said, self._share, theme)
