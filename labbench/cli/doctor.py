"""`labbench doctor`: what is wrong with the bench, and its repair."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from labbench.cli.options import Json

if TYPE_CHECKING:
    from labbench.views.health import Finding


def doctor(
    fix: Annotated[
        bool, typer.Option("--fix", "--yes", "-y", help="Repair without asking.")
    ] = False,
    json: Json = False,
) -> int:
    """Check install, devices, clips, terminal and run folders.

    What can be repaired is, after asking. Exit code 1 if something is broken and was not repaired.
    No repair loses what a run learned.
    """
    from labbench.cli.output import print_json, print_view, say
    from labbench.doctor import examine, repaired
    from labbench.views.health import HealthView

    asks = not fix and not json and sys.stdin.isatty() and sys.stdout.isatty()
    if sys.stderr.isatty():
        say("looking ...")
    found = list(examine())
    if asks:
        print_view(HealthView.of([one.finding for one in found]))
    wanted = _asked if asks else lambda _: fix
    view = HealthView.of(list(repaired(found, wanted)))
    if json:
        print_json(view.as_json())
    elif not asks:
        print_view(view)
    elif done := [one for one in view.findings if one.repaired or one.hint.startswith("Could")]:
        print_view(HealthView.of(done, [one for one in view.findings if one not in done]))
    return int(any(one.open for one in view.findings))


def _asked(finding: Finding) -> bool:
    from labbench.cli.output import confirm

    return confirm(f"{finding.what} {finding.repair.capitalize()}?", default=True)
