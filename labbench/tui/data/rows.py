"""The list of data sets: what is being made first, then what is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Group, RenderableType

from labbench import units
from labbench.audio.jobs import Fetch, Job
from labbench.audio.library import Surveyed
from labbench.draw.columns import cells_of
from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.views import jobs as job_views
from labbench.views.data import COLUMNS


@dataclass(frozen=True, slots=True)
class DataSnapshot:
    """All data sets and those being made, as they were looked at last."""

    sets: tuple[Surveyed, ...] = ()
    jobs: tuple[Job, ...] = ()

    def keys(self) -> list[str]:
        """The rows of the list."""
        return [f"job:{job.name}" for job in self.jobs] + [f"set:{one.name}" for one in self.sets]

    def job(self, key: str | None) -> Job | None:
        """The job of a row."""
        return next((job for job in self.jobs if f"job:{job.name}" == key), None)

    def data_set(self, key: str | None) -> Surveyed | None:
        """The data set of a row."""
        return next((one for one in self.sets if f"set:{one.name}" == key), None)


def row(snapshot: DataSnapshot, key: str, theme: Theme) -> Sequence[Text]:
    """The cells of a row."""
    if (job := snapshot.job(key)) is not None:
        return _job_cells(job, theme)
    one = snapshot.data_set(key)
    return cells_of(COLUMNS, one, theme) if one is not None else [Text()] * len(COLUMNS)


def _job_cells(job: Job, theme: Theme) -> list[Text]:
    colour = job_views.colour(job, theme)
    state = Text(f"{job_views.SIGNS[job.state]} {job_views.state(job)}", colour)
    share = "" if job.share is None or not job.live else f"{job.share:.0%}"
    said = Text(job_views.in_words(job), theme.muted)
    blank = [Text(units.MISSING, theme.muted) for _ in range(4)]
    return [Text(job.name), state, *blank, Text(share, colour), said]


def of_job(job: Job, theme: Theme) -> RenderableType:
    """All there is to say of a job."""
    parts: list[RenderableType] = [job_views.heading(job, theme), Text()]
    if job.live:
        parts += [job_views.bar(job, theme), Text()]
        parts.append(Text("It continues without labbench: leave whenever you like.", theme.muted))
    else:
        parts.append(Text(job.message, theme.bad if job.state in ("failed", "lost") else ""))
        parts += [Text(job.hint, theme.warn)] if job.hint else []
    parts += [Text(), *_keys(job, theme)]
    return Group(*parts)


def _keys(job: Job, theme: Theme) -> list[Text]:
    if job.live:
        keys = [("x", "cancel it"), ("1", "the bench: train meanwhile on synthetic speech")]
    else:
        way = "resume where it stopped" if isinstance(job.order, Fetch) else "try again"
        keys = [("r", way), ("D", "forget it")]
    return [Text.assemble((f"{key:>5}", f"bold {theme.accent}"), f"   {text}")
            for key, text in keys]  # fmt: skip


def of_damaged(one: Surveyed, theme: Theme) -> RenderableType:
    """What is wrong with a data set, and what to do."""
    return Text.assemble(
        (one.name, "bold"), ("  damaged", theme.bad), "\n\n", (one.damage, theme.bad), "\n\n",
        ("Runs trained on it are intact. Delete it and make it again.", theme.muted), "\n\n",
        ("    D", f"bold {theme.accent}"), "   delete it",
    )  # fmt: skip


def nothing_yet(theme: Theme) -> Text:
    """What is said where there are no data sets at all."""
    text = Text.assemble(("There are no clips here yet. Start with one of these:", "bold"), "\n")
    for key, words, more in (
        ("d", "fetch Speech Commands", "the clips of the published figures: 2.4 GB, resumable"),
        ("a", "add your own clips", "a folder or archive with one folder of sound files a word"),
        ("m", "make synthetic speech", "16 spoken words, many voices; the first run makes it, too"),
    ):  # fmt: skip
        text.append("\n").append(f"{key:>5}", style=f"bold {theme.accent}").append(f"   {words}")
        text.append("\n").append(f"        {more}", style=theme.muted).append("\n")
    return text
