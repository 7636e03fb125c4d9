"""What every tab is made of: options, a heading, a picture, and a notice where there is none."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from textual.app import ComposeResult
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static

from labbench.draw.plain import Text
from labbench.errors import LabbenchError
from labbench.interpret import analyses
from labbench.interpret.options import Declared, Options
from labbench.interpret.picture import AnalysisView
from labbench.tui.canvas import Canvas, Picture
from labbench.tui.commands import Command, command, commands_of
from labbench.tui.inside import work as notice
from labbench.tui.inside.frame import Chosen, Frame
from labbench.tui.inside.work import Drawing, Job, draw
from labbench.tui.loader import Loader, in_thread
from labbench.worker.analyst import NotWantedError

if TYPE_CHECKING:
    from labbench.draw.palette import Theme
    from labbench.interpret.question import Ask

T = TypeVar("T")


class Tab(Widget):
    """A tab of the Inside screen, made of an analysis: see `labbench.tui.inside`.

    Its state are the options of the analysis: they make the question, the picture, the keys that go
    through choices, and the command that prints the same.
    """

    kind: ClassVar[type[Options]]
    shared: ClassVar[tuple[str, ...]] = ()
    """Options that are what is chosen in all tabs: layer, channel, word, pair."""
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
    thing: ClassVar[str]
    """What its cursor goes over, in one word."""
    said: ClassVar[str]
    """What is done to find out."""

    def __init_subclass__(cls, **more: Any) -> None:
        """Take over what the options say of the tab, and make a key of each that has one."""
        super().__init_subclass__(**more)
        if "kind" in vars(cls):
            for name in ("title", "letter", "about", "thing", "said"):
                setattr(cls, name, getattr(cls.kind, name))
            for one in cls.kind.declared():
                if one.option.key:
                    _add_key(cls, one)

    def __init__(self) -> None:
        super().__init__()
        self.options: Any = self.kind()
        self._view: Any = None
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

    # What a tab may say

    def with_chosen(self) -> Options:
        """The options with what is chosen in all tabs."""
        usual = self.kind()
        values = {one: getattr(self.chosen, one) for one in self.shared}
        chosen: Options = self.options.having(
            **{one: getattr(usual, one) if v is None else v for one, v in values.items()}
        )
        return chosen

    def finder(self) -> Callable[[Ask], Any]:
        """What finds out, by asking, what the options want; called in a thread."""
        return partial(analyses.find, self.inside.run_folder, self.options)

    def answered(self, found: Any) -> None:
        """It was found out."""
        try:
            view = analyses.view(self.inside.run_folder, self.options, found).with_cursor()
        except LabbenchError as error:
            self.why = error
        else:
            self.options = view.options
            self.see(view)

    def named(self) -> Options:
        """The options as a command line names them."""
        options: Options = self.options
        return options

    def can_choose(self, one: Declared) -> bool:
        """Whether the key of an option does something now."""
        return self.found or not one.option.drawn

    # What is asked and shown

    def begin(self) -> None:
        self.options = self.with_chosen()
        self.have_found(self.finder(), self.said)

    def have_found(
        self, find: Callable[[Ask], T], said: str, done: Callable[[T], None] | None = None
    ) -> None:
        """Have something found out in a thread, and show it, or give it to `done`."""
        analyst = self.inside.analyst

        def work(job: Job) -> T:
            return find(partial(analyst.ask, report=job.report, wanted=job.wanted))

        self.ask(work, done or self.answered, said)

    def change(self, **values: Any) -> None:
        """Have other options: drawn anew, or asked anew where that takes another answer."""
        before, self.options = self.options, self.options.having(**values)
        if not self.options.asks_as(before):
            self.begin()
        elif self._view is not None:
            self.see(self._view.having(self._view.options.having(**values)))

    def see(self, view: AnalysisView[Any]) -> None:
        """Show a view; what it shows is chosen in all tabs, unless another answer is under way."""
        self._view = view
        if self.options.asks_as(view.options):
            self.options = view.options
            values = {one: getattr(self.options, one) for one in self.shared}
            self.inside.choose(**{k: None if v in ("", ()) else v for k, v in values.items()})
        self.redraw()

    def follow(self) -> None:
        """Show what is chosen now."""
        now, shown = self.with_chosen(), self._view and self._view.options
        if not now.asks_as(self.options):
            self.begin()
        elif shown and now != shown and now.asks_as(shown):  # else an answer is under way
            self.see(self._view.having(now))

    def chosen_changed(self, before: Chosen) -> None:
        self.follow()

    def picture(self) -> AnalysisView[Any] | None:
        shown: AnalysisView[Any] | None = self._view
        return shown

    def place_words(self) -> str:
        """Where the clip that is shown stands among others; empty for other tabs."""
        return ""

    def heading(self, theme: Theme) -> Text:
        if self._view is None or self.why is not None:
            return Text()
        text: Text = self._view.heading(theme, self.place_words())
        return text

    def headless(self) -> str | None:
        return self.named().command_line(self.inside.run_folder.called)

    def click(self, x: int, y: int, twice: bool) -> None:
        view, size = self.picture(), self.picture_size
        if view and (clicked := view.clicked(x, y, size.width, size.height)) is not None:
            self.see(clicked)

    # What its keys do

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

    def run_changed(self) -> None:
        """The run has trained on, or came to an end; by default all is asked for anew."""
        self.begin()

    def front_again(self) -> None:
        """It came to the front again."""

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
        return self.query_one(Canvas).size

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
                self._bring_up_to_date()

        in_thread(self, run, partial(finish, None), finish)
        self._bring_up_to_date()

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
        yield Canvas(draw=self.redraw, click=self.click)
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
        self.query_one(Canvas).show(picture)
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
        self.query_one(Canvas).display = not nothing
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


def _add_key(tab: type[Tab], one: Declared) -> None:
    """Give a tab the method `next_<field>`, whose key goes to the field's next choice."""

    def go_on(self: Tab) -> None:
        self.change(**{one.field: self.options.next_choice(one.field)})

    def ready(self: Tab) -> bool:
        return self.can_choose(one)

    go_on.__name__, go_on.__doc__ = f"next_{one.field}", one.option.does
    setattr(tab, go_on.__name__, command(one.option.key, one.option.label, when=ready)(go_on))
