"""What is done to a run, from the list of runs and from the run's own screens."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from labbench.errors import LabbenchError
from labbench.tui.commands import command
from labbench.tui.dialogs import Ask, Confirm
from labbench.tui.loader import in_thread
from labbench.tui.routes import ToForm, ToInside, ToResults
from labbench.tui.screen import BenchScreen

if TYPE_CHECKING:
    from labbench.runs.poller import Entry, RunsSnapshot


def has_run(screen: Any) -> bool:
    """Whether there is a run that a command would act on."""
    return screen.entry is not None


def stoppable(screen: Any) -> bool:
    """Whether the run is at work, or waits for it."""
    entry = screen.entry
    return entry is not None and (entry.live or entry.status.state == "queued")


def resumable(screen: Any) -> bool:
    """Whether the run can be gone on with; one that waits has a hint where nobody will start it."""
    if screen.entry is None:
        return False
    status = screen.entry.status
    waits_in_vain = status.state == "queued" and bool(status.hint)
    return waits_in_vain or status.state in ("stopped", "failed", "lost")


class RunActions(BenchScreen[None]):
    """A screen with a run that commands act on."""

    @property
    def entry(self) -> Entry | None:
        """The run, if there is one."""
        raise NotImplementedError

    @command("i", "inside", when=has_run)
    def open_inside(self) -> None:
        """Look inside the net: its filters and what they do."""
        if self.entry is not None:
            self.bench.go(ToInside(self.entry.id))

    @command("r", "resume", when=resumable)
    def resume(self) -> None:
        """Resume the run from its last checkpoint."""
        if (entry := self.entry) is not None:
            said = f"It continues from epoch {entry.status.epoch}."
            self.act_on(entry, lambda: self.bench.services.resume(entry.run), said)

    @command("c", "again, changed", when=has_run)
    def duplicate(self) -> None:
        """Start a new run of the same preset after changing values."""
        if self.entry is None:
            return
        try:
            self.bench.go(ToForm(self.entry.run.preset(), of=self.entry.id))
        except LabbenchError as error:
            self.bench.complain(error)

    def act_on(self, entry: Entry, act: Callable[[], str | None], said: str) -> None:
        """Do something to a run in a thread, say so, and look at the runs again.

        Args:
            act: does it; what it returns is left to do, in words.
        """
        app = self.bench

        def done(left: str | None) -> None:
            if left:
                app.notify(left, title=entry.id, severity="warning", timeout=10)
            if said:
                app.notify(said, title=entry.id, timeout=5)
            app.poll()

        in_thread(app, act, done)


class WatchesRuns(RunActions):
    """A screen where a run is watched: it can be stopped, and its results looked at."""

    @command("R", "results", when=has_run)
    def open_results(self) -> None:
        """Results of the run: confusion matrix, figures by class, summary."""
        if self.entry is not None:
            self.bench.go(ToResults(self.entry.id))

    @command("x", "stop", when=stoppable)
    def stop(self) -> None:
        """Stop the run after the current step; it can be resumed."""
        entry, services = self.entry, self.bench.services
        if entry is None:
            return
        if not entry.live or not (entry.run.control_path / "stop").exists():
            said = "Stopping after the current step; r resumes it. x again: at once."
            self.act_on(entry, lambda: services.stop(entry.run, False), said)
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.act_on(entry, lambda: services.stop(entry.run, True), "Stopping at once.")

        self.app.push_screen(
            Confirm(
                f"Stop {entry.id} at once?",
                "It is stopping already. Steps since its last checkpoint would be lost.",
                "stop it at once",
            ),
            answered,
        )


class KeepsRuns(WatchesRuns):
    """A screen where runs are tagged, noted and deleted."""

    @command("t", "tag", when=has_run)
    def tag(self) -> None:
        """Set the run's tags."""
        from labbench.runs.notes import Notes

        entry = self.entry
        if entry is None:
            return

        def answered(text: str | None) -> None:
            if text is not None:
                words = text.replace(",", " ").replace("#", " ").split()
                tags = tuple(dict.fromkeys(words))
                self._keep(entry, Notes(tags=tags, note=entry.notes.note))

        self.app.push_screen(Ask(f"Tags of {entry.id}", " ".join(entry.notes.tags)), answered)

    @command("n", "note", when=has_run)
    def note(self) -> None:
        """Write a note to the run."""
        from labbench.runs.notes import Notes

        entry = self.entry
        if entry is None:
            return

        def answered(text: str | None) -> None:
            if text is not None:
                self._keep(entry, Notes(tags=entry.notes.tags, note=text.strip()))

        self.app.push_screen(Ask(f"Note to {entry.id}", entry.notes.note), answered)

    @command("D,delete", "delete", when=lambda self: has_run(self) and not self.entry.live)
    def delete(self) -> None:
        """Delete the run's folder for good, after asking."""
        entry = self.entry
        if entry is None:
            return
        status, services = entry.status, self.bench.services

        def answered(yes: bool | None) -> None:
            if yes:
                self.act_on(entry, lambda: services.remove(entry.run), "Deleted.")

        self.app.push_screen(
            Confirm(
                f"Delete {entry.id} for good?",
                f"{status.state}, {status.epoch} of {status.epochs} epochs. Its curves, "
                "checkpoints and predictions go with it; nothing brings them back.",
                "delete it",
            ),
            answered,
        )

    def _keep(self, entry: Entry, notes: Any) -> None:
        from labbench.runs.notes import write

        self.act_on(entry, lambda: write(entry.run.path, notes), "")


class OneRun(RunActions):
    """A screen about one run, from which one goes to the runs beside it."""

    def __init__(self, run_id: str) -> None:
        super().__init__()
        self.run_id = run_id
        self._entry: Entry | None = None

    @property
    def entry(self) -> Entry | None:
        """How the run stands; None where it is gone, or not looked for yet."""
        return self._entry

    def another(self, run_id: str) -> OneRun:
        """The same screen of another run."""
        raise NotImplementedError

    def clips(self) -> str:
        return self._entry.status.clips if self._entry else ""

    def runs_changed(self, runs: RunsSnapshot) -> None:
        self._entry = runs.entry(self.run_id)
        self.refresh_keys()

    @command("left_square_bracket", "previous run", shown=False)
    def previous_run(self) -> None:
        """The run before this one."""
        self._go_to_run(-1)

    @command("right_square_bracket", "next run", shown=False)
    def next_run(self) -> None:
        """The run after this one."""
        self._go_to_run(1)

    def _go_to_run(self, step: int) -> None:
        ids = [entry.id for entry in self.bench.runs.entries]
        if self.run_id in ids:
            index = ids.index(self.run_id) + step
            if 0 <= index < len(ids):
                self.app.switch_screen(self.another(ids[index]))
