"""`labbench sweep`: queue what is missing of a table, watch it, stop it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from labbench.cli.options import Json
from labbench.cli.run import On, OnOption, SlurmArgs, placed
from labbench.cli.table import Columns, Data, Rows, Set, changes, parts

if TYPE_CHECKING:
    from labbench.cli.sweeping import Submit, Swept
    from labbench.tables.layout import TableLayout


def sweep(
    tables: Annotated[
        list[str],
        typer.Argument(metavar="TABLE", help="Tables by name or .toml file; or a grid's base."),
    ],
    rows: Rows = None,
    columns: Columns = None,
    seeds: Annotated[int, typer.Option(min=1, max=1000, help="Runs per cell, seeds 0, 1, ...")] = 1,
    set_: Set = None,
    data: Data = "",
    grid: Annotated[
        list[str] | None,
        typer.Option(metavar="SECTION.KEY=VALUE,...", help="Make a table of a preset; repeatable."),
    ] = None,
    name: Annotated[str, typer.Option(help="What to call the grid's table.")] = "",
    per_device: Annotated[
        int | None, typer.Option("--per-device", min=1, help="Runs at once on each device.")
    ] = None,
    on: OnOption = None,
    slurm_args: SlurmArgs = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only print what would be queued.")
    ] = False,
    estimate: Annotated[
        bool, typer.Option(help="Time a few steps of nets that no run has timed yet.")
    ] = True,
    wait: Annotated[
        bool, typer.Option("--wait", "-w", help="Watch to the end; Ctrl+C only leaves it.")
    ] = False,
    stop: Annotated[
        bool, typer.Option("--stop", help="Stop what waits and runs of these cells instead.")
    ] = False,
    json: Json = False,
) -> int:
    """Queue all cells of a table that have no figure yet.

    Failed and stopped cells are resumed. Run it as often as you like: finished, waiting and running
    cells are left alone; other settings (--set) are other cells. A cell that fails does not stop
    the others. With --grid the named preset is varied: the first key makes the rows, others the
    columns. With --on slurm each cell is a job of a Slurm cluster, stopped ones are resumed there.
    """
    from labbench.cli import sweeping

    submit = _submit(on, slurm_args, per_device)
    laid = changes(set_, data)
    if grid:
        layouts = [sweeping.gridded(tables, grid, laid, name, kept=not (dry_run or stop))]
    else:
        layouts = sweeping.layouts(tables, parts(rows), parts(columns), laid)
    if stop:
        return sweeping.stop_all(layouts, as_json=json)
    sweeping.settle()
    # How long a cluster takes nobody here can tell.
    timing = None if on == "slurm" else estimate
    swept = [_sweep(layout, seeds, submit, timing, dry_run) for layout in layouts]
    if wait and not dry_run:
        return sweeping.watch(layouts, seeds, swept, as_json=json)
    return sweeping.report(swept, dry_run=dry_run, as_json=json)


def _submit(on: On | None, slurm_args: str | None, per_device: int | None) -> Submit:
    from labbench.scheduler import slurm
    from labbench.tables.sweep import submit_cells

    options = placed(on, slurm_args)
    if options is not None:
        if per_device is not None:
            raise typer.BadParameter("is for this machine's queue.", param_hint="--per-device")
        slurm.check(options)
    return partial(submit_cells, slurm=options, per_device=per_device)


def _sweep(
    layout: TableLayout, seeds: int, submit: Submit, timing: bool | None, dry_run: bool
) -> Swept:
    """Say what is missing of one table and how long it takes, then queue it.

    Args:
        timing: whether steps are timed for the estimate; None: there is no estimate.
    """
    from labbench.cli import sweeping
    from labbench.cli.table import all_cells
    from labbench.tables import sweep as sweeps

    plan = sweeps.plan(layout, all_cells(), seeds=seeds)
    span = None if timing is None else sweeping.estimated(plan, timing=timing)
    sweeping.say_plan(plan, span, seeds)
    if dry_run or not plan.tasks:
        return sweeping.Swept(plan, span)
    with sweeps.alone():
        # Another sweep may have queued some of it meanwhile.
        plan = sweeps.plan(layout, all_cells(), seeds=seeds)
        return sweeping.Swept(plan, span, sweeping.submitted(plan, submit))
