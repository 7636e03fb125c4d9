"""Running what is missing of a table from a screen: the plan, the question, the queueing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from labbench import units
from labbench.errors import LabbenchError
from labbench.tables.layout import TableLayout
from labbench.tui.dialogs import Confirm
from labbench.tui.loader import in_thread
from labbench.tui.tables.dialogs import RunMissing

if TYPE_CHECKING:
    from labbench.tables.estimate import Estimate
    from labbench.tables.progress import TableProgress
    from labbench.tables.sweep import Plan, Submitted
    from labbench.tui.host import Host


def ask_to_run(app: Host, sheet: TableLayout, seeds: int) -> None:
    """Look in a thread at what is missing, ask, and queue it."""
    services = app.services
    in_thread(app, lambda: services.plan(sheet, seeds), lambda plan: _ask(app, plan, seeds))


def _ask(app: Host, plan: Plan, seeds: int) -> None:
    if not plan.tasks:
        said = f"{plan.finished} finished, {plan.under_way} under way."
        app.notify(said, title="Nothing is missing", timeout=5)
        return
    dialog, services = RunMissing(plan, seeds), app.services

    def answered(yes: bool | None) -> None:
        if yes:
            in_thread(app, lambda: services.sweep(plan.sheet, seeds), queued)

    def queued(done: Sequence[Submitted]) -> None:
        errors = [one.error for one in done if one.error is not None]
        for failure in errors[:3]:
            app.complain(failure)
        runs = units.plural(len(done) - len(errors), "run")
        app.notify(f"{runs} queued.", title=plan.sheet.name, timeout=5)
        app.look()

    def estimated(span: Estimate | None) -> None:
        if dialog.is_attached:
            dialog.estimated(span)

    app.push_screen(dialog, answered)
    in_thread(app, lambda: services.estimate(plan), estimated)


def ask_to_stop(app: Host, filled: TableProgress) -> None:
    """Ask, then stop all runs of a table, those that wait first."""
    runs = {
        one.run.id: one for cell in filled for one in cell.runs if one.state in ("live", "queued")
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
        app.look()

    def answered(yes: bool | None) -> None:
        if yes:
            in_thread(app, work, stopped)

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
