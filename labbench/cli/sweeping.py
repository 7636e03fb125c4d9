"""The steps of `labbench sweep`: tables and grids, the plan in words, queueing, watching."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bar

from labbench import paths, units
from labbench.cli.meter import Talk
from labbench.cli.output import print_json, put, say, say_silence
from labbench.cli.table import all_cells
from labbench.errors import STOPPED_EXIT_CODE, LabbenchError, PresetError, TrainingError
from labbench.presets import Library
from labbench.runs import machine
from labbench.runs.queue import Rows, explained, live
from labbench.runs.reader import RunsReader
from labbench.scheduler import slurm
from labbench.scheduler.dispatch import ensure_dispatcher
from labbench.scheduler.start import stop
from labbench.tables import grid as grids
from labbench.tables import sweep as sweeps
from labbench.tables.layout import TableLayout
from labbench.tables.pace import Estimate, estimate, left_s
from labbench.tables.progress import CellRun, Cells
from labbench.tables.sweep import Plan, Submitted, Task
from labbench.text import shell_quoted, shown

Submit = Callable[[Sequence[Task]], Iterator[Submitted]]
"""Queues tasks, one after the other."""

LOOK_EVERY_S = 2.0
PLAIN_EVERY_S = 30.0
"""Without a terminal, a line without news at most this often."""

ELSEWHERE_S = 60.0
"""Another host may take so long from one run of its queue to the next."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What was planned and done for one table."""

    plan: Plan
    estimate: Estimate | None
    submitted: tuple[Submitted, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The plan, the estimate, and every run that was queued or could not be."""
        plan, estimate = self.plan, self.estimate
        planned = [
            {"preset": task.cell.name, "seed": task.preset.training.seed,
             "goes_on_with": task.before.run.id if task.before else None}
            for task in plan.tasks
        ]  # fmt: skip
        return {
            "table": plan.layout.name, "cells": len(plan.layout), "finished": plan.finished,
            "under_way": plan.under_way, "planned": planned,
            "estimate_s": estimate.span_s if estimate else None,
            "work_s": estimate.work_s if estimate else None,
            "at_once": estimate.at_once if estimate else None,
            "queued": [
                {"preset": one.task.cell.name, "seed": one.task.preset.training.seed,
                 "run": one.run.id, "folder": str(one.run.path)}
                for one in self.submitted if one.run
            ],
            "errors": [
                {"preset": one.task.cell.name, "seed": one.task.preset.training.seed,
                 "error": str(one.error)}
                for one in self.submitted if one.error
            ],
        }  # fmt: skip


def layouts(
    names: Sequence[str], rows: Sequence[str], columns: Sequence[str], changes: Sequence[str]
) -> list[TableLayout]:
    """The tables of some names.

    Raises:
        PresetError: there is no such table, row or column, or a cell cannot be used.
    """
    library = Library()
    return [
        TableLayout.of(library, name, rows=rows, columns=columns, changes=changes) for name in names
    ]


def gridded(
    bases: Sequence[str], texts: Sequence[str], changes: Sequence[str], name: str, *, kept: bool
) -> TableLayout:
    """The table of a grid over one preset: the values asked for, not all it may have by now.

    Args:
        kept: write it into the user's presets folder.

    Raises:
        PresetError: the base, a key, a value or the name cannot be used.
    """
    if len(bases) != 1:
        raise PresetError("a grid is made of one preset.", where="--grid", hint=" ".join(bases))
    library, base = Library(), bases[0]
    tables = [table.name for table in library.tables()]
    if base in tables:
        raise PresetError(
            f"{base!r} is a table already.", where="--grid",
            hint=f"Name a preset, such as one of its cells: {library.table(base).name}/ROW/COLUMN",
        )  # fmt: skip
    axes = [grids.parse(text) for text in texts]
    name = name or grids.default_name(base, axes)
    tree = grids.table_of(library, base, axes, changes)
    if kept:
        grids.keep(name, tree)
        say(f"the grid is the table {name}: labbench table {shell_quoted(name)}")
        return TableLayout.of(
            Library(), name, rows=list(tree["rows"]), columns=list(tree["columns"])
        )
    library.hold(name, tree)
    return TableLayout.of(library, name)


def settle() -> None:
    """Take runs whose cluster's job is gone for what they are: lost, to be gone on with."""
    slurm.settle(RunsReader(paths.runs_dir()).read(), now=True)
    say_silence()


def estimated(plan: Plan, *, timing: bool) -> Estimate | None:
    """How long the plan takes, or None."""
    if timing and plan.tasks:
        say("estimating: timing a few steps of nets that no run has timed yet ...")
    return estimate(plan, time_steps=timing)


def say_plan(plan: Plan, span: Estimate | None, seeds: int) -> None:
    """The plan in words, before it starts."""
    cells = units.plural(len(plan.layout), "cell")
    wanted = f"{cells} x {units.plural(seeds, 'seed')}" if seeds > 1 else cells
    say(
        f"{plan.layout.name}: {wanted}: {plan.finished} finished, {plan.under_way} under way, "
        f"{len(plan.tasks)} to queue{f' ({plan.again} gone on with)' if plan.again else ''}."
    )
    if plan.tasks:
        say(f"on the clips of {' and '.join(sorted({task.clips.name for task in plan.tasks}))}.")
    if span is not None and plan.tasks:
        devices = f" on {span.at_once} devices" if span.at_once > 1 else ""
        say(
            f"about {units.duration(span.span_s)}{devices} if no cell stops early; "
            "other runs that are ahead come first."
        )


def submitted(plan: Plan, submit: Submit) -> tuple[Submitted, ...]:
    """Queue the plan, with a bar on a terminal; what cannot be queued is told of."""
    console, done = Talk(), []
    with Bar(
        TextColumn("queueing"), BarColumn(bar_width=24), MofNCompleteColumn(), console=console,
        transient=True, disable=not console.is_interactive,
    ) as bar:  # fmt: skip
        for one in bar.track(submit(plan.tasks), total=len(plan.tasks)):
            done.append(one)
            if one.error is not None:
                say(f"labbench: {one.task.cell.name}: {one.error}")
    return tuple(done)


def report(swept: Sequence[Swept], *, dry_run: bool, as_json: bool) -> int:
    """What was queued, on stdout: run ids, or with --dry-run cells; returns the exit code."""
    if as_json:
        print_json({"dry_run": dry_run, "tables": [one.as_json() for one in swept]})
    for one in swept if not as_json else ():
        for task in one.plan.tasks if dry_run else ():
            again = f"  goes on with {task.before.run.id}" if task.before else ""
            put(f"{task.cell.name}  seed {task.preset.training.seed}{again}")
        for queued in one.submitted:
            if queued.run is not None:
                put(queued.run.id)
        if one.submitted:
            name = shell_quoted(one.plan.layout.name)
            say(f"watch: labbench sweep {name} --wait   stop: labbench sweep {name} --stop")
    return _code([error for one in swept for s in one.submitted if (error := s.error)])


def _code(errors: Sequence[LabbenchError]) -> int:
    return errors[0].exit_code if errors else 0


def stop_all(tables: Sequence[TableLayout], *, as_json: bool) -> int:
    """Stop all runs of the tables' cells, those that wait first; returns the exit code."""
    found: dict[str, CellRun] = {}
    cells = all_cells()
    for layout in tables:
        for cell in cells.progress(layout):
            found |= {one.run.id: one for one in cell.runs if one.state in ("live", "queued")}
    stopped, errors = [], []
    for one in sorted(found.values(), key=lambda one: one.state != "queued"):
        try:
            how = stop(one.run)
        except LabbenchError as error:
            errors.append(error)
            say(f"labbench: {error}")
            continue
        stopped.append({"run": one.run.id, "how": how})
        say(f"{one.run.id}: {'asked to stop' if how == 'asked' else 'taken out of the queue'}.")
    if as_json:
        print_json({"stopped": stopped, "errors": [str(error) for error in errors]})
    elif not found:
        say("nothing of it waits or runs.")
    return _code(errors)


def watch(
    tables: Sequence[TableLayout], seeds: int, swept: Sequence[Swept], *, as_json: bool
) -> int:
    """Watch until nothing of the tables waits or runs; returns the exit code. Ctrl+C leaves it."""
    at_once = max((one.estimate.at_once for one in swept if one.estimate), default=1)
    try:
        plans = _to_the_end(tables, seeds, at_once)
    except KeyboardInterrupt:
        name = shell_quoted(tables[0].name)
        say(f"the queue goes on. Again: labbench sweep {name} --wait   or --stop")
        return 0
    if as_json:
        print_json({"dry_run": False, "tables": [one.as_json() for one in swept]})
    else:
        _print_tables(plans)
    states = {
        task.before.status.state for one in plans for task in one.tasks if task.before is not None
    }
    for one in plans:
        for task in one.tasks:
            if task.before is not None:
                said = f"{task.before.status.message} {task.before.status.hint}".rstrip()
                say(f"{task.before.run.id}: {task.before.status.state}: {said}")
    if states & {"failed", "lost"}:
        return TrainingError.exit_code
    errors = [error for one in swept for s in one.submitted if (error := s.error)]
    return _code(errors) or (STOPPED_EXIT_CODE if "stopped" in states else 0)


def _to_the_end(tables: Sequence[TableLayout], seeds: int, at_once: int) -> list[Plan]:
    """Show how far the tables are until nothing is under way."""
    survey, console = RunsReader(paths.runs_dir()), Talk()
    said, said_at = "", 0.0
    hindrances: set[str] = set()
    moved_at = time.monotonic()
    with Bar(
        TextColumn("{task.description}", markup=False), BarColumn(bar_width=24),
        MofNCompleteColumn(), TextColumn("{task.fields[told]}", markup=False), console=console,
        transient=True, disable=not console.is_interactive,
    ) as bar:  # fmt: skip
        task = bar.add_task(shown(", ".join(layout.name for layout in tables)), total=None, told="")
        while True:
            rows = survey.read()
            cells = Cells(rows)
            plans = [sweeps.plan(layout, cells, seeds=seeds) for layout in tables]
            finished = sum(one.finished for one in plans)
            under_way = sum(one.under_way for one in plans)
            told = _progress_in_words(plans, cells, at_once)
            total = finished + under_way + sum(len(one.tasks) for one in plans)
            bar.update(task, completed=finished, total=total, told=told)
            news = f"{finished} of {total} finished"
            if not console.is_interactive and (
                news != said or time.monotonic() - said_at > PLAIN_EVERY_S
            ):
                said, said_at = news, time.monotonic()
                say(f"{news}, {told}")
            if not under_way:
                return plans
            wait = [(one.run, one.status) for one in _under_way(plans)]
            for one in hindered(wait):
                if one not in hindrances:
                    hindrances.add(one)
                    say(f"labbench: {one}")
            if not (elsewhere := only_elsewhere(wait, rows)):
                moved_at = time.monotonic()
            elif time.monotonic() - moved_at > ELSEWHERE_S:
                raise elsewhere
            ensure_dispatcher()
            time.sleep(LOOK_EVERY_S)


def _under_way(plans: Sequence[Plan]) -> list[CellRun]:
    """The runs of the plans that wait or have a worker."""
    runs = {one.run.id: one for plan in plans for cell in plan.cells for one in cell.runs}
    return [one for one in runs.values() if one.state in ("live", "queued")]


def hindered(wait: Rows) -> list[str]:
    """Why some of the runs that wait are not started, in words."""
    return [
        f"{run.id}: {one.message} {one.hint}"
        for run, one in explained(wait) if one.state == "queued" and one.hint
    ]  # fmt: skip


def only_elsewhere(wait: Rows, rows: Rows) -> LabbenchError | None:
    """What to say where all that waits does so in queues of other hosts, and nothing runs there.

    Args:
        wait: the runs that are watched.
        rows: all runs.
    """
    hosts = {one.waiting.host for _, one in wait if one.waiting and not one.waiting.job}
    here = all(one.state == "queued" and one.waiting and not one.waiting.job for _, one in wait)
    if not hosts or not here or machine.host() in hosts or any(live(rows, host) for host in hosts):
        return None
    return LabbenchError(
        f"{units.plural(len(wait), 'run')} in the queue of {' and '.join(sorted(hosts))}, where "
        "nothing runs: nobody here starts what waits there.", where="sweep --wait",
        hint=f"Here instead: labbench run --resume {wait[0][0].called}",
    )  # fmt: skip


def _progress_in_words(plans: Sequence[Plan], cells: Cells, at_once: int) -> str:
    """What is under way, and the time left."""
    progress = [cells.progress(one.layout) for one in plans]
    live = sum(one.count("live") for one in progress)
    times = [left_s(one, at_once) for one in progress]
    known = [seconds for seconds in times if seconds is not None]
    left = sum(known) if len(known) == len(times) else None
    failed = sum(len([t for t in one.tasks if t.before]) for one in plans)
    parts = [f"{live} live", f"{units.duration(left)} left at most" if left else ""]
    parts.append(f"{failed} failed or stopped" if failed else "")
    return ", ".join(filter(None, parts))


def _print_tables(plans: Sequence[Plan]) -> None:
    from labbench.cli.output import print_view
    from labbench.tables.view import TableView

    cells = all_cells()
    for one in plans:
        print_view(TableView.of(cells.progress(one.layout)))
