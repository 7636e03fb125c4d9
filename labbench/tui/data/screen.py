"""Data sets: what is there, what is being made, and all there is to say of the chosen one."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec
from rich.console import RenderableType
from textual import events
from textual.containers import VerticalScroll
from textual.widget import Widget

from labbench import paths, units
from labbench.audio import fetch, jobs, library
from labbench.audio.jobs import Job, Order
from labbench.audio.library import Surveyed
from labbench.draw.plain import Text
from labbench.errors import LabbenchError
from labbench.presets import WORDS
from labbench.runs import queue
from labbench.text import shell_quoted
from labbench.tui.commands import command
from labbench.tui.data import rows
from labbench.tui.data.making import add_form, synth_form
from labbench.tui.data.rows import DataSnapshot
from labbench.tui.dialogs import Choose, Confirm
from labbench.tui.loader import Loader, in_thread
from labbench.tui.mixins import Detail, DetailKeys
from labbench.tui.table import Table
from labbench.views.data import COLUMNS, DataListView, DataView

if TYPE_CHECKING:
    from labbench.draw.export import View

LOOK_EVERY_S = 0.5
"""The folder of data sets is looked at this often while the screen is in front."""


Clock = Callable[[], float]
Counted = tuple[str, DataView | LabbenchError]
"""A data set as `_version` names it, and what was counted in it or why it cannot be."""


class DataScreen(DetailKeys):
    """Data sets as a list, the chosen one below it."""

    CSS_PATH = "data.tcss"
    keys = (
        "browse", "go_on", "cancel", "ask_add", "ask_fetch", "ask_synth", "ask_remove",
        "detail_down", "detail_up",
    )  # fmt: skip
    subject = "the data set"
    about = (
        "The clips that runs train on: data sets, how many clips of each word go to training, "
        "validation and test, where they came from and what was changed. A data set in the making "
        "continues when you leave labbench; an interrupted download resumes where it stopped."
    )

    def __init__(self) -> None:
        super().__init__()
        self.snapshot: DataSnapshot | None = None
        """Data sets and jobs as they were looked at last; None: not yet."""
        self._counted: dict[str, DataView | LabbenchError] = {}
        self._seer = Loader(self, self._clock, _survey, self._show_snapshot)
        self._counter = Loader(self, self._uncounted, _count, self._show_counted)

    def body(self) -> Iterable[Widget]:
        yield Table(COLUMNS, self._cells, id="sets")
        with VerticalScroll(id="detail", can_focus=False):
            yield Detail()

    def on_mount(self) -> None:
        self.query_one(Table).display = False
        self.query_one(Table).focus()
        self.while_in_front(LOOK_EVERY_S, self._seer.ask)

    def where(self) -> str:
        return self.chosen or ""

    def clips(self) -> str:
        return self.chosen or ""

    # What is in view

    @property
    def _key(self) -> str | None:
        return self.query_one(Table).cursor

    @property
    def job(self) -> Job | None:
        """The job under the cursor."""
        return self.snapshot.job(self._key) if self.snapshot else None

    @property
    def data_set(self) -> Surveyed | None:
        """The data set under the cursor."""
        return self.snapshot.data_set(self._key) if self.snapshot else None

    @property
    def usable(self) -> Surveyed | None:
        """The data set under the cursor, if nothing is wrong with it."""
        one = self.data_set
        return one if one is not None and not one.damage else None

    @property
    def chosen(self) -> str | None:
        """The name of what is under the cursor."""
        one = self.job or self.data_set
        return one.name if one is not None else None

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        self.look()

    def look(self) -> None:
        """Look at the folder of data sets: it is not as it was."""
        self._seer.ask(again=True)

    def _clock(self) -> Clock:
        return self.bench.services.now

    def _show_snapshot(self, snapshot: DataSnapshot) -> None:
        before, self.snapshot = self.snapshot, snapshot
        if before == self.snapshot:
            return
        table, keys = self.query_one(Table), self.snapshot.keys()
        table.display = bool(keys)
        table.styles.height = min(len(keys) + 1, 8 if self.size.height < 32 else 14)
        at = table.cursor
        table.show(keys)
        self._say_what_is_done(before, at)
        self._counter.ask()
        self._tell()

    def _say_what_is_done(self, before: DataSnapshot | None, at: str | None) -> None:
        """Tell of a data set that was being made; where the cursor was at that, it stays there."""
        assert self.snapshot is not None
        there = {one.name for one in self.snapshot.sets}
        still = {job.name for job in self.snapshot.jobs}
        for job in before.jobs if before else ():
            if job.live and job.name not in still and job.name in there:
                self.notify(f"{job.name} is here.", title="Data", markup=False)
                if at == f"job:{job.name}":
                    self.query_one(Table).go_to(f"set:{job.name}")

    def _tell(self) -> None:
        self.query_one(Detail).refresh(layout=True)
        self.refresh_keys()
        self.refresh_top()

    def _cells(self, key: str) -> Sequence[Text]:
        return rows.row(self.snapshot or DataSnapshot(), key, self.bench.palette)

    def on_table_moved(self, event: Table.Moved) -> None:
        self.query_one("#detail", VerticalScroll).scroll_home(animate=False)
        self._counter.ask()
        self._tell()

    def on_table_chosen(self, event: Table.Chosen) -> None:
        self.action_do("Browse")

    def theme_changed(self) -> None:
        super().theme_changed()
        self._tell()

    def detail(self, width: int) -> RenderableType:
        """What stands below the list."""
        theme = self.bench.palette
        if self.snapshot is None:
            return Text("reading data sets ...", theme.muted)
        if (job := self.job) is not None:
            return rows.of_job(job, theme)
        one = self.data_set
        if one is None:
            return rows.nothing_yet(theme)
        if one.damage:
            return rows.of_damaged(one, theme)
        found = self._counted.get(_version(one))
        if isinstance(found, LabbenchError):
            damaged = Surveyed(one.name, None, f"{found.what}", one.size_bytes)
            return rows.of_damaged(damaged, theme)
        if found is None:
            return Text(f"counting {one.name} ...", theme.muted)
        return found.render(width, theme=theme)

    # Counting: the chosen data set, once

    def _uncounted(self) -> Surveyed | None:
        one = self.usable
        return None if one is None or _version(one) in self._counted else one

    def _show_counted(self, found: Counted) -> None:
        key, self._counted[key] = found
        self._tell()

    # What commands do

    @command("enter,l,right", "clips", when=lambda self: self.usable is not None)
    def browse(self) -> None:
        """Look through the clips of the data set."""
        from labbench.tui.data.clips import ClipsScreen

        if self.usable is not None:
            self.app.push_screen(ClipsScreen(self.usable.name))

    def _names_in_use(self) -> list[str]:
        return (
            [one.name for one in self.snapshot.sets] if self.snapshot else library.data_set_names()
        )

    @command("a", "add")
    def ask_add(self) -> None:
        """Add your own clips: a folder or an archive with one folder a word."""
        self.app.push_screen(add_form(self._names_in_use()), self._begin)

    @command("m", "make synthetic")
    def ask_synth(self) -> None:
        """Make spoken words with a speech synthesiser (eSpeak NG)."""
        self.app.push_screen(synth_form(self._names_in_use()), self._begin)

    @command("d", "fetch")
    def ask_fetch(self) -> None:
        """Fetch Speech Commands, the clips of the published figures."""
        here, free = jobs.fetched_bytes(), _free_bytes()
        rest = f", {units.size(here)} of it here" if here else ""
        options = (
            ("report", f"{f'the {len(WORDS)} words of the report':<28}1.6 GB as clips"),
            ("all", f"{'all 35 words':<28}3.4 GB as clips"),
        )

        def chosen(words: str | None) -> None:
            if words is not None:
                self._begin(jobs.Fetch(
                    words=WORDS if words == "report" else (),
                    replace=library.SPEECH_COMMANDS in self._names_in_use(),
                ))  # fmt: skip

        question = f"Fetch Speech Commands: {units.size(fetch.SIZE)}{rest}; {units.size(free)} free"
        self.app.push_screen(Choose(question, options), chosen)

    def _begin(self, order: Order | None) -> None:
        """Have a data set made; where it takes another's place, ask first."""
        if order is None:
            return
        if not order.replace:
            self._make(order)
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._make(order)

        told = "It is deleted when the new one is ready."
        if needed := self._needed(order.name):
            told = f"{needed} would go on with other clips. {told}"
        self.app.push_screen(
            Confirm(f"Replace data set {order.name}?", told, "replace it"), answered
        )

    def _make(self, order: Order) -> None:
        make = self.bench.services.make
        in_thread(self, lambda: make(order), lambda _: self._made(order.name))

    def _made(self, name: str) -> None:
        self.query_one(Table).go_to(f"job:{name}")
        self.look()

    @command("r", "go on", when=lambda self: self.job is not None and not self.job.live)
    def go_on(self) -> None:
        """Resume what was cancelled, failed or was lost."""
        if self.job is not None and not self.job.live:
            self._make(msgspec.structs.replace(
                self.job.order, replace=self.job.name in self._names_in_use()
            ))  # fmt: skip

    @command("x", "cancel", when=lambda self: self.job is not None and self.job.live)
    def cancel(self) -> None:
        """Stop the making of this data set; what was downloaded is kept."""
        if self.job is None:
            return
        try:
            jobs.cancel(self.job.name)
        except LabbenchError as error:
            self.bench.complain(error)
            return
        self.notify("Asked to stop.", title=self.job.name, timeout=3, markup=False)

    @command(
        "D,delete",
        "delete",
        when=lambda self: self.chosen is not None and (self.job is None or not self.job.live),
    )
    def ask_remove(self) -> None:
        """Delete the data set, or forget what was not finished (asked)."""
        name, job = self.chosen, self.job
        if name is None:
            return

        def answered(yes: bool | None) -> None:
            if yes:
                remove = library.remove if job is None else jobs.forget
                in_thread(self, lambda: remove(name), lambda _: self.look(), self._not_removed)

        if job is not None:
            kept = jobs.fetched_bytes() if isinstance(job.order, jobs.Fetch) else 0
            told = f"{units.size(kept)} that came are deleted." if kept else "Nothing else is lost."
            self.app.push_screen(Confirm(f"Forget {name}?", told, "forget it"), answered)
            return
        size = units.size(self.data_set.size_bytes) if self.data_set else ""
        told = f"{size}. Runs keep their results; their clips can no longer be heard or seen."
        if needed := self._needed(name):
            told = f"{needed} cannot be trained without it. {told}"
        self.app.push_screen(Confirm(f"Delete data set {name}?", told, "delete it"), answered)

    def _needed(self, name: str) -> str:
        """The runs that are trained on a data set, or wait to be."""
        rows = [(entry.run, entry.status) for entry in self.bench.runs.entries]
        return ", ".join(run.id for run in queue.using(name, rows))

    def _not_removed(self, error: LabbenchError) -> None:
        self.bench.complain(error)
        self.look()

    def headless(self) -> str | None:
        if self.data_set is None:
            return "labbench data list"
        return f"labbench data show {shell_quoted(self.data_set.name)}"

    def exportable(self) -> bool:
        return self.snapshot is not None and bool(self.snapshot.sets)

    def view(self) -> View | None:
        if self.snapshot is None:
            return None
        found = self._counted.get(_version(self.usable)) if self.usable else None
        return found if isinstance(found, DataView) else DataListView(self.snapshot.sets)


def _survey(now: Clock) -> DataSnapshot:
    return DataSnapshot(tuple(library.survey()), tuple(jobs.all_jobs(now=now())))


def _count(one: Surveyed) -> Counted:
    from labbench.audio.clips import open_clips

    try:
        return _version(one), DataView.of(open_clips(one.name))
    except LabbenchError as error:
        return _version(one), error


def _version(one: Surveyed) -> str:
    """What tells a data set from an earlier one of its name, and from one that was not checked."""
    return f"{one.name} {one.size_bytes} {one.meta.fingerprint if one.meta else ''}"


def _free_bytes() -> int:
    """Bytes that are free where clips are kept."""
    folder = paths.clips_dir()
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free
