"""A look at the whole bench: what is wrong with it, what to do, and what can be done at once.

An area is one module with a function that yields what it found. What can be repaired without
losing anything carries the repair along.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from labbench.doctor import data, device, install, runs, terminal
from labbench.doctor.found import Found, finding
from labbench.errors import LabbenchError
from labbench.views.health import Finding


def examine() -> Iterator[Found]:
    """Look at everything, area by area; reads only."""
    for area in (install, device, data, terminal, runs):
        try:
            yield from area.findings()
        except (LabbenchError, OSError) as error:
            yield finding(area.AREA, "broken", f"could not be checked: {error}")


def repaired(found: Iterable[Found], wanted: Callable[[Finding], bool]) -> Iterator[Finding]:
    """The findings, those repaired that can be and that `wanted` says yes to.

    A repair that fails says why in its finding, and holds up no other.
    """
    for one in found:
        if one.mend is None or not wanted(one.finding):
            yield one.finding
            continue
        try:
            one.mend()
        except (LabbenchError, OSError) as error:
            yield replace(one.finding, hint=f"Could not be repaired: {error}", repair="")
        else:
            yield replace(one.finding, repaired=True)
