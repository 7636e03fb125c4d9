"""Running what is missing of a table: which of it, the plan, the question, the queueing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from labbench import units
from labbench.draw.plain import Text
from labbench.errors import LabbenchError
from labbench.tables.layout import TableLayout
from labbench.tables.pace import Estimate
from labbench.tables.sweep import Plan
from labbench.tui.dialogs import Confirm, Dialog
from labbench.tui.loader import in_thread

if TYPE_CHECKING:
    from labbench.tables.pace import Estimate
    from labbench.tables.progress import TableProgress
    from labbench.tables.sweep import Plan, Submitted
    from labbench.tui.host import Host

MOST_SEEDS = 100


@dataclass(frozen=True, slots=True)
class Parts:
    """What of a table is to be run."""

    rows: tuple[str, ...] = ()
    """None: all."""
    columns: tuple[str, ...] = ()
    seeds: int = 1


class RunMissing(Confirm):
    """Whether to queue a plan; how long it takes is said when it is known."""

    def __init__(self, plan: Plan, seeds: int) -> None:
        self._plan = plan
        runs = units.plural(len(plan.tasks), "run")
        question = f"Queue {runs} of {plan.layout.name}?"
        super().__init__(question, self._words("the time is being estimated ..."), f"queue {runs}")
        self._seeds = seeds

    def _words(self, time: str) -> str:
        plan = self._plan
        parts = [f"{plan.finished} finished and {plan.under_way} under way are left alone"]
        if plan.again:
            parts.append(f"{plan.again} stopped, failed or lost go on")
        clips = " and ".join(sorted({task.clips.name for task in plan.tasks}))
        return f"On the clips of {clips}. {'; '.join(parts)}.\n{time}"

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Text(self._question), classes="question")
            yield Static(Text.lines(self._detail), id="detail")
            yield Static(Text(f"y {self._yes}   n cancel"), classes="hint")

    def estimated(self, span: Estimate | None) -> None:
        """Say how long it takes."""
        said = "How long it takes is not known."
        if span is not None:
            devices = f" on {span.at_once} devices" if span.at_once > 1 else ""
            said = f"About {units.duration(span.span_s)}{devices} if no cell stops early."
        self.query_one("#detail", Static).update(Text.lines(self._words(said)))


class Marks(OptionList, inherit_bindings=False):
    """Names to be marked, with vim keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("down,j", "cursor_down", "down"), ("up,k", "cursor_up", "up"), ("space", "mark", "mark"),
    ]  # fmt: skip

    class Changed(Message):
        """Other names are marked."""

    def __init__(self, labels: Mapping[str, str], marked: Collection[str], *, id: str) -> None:
        self._labels = dict(labels)
        self._marked = {name for name in labels if not marked or name in marked}
        super().__init__(*(Option(self._option_text(name), id=name) for name in labels), id=id)

    @property
    def marked(self) -> tuple[str, ...]:
        """The marked names, in order."""
        return tuple(name for name in self._labels if name in self._marked)

    def _option_text(self, name: str) -> Text:
        sign = "✔" if name in self._marked else "·"
        return Text(f"{sign} {self._labels[name]}", style="" if sign == "✔" else "dim")

    def _mark(self, names: Collection[str]) -> None:
        self._marked = set(names)
        for name in self._labels:
            self.replace_option_prompt(name, self._option_text(name))
        self.post_message(self.Changed())

    def action_mark(self) -> None:
        """Mark the name under the cursor, or take its mark away."""
        if self.highlighted is not None:
            self._mark(self._marked ^ {str(self.get_option_at_index(self.highlighted).id)})

    def mark_all(self) -> None:
        """Mark all names, or none where all are."""
        self._mark(set() if len(self._marked) == len(self._labels) else set(self._labels))


