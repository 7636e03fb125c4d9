"""How the making of a data set stands, in words."""

from __future__ import annotations

from labbench import units
from labbench.audio.jobs import Add, Fetch, Job
from labbench.draw import glyphs
from labbench.draw.palette import Theme
from labbench.draw.plain import Text

BAR = 20
"""Cells of the bar that shows how far it is."""

SIGNS = {
    "starting": "◌", "working": "◌", "failed": "✖", "cancelled": "■", "lost": "?", "finished": "✔",
}  # fmt: skip

BYTES = ("fetching", "checking", "unpacking")
"""What is counted in bytes."""


def in_words(job: Job) -> str:
    """`fetching 34% (826 MB of 2.43 GB), 5m left`, or how it ended and what to do."""
    if job.live:
        return ", ".join(filter(None, [progress(job), _left(job)]))
    return " ".join(filter(None, [f"{job.state}: {job.message}", job.hint, way_on(job)]))


def progress(job: Job) -> str:
    """What is done now, and how much of it."""
    if not job.what:
        return "starting"
    figure = units.size if job.what in BYTES else units.whole
    if job.share is None:
        return f"{job.what} {figure(job.done)}" if job.done else job.what
    return f"{job.what} {job.share:.0%} ({figure(job.done)} of {figure(job.total)})"


def _left(job: Job) -> str:
    return "" if job.left_s is None else f"{units.duration(job.left_s)} left"


def way_on(job: Job) -> str:
    """What goes on with a job that ended before its end."""
    order = job.order
    if isinstance(order, Fetch):
        return "labbench data fetch resumes where it stopped."
    if isinstance(order, Add):
        return f"Again: labbench data add {order.name} {order.path}"
    return f"Again: labbench data synth --name {order.name}"


def colour(job: Job, theme: Theme) -> str:
    """The colour of a job's state."""
    return theme.accent if job.live else theme.warn if job.state == "cancelled" else theme.bad


def state(job: Job) -> str:
    """The word for a job's state."""
    return "being made" if job.live else job.state


def heading(job: Job, theme: Theme) -> Text:
    """Sign, name and state of a job."""
    style = colour(job, theme)
    return Text.assemble((f"{SIGNS[job.state]} ", style), (job.name, "bold"),
                         (f"  {state(job)}", style))  # fmt: skip


def bar(job: Job, theme: Theme) -> Text:
    """The bar of a live job."""
    said = ", ".join(filter(None, [progress(job), _left(job)]))
    return Text.assemble((glyphs.bar(job.share or 0.0, BAR), theme.accent), f"▏ {said}")
