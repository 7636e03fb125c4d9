"""What is done to a run from the list and from its own screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from labbench.errors import LabbenchError
from labbench.tui.dialogs import Ask, Confirm
from labbench.tui.looked import Entry

if TYPE_CHECKING:
    from labbench.tui.app import BenchApp


def stoppable(entry: Entry) -> bool:
    """Whether it runs or waits to."""
    return entry.live or entry.status.state == "queued"


def resumable(entry: Entry) -> bool:
    """Whether it can be gone on with; one that waits has a hint where nobody will start it."""
    waits_in_vain = entry.status.state == "queued" and bool(entry.status.hint)
    return waits_in_vain or entry.status.state in ("stopped", "failed", "lost")


def stop(app: BenchApp, entry: Entry) -> None:
    """Ask a run to stop; a second time, to stop at once."""
    if not entry.live or not (entry.run.control_path / "stop").exists():
        said = "It stops after the step under way; r resumes it. x again: at once."
        _do(app, lambda: app.outside.stop(entry.run, False), said, entry)
        return

    def answered(yes: bool | None) -> None:
        if yes:
            _do(app, lambda: app.outside.stop(entry.run, True), "It stops at once.", entry)

    app.push_screen(
        Confirm(
            f"Stop {entry.id} at once?",
            "It was asked to stop already. Steps since its last checkpoint are lost.",
            "stop it at once",
        ),
        answered,
    )


def resume(app: BenchApp, entry: Entry) -> None:
    """Go on with a run."""
    said = f"It goes on from epoch {entry.status.epoch}."
    _do(app, lambda: app.outside.resume(entry.run), said, entry)


def checkpoint(app: BenchApp, entry: Entry) -> None:
    """Ask a run for a checkpoint."""
    _do(app, lambda: entry.run.ask("checkpoint"), "It writes a checkpoint.", entry)


def duplicate(app: BenchApp, entry: Entry) -> None:
    """The form with the run's preset."""
    from labbench.tui.bench.form import FormScreen

    try:
        app.push_screen(FormScreen(entry.run.preset(), of=entry.id))
    except LabbenchError as error:
        app.complain(error)


def tag(app: BenchApp, entry: Entry) -> None:
    """Ask for the run's tags."""
    from labbench.runs.notes import Notes

    def answered(text: str | None) -> None:
        if text is not None:
            words = text.replace(",", " ").replace("#", " ").split()
            tags = tuple(dict.fromkeys(words))
            _keep(app, entry, Notes(tags=tags, note=entry.notes.note))

    app.push_screen(Ask(f"Tags of {entry.id}", " ".join(entry.notes.tags)), answered)


def note(app: BenchApp, entry: Entry) -> None:
    """Ask for the run's note."""
    from labbench.runs.notes import Notes

    def answered(text: str | None) -> None:
        if text is not None:
            _keep(app, entry, Notes(tags=entry.notes.tags, note=text.strip()))

    app.push_screen(Ask(f"Note to {entry.id}", entry.notes.note), answered)


def delete(app: BenchApp, entry: Entry, then: Callable[[], None] = lambda: None) -> None:
    """Delete a run after asking."""
    status = entry.status

    def answered(yes: bool | None) -> None:
        if yes:
            _do(app, entry.run.remove, "Deleted.", entry)
            then()

    app.push_screen(
        Confirm(
            f"Delete {entry.id} for good?",
            f"{status.state}, {status.epoch} of {status.epochs} epochs. Its curves, checkpoints "
            "and predictions go with it; nothing brings them back.",
            "delete it",
        ),
        answered,
    )


def _keep(app: BenchApp, entry: Entry, notes: object) -> None:
    from labbench.runs import notes as kept

    assert isinstance(notes, kept.Notes)
    _do(app, lambda: kept.write(entry.run.path, notes), "", entry)


def _do(app: BenchApp, act: Callable[[], object], said: str, entry: Entry) -> None:
    """Do it in a thread, say so, and look at the runs again."""

    def work() -> None:
        try:
            act()
        except LabbenchError as error:
            app.call_from_thread(app.complain, error)
            return
        if said:
            app.call_from_thread(app.notify, said, title=entry.id, timeout=5, markup=False)
        app.call_from_thread(app.look)

    app.run_worker(work, group="acting", thread=True)
