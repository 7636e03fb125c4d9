"""What a run's log tells in words, and what its worker wrote to the console."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from rich.console import RenderableType

from labbench import paths, units
from labbench.draw.export import csv_text
from labbench.draw.glyphs import STATES
from labbench.draw.palette import TERMINAL, Theme
from labbench.draw.plain import Text
from labbench.runs import RunFolder, events
from labbench.runs.events import AnyEvent
from labbench.runs.log import read_all

CONSOLE_BYTES = 64 * 1024
"""So much of the console's end is shown."""

MOST_LINES = 400
"""So many of the newest events, or of the last lines of the console, are listed."""


Kind = Literal["good", "bad", "warn", "plain"]


@dataclass(frozen=True, slots=True)
class Line:
    """An event in words."""

    when: str
    """Time of training it happened at, or the clock where the event tells it."""
    sign: str
    text: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class EventsView:
    """What happened to a run, but for steps and checkpoints."""

    lines: tuple[Line, ...]
    """The newest last."""

    @classmethod
    def of(cls, run: RunFolder) -> EventsView:
        """The events of a run, those of the end of a long log."""
        run.status()
        lines = [line for event in read_all(run.events_path) if (line := line_of(event))]
        return cls(tuple(lines[-MOST_LINES:]))

    def render(
        self, width: int, height: int | None = None, *, theme: Theme = TERMINAL
    ) -> RenderableType:
        text = in_lines(self.lines if height is None else self.lines[-height:], theme)
        text.rstrip()
        return text

    def as_json(self) -> list[dict[str, Any]]:
        """One object an event, the newest first."""
        return [asdict(line) for line in reversed(self.lines)]

    def as_csv(self) -> str:
        """One row an event, the newest first."""
        rows = [[line.when, line.kind, line.text] for line in reversed(self.lines)]
        return csv_text(["when", "kind", "text"], rows)


@dataclass(frozen=True, slots=True)
class ConsoleView:
    """The last lines of a run's console."""

    text: str

    @classmethod
    def of(cls, run: RunFolder) -> ConsoleView:
        """The console of a run; empty where there is none yet."""
        run.status()
        return cls(console_of(run.console_path))

    def render(
        self, width: int, height: int | None = None, *, theme: Theme = TERMINAL
    ) -> RenderableType:
        lines = self.text.split("\n")
        kept = "\n".join(lines if height is None else lines[-height:])
        return Text.lines(kept or "no output yet")

    def as_json(self) -> list[str]:
        """The lines."""
        return self.text.splitlines()

    def as_csv(self) -> str:
        """One row a line."""
        return csv_text(["line"], [[line] for line in self.text.splitlines()])


def in_lines(lines: Sequence[Line], theme: Theme) -> Text:
    """Events in words, the newest first."""
    colours = {"good": theme.good, "bad": theme.bad, "warn": theme.warn}
    text = Text()
    for line in reversed(lines):
        text.append(f"{line.when:>9}  ", style=theme.muted)
        text.append(f"{line.sign} {line.text}", style=colours.get(line.kind, "")).append("\n")
    return text or Text("no events yet", style=theme.muted)


def console_of(path: Path) -> str:
    """The last lines of a console file; empty where it cannot be read."""
    try:
        with paths.opened(path) as file:
            size = file.seek(0, 2)
            file.seek(max(size - CONSOLE_BYTES, 0))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
    # A progress bar rewrites its line: what it wrote last is what a terminal shows.
    lines = [line.rsplit("\r", 1)[-1] for line in text.replace("\r\n", "\n").split("\n")]
    return "\n".join(lines[-MOST_LINES:]).rstrip()


def line_of(event: AnyEvent) -> Line | None:
    """An event in words; steps and checkpoints say nothing that is not seen elsewhere."""
    match event:
        case events.Started():
            again = f"resumed at epoch {event.epoch}" if event.attempt > 1 else "started"
            text = f"{again} on {event.device}, {event.precision}"
            return Line(_clock(event.time), "▶", text, "plain")
        case events.Epoch():
            text = (
                f"epoch {event.epoch}: validation {units.accuracy(event.val_accuracy)}, "
                f"train {units.accuracy(event.train_accuracy)}"
            )
            if event.best:
                return Line(units.duration(event.elapsed_s), "◆", f"{text}, best so far", "good")
            return Line(units.duration(event.elapsed_s), "·", text, "plain")
        case events.Evaluated():
            text = f"{event.split}: {units.accuracy(event.accuracy)} on {event.clips:,} clips, "
            return Line("", "◎", f"{text}epoch {event.epoch}", "good")
        case events.Note():
            return Line(_clock(event.time), "!", event.text, "warn")
        case events.Ended():
            kinds: dict[str, Kind] = {"finished": "good", "failed": "bad"}
            text = " ".join(filter(None, (f"{event.state}.", event.message, event.hint)))
            sign, kind = STATES[event.state], kinds.get(event.state, "warn")
            return Line(_clock(event.time), sign, text, kind)
    return None


def _clock(moment: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(moment))
