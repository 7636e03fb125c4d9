"""A run's curves are drawn anew only where something is not as it was."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.console import Console
from textual.geometry import Size

from labbench.draw.palette import DARK
from labbench.errors import RunError
from labbench.runs import events
from labbench.runs.log import EventLog
from labbench.tui.run.reader import Reader, Request
from labbench.views.curves import CurvesView
from tests.recorded import record

pytestmark = pytest.mark.usefixtures("labbench_home")


def test_the_same_picture_is_given_until_look_size_or_log_change() -> None:
    run = record()
    request = Request(CurvesView.of(run), Size(60, 20), DARK, Console())
    reader = Reader(run)
    first = reader.read(request)
    assert reader.read(replace(request)).chart is first.chart
    other = Request(request.curves.zoomed(0.5), request.size, DARK, request.console)
    assert reader.read(other).chart is not first.chart
    smaller = reader.read(replace(other, size=Size(40, 20))).chart
    assert (smaller[0].cell_length, first.chart[0].cell_length) == (40, 60)
    second = reader.read(request)
    log = EventLog(run.events_path)
    log.append([events.Note(time=1.0, text="another line")])
    log.close()
    assert reader.read(request).followed.lines != second.followed.lines


def test_what_is_to_be_seen_is_compared_and_not_what_was_known() -> None:
    one, other = (CurvesView.of(record()) for _ in range(2))
    size, console = Size(60, 20), Console()
    assert Request(one, size, DARK, console) == Request(other, size, DARK, console)
    assert Request(one, size, DARK, console) != Request(replace(one, log=True), size, DARK, console)


def test_a_run_that_is_gone_is_told() -> None:
    run = record()
    curves = CurvesView.of(run)
    run.remove()
    with pytest.raises(RunError, match="is not there any more"):
        Reader(run).read(Request(curves, Size(60, 20), DARK, Console()))
