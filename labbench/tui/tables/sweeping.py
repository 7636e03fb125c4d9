"""Running what is missing of a table from a screen: the plan, the question, the queueing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labbench import units
from labbench.errors import LabbenchError
from labbench.results.sheet import Sheet
from labbench.tui.dialogs import Confirm
from labbench.tui.tables.dialogs import RunMissing

if TYPE_CHECKING:
    from labbench.results.filled import Filled
    from labbench.tui.app import BenchApp
    from labbench.worker.estimate import Estimate
    from labbench.worker.sweep import Plan


def ask_to_run(app: BenchApp, sheet: Sheet, seeds: int) -> None:
    """Look in a thread at what is missing, ask, and queue it."""

    def work() -> None:
        try:
            plan = app.outside.plan(sheet, seeds)
        except LabbenchError as error:
            app.call_from_thread(app.complain, error)
            return
        app.call_from_thread(_ask, app, plan, seeds)

    app.run_worker(work, group="acting", thread=True)


def _ask(app: BenchApp, plan: Plan, seeds: int) -> None:
    if not plan.tasks:
        said = f"{plan.finished} finished, {plan.under_way} under way."
        app.notify(said, title="Nothing is missing", timeout=5, markup=False)
        return
    dialog = RunMissing(plan, seeds)

    def answered(yes: bool | None) -> None:
        if yes:
            _queue(app, plan, seeds)

    def time() -> None:
        span = app.outside.estimate(plan)
        app.call_from_thread(_say_time, dialog, span)

    app.push_screen(dialog, answered)
    app.run_worker(time, group="estimating", thread=True)


def _say_time(dialog: RunMissing, span: Estimate | None) -> None:
    if dialog.is_attached:
        dialog.estimated(span)


def _queue(app: BenchApp, plan: Plan, seeds: int) -> None:
    def work() -> None:
        try:
            done = app.outside.sweep(plan.sheet, seeds)
        except LabbenchError as error:
            app.call_from_thread(app.complain, error)
            return
        errors = [one.error for one in done if one.error is not None]
        for failure in errors[:3]:
            app.call_from_thread(app.complain, failure)
        queued = units.plural(len(done) - len(errors), "run")
        app.call_from_thread(app.notify, f"{queued} queued.", title=plan.sheet.name, timeout=5)
        app.call_from_thread(app.look)

    app.run_worker(work, group="acting", thread=True)


def ask_to_stop(app: BenchApp, filled: Filled) -> None:
    """Ask, then stop all runs of a table, those that wait first."""
    runs = {
        one.run.id: one for cell in filled for one in cell.runs if one.state in ("live", "queued")
    }
    order = sorted(runs.values(), key=lambda one: one.state != "queued")

    def work() -> None:
        for one in order:
            try:
                app.outside.stop(one.run, False)
            except LabbenchError as error:
                app.call_from_thread(app.complain, error)
        app.call_from_thread(app.look)

    def answered(yes: bool | None) -> None:
        if yes:
            app.run_worker(work, group="acting", thread=True)

    live, queued = filled.count("live"), filled.count("queued")
    app.push_screen(
        Confirm(
            f"Stop {units.plural(len(order), 'run')} of {filled.sheet.name}?",
            f"{live} live, {queued} waiting. Live ones stop after the step under way; g goes on "
            "with all of them later.",
            "stop them",
        ),
        answered,
    )
