"""What every tab is made of: a heading, a picture, and a notice where there is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from textual import events
from textual.app import ComposeResult
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from labbench.draw.plain import Text
from labbench.errors import LabbenchError
from labbench.interpret.picture import AnalysisView
from labbench.tui.canvas import Canvas, Picture, drawn
from labbench.tui.commands import Command, command, commands_of
from labbench.tui.inside import notice
from labbench.tui.inside.frame import Frame
from labbench.tui.inside.job import Job
from labbench.tui.inside.subject import Chosen
from labbench.worker.analyst import NotWantedError

if TYPE_CHECKING:
    from labbench.draw.export import View
    from labbench.draw.palette import Theme
    from labbench.interpret.question import A, Question

T = TypeVar("T")


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

    class Told(Message, bubble=False):
        """Work is so far."""

        def __init__(self, job: Job, share: float | None, text: str) -> None:
            super().__init__()
            self.job, self.share, self.text = job, share, text

    class Done(Message, bubble=False):
        """Work came to an end: with a result, a reason why not, or called off."""

        def __init__(self, job: Job, finish: Callable[[], None]) -> None:
            super().__init__()
            self.job, self.finish = job, finish

    class Drawn(Message, bubble=False):
        """A picture was drawn in a thread."""

        def __init__(self, picture: Picture, size: Size) -> None:
            super().__init__()
            self.picture, self.size = picture, size

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
        self._drawing = self._draw_again = False

    # What a tab gives

    def begin(self) -> None:
        """Ask for what it shows."""
        raise NotImplementedError

    def picture(self) -> View | None:
        """What is drawn, without headings; None where there is nothing yet."""
        return None

    def view(self) -> View | None:
        """What is exported."""
        return self.picture()

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
        job = self._job = Job(lambda job, share, text: self._post(self.Told(job, share, text)))
        self._said, self._share, self.called_off = said, None, False

        def run() -> None:
            try:
                found = work(job)
            except NotWantedError:
                self._post(self.Done(job, lambda: None))
            except LabbenchError as error:
                reason = error
                self._post(self.Done(job, lambda: self._cannot(reason)))
            else:
                self._post(self.Done(job, lambda: self._can(done, found)))

        self.run_worker(run, thread=True, group="ask")
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
        canvas = self.query_one(TabPicture)
        view, size = self.picture(), canvas.size
        if view is None or not size or self._drawing:
            self._draw_again = self._drawing
            return
        self._drawing, self._draw_again = True, False
        theme, console = self.theme_now, self.app.console

        def draw() -> None:
            body = view.body if isinstance(view, AnalysisView) else view.render
            picture = drawn(body(size.width, size.height, theme=theme), size, console)
            self._post(self.Drawn(picture, size))

        self.run_worker(draw, thread=True, group="draw")

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

    def _post(self, message: Message) -> None:
        """From a thread: a tab that is gone hears nothing."""
        if self.is_attached:
            self.post_message(message)

    def _drop(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _can(self, done: Callable[[Any], None], found: Any) -> None:
        self.why = None
        done(found)

    def _cannot(self, error: LabbenchError) -> None:
        self.why = error

    def on_tab_told(self, message: Tab.Told) -> None:
        if message.job is self._job:
            self._share = message.share
            self._said = message.text or self._said
            self._bring_up_to_date()

    def on_tab_done(self, message: Tab.Done) -> None:
        if message.job is self._job:
            self._job = None
            message.finish()
            self.inside.tell_unkept()
            self.redraw()

    def on_tab_drawn(self, message: Tab.Drawn) -> None:
        self._drawing = False
        canvas = self.query_one(TabPicture)
        canvas.show(message.picture)
        self.inside.bench.loaded()
        if self._draw_again or message.size != canvas.size:
            self.redraw()

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