class ChooseParts(Dialog[Parts | None]):
    """Rows, columns and seeds to be run."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape,q", "leave", "leave"), ("enter", "take", "run"),
        ("plus,equals_sign", "seeds(1)", "more seeds"), ("minus", "seeds(-1)", "fewer seeds"),
        ("a", "all", "all or none"),
        ("tab,right,l", "app.focus_next", "other list"),
        ("shift+tab,left,h", "app.focus_previous", "other list"),
    ]  # fmt: skip

    def __init__(self, layout: TableLayout, before: Parts) -> None:
        super().__init__()
        self._layout = layout
        self._parts = before
        self._seeds = before.seeds

    def compose(self) -> ComposeResult:
        sides = (
            ("rows", self._layout.rows, self._parts.rows),
            ("columns", self._layout.columns, self._parts.columns),
        )
        with Vertical(classes="dialog"):
            yield Static(Text(f"Run which cells of {self._layout.name}?"), classes="question")
            with Horizontal(id="sides"):
                for side, names, chosen in sides:
                    with Vertical(classes="side"):
                        yield Static(side, classes="side-title")
                        yield Marks(names, chosen, id=side)
            yield Static(id="seeds", markup=False)
            yield Static(
                "space mark   a all or none   tab other list\n+ - seeds   enter run   esc cancel",
                classes="hint", markup=False,
            )  # fmt: skip

    def on_mount(self) -> None:
        self.query_one("#rows", Marks).focus()
        self._say()

    def _say(self) -> None:
        rows, columns = (self.query_one(f"#{side}", Marks).marked for side in ("rows", "columns"))
        cells = units.plural(len(rows) * len(columns), "cell")
        said = f"{cells} x {units.plural(self._seeds, 'seed')}"
        self.query_one("#seeds", Static).update(said)

    def on_marks_changed(self, event: Marks.Changed) -> None:
        self._say()

    def action_seeds(self, step: int) -> None:
        self._seeds = min(max(self._seeds + step, 1), MOST_SEEDS)
        self._say()

    def action_all(self) -> None:
        if isinstance(self.focused, Marks):
            self.focused.mark_all()

    def action_take(self) -> None:
        rows, columns = (self.query_one(f"#{side}", Marks).marked for side in ("rows", "columns"))
        if rows and columns:
            self.dismiss(Parts(rows, columns, self._seeds))
        else:
            self.notify("Mark a row and a column at least.", severity="warning", timeout=4)

    def action_leave(self) -> None:
        self.dismiss(None)


def ask_to_run(app: Host, layout: TableLayout, seeds: int) -> None:
    """Look in a thread at what is missing, ask, and queue it."""
    services = app.services
    in_thread(
        app, lambda: services.plan(layout, seeds), lambda plan: _ask(app, plan, seeds), once="sweep"
    )


def _ask(app: Host, plan: Plan, seeds: int) -> None:
    if not plan.tasks:
        said = f"{plan.finished} finished, {plan.under_way} under way."
        app.notify(said, title="Nothing is missing", timeout=5)
        return
    dialog, services = RunMissing(plan, seeds), app.services

    def answered(yes: bool | None) -> None:
        if yes:
            in_thread(app, lambda: services.sweep(plan.layout, seeds), queued)

    def queued(done: Sequence[Submitted]) -> None:
        errors = [one.error for one in done if one.error is not None]
        for failure in errors[:3]:
            app.complain(failure)
        runs = units.plural(len(done) - len(errors), "run")
        app.notify(f"{runs} queued.", title=plan.layout.name, timeout=5)
        app.poll()

    def estimated(span: Estimate | None) -> None:
        if dialog.is_attached:
            dialog.estimated(span)

    app.push_screen(dialog, answered)
    in_thread(app, lambda: services.estimate(plan), estimated)


def ask_to_stop(app: Host, progress: TableProgress) -> None:
    """Ask, then stop all runs of a table, those that wait first."""
    runs = {
        one.run.id: one for cell in progress for one in cell.runs if one.state in ("live", "queued")
    }
    order = sorted(runs.values(), key=lambda one: one.state != "queued")
    stop = app.services.stop

    def work() -> list[LabbenchError]:
        errors = []
        for one in order:
            try:
                stop(one.run, False)
            except LabbenchError as error:
                errors.append(error)
        return errors

    def stopped(errors: Sequence[LabbenchError]) -> None:
        for error in errors:
            app.complain(error)
        app.poll()

    def answered(yes: bool | None) -> None:
        if yes:
            in_thread(app, work, stopped)

    live, queued = progress.count("live"), progress.count("queued")
    app.push_screen(
        Confirm(
            f"Stop {units.plural(len(order), 'run')} of {progress.layout.name}?",
            f"{live} live, {queued} waiting. Live ones stop after the step under way; m goes on "
            "with all of them later.",
            "stop them",
        ),
        answered,
    )
