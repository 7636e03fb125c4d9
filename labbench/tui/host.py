"""What a screen may ask of the app; `labbench.tui.app.BenchApp` gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.app import App

from labbench.runs.poller import RunsSnapshot

if TYPE_CHECKING:
    from pathlib import Path

    from labbench.audio.jobs import Job
    from labbench.draw.palette import Theme
    from labbench.errors import LabbenchError
    from labbench.presets import Preset
    from labbench.tui.routes import Route
    from labbench.tui.services import Machine, Services
    from labbench.tui.settings import Settings


class Host(App[None]):
    """An app with the runs, and screens one goes to."""

    services: Services
    """The world outside: the clock, the machine, workers."""
    settings: Settings
    root: Path
    """The folder of runs."""
    runs = RunsSnapshot()
    """All runs as they were seen last."""
    seen = False
    """Whether they were looked at at all."""
    machine: Machine | None = None
    clips = ""
    """The clips that new runs get, and how many."""
    making: tuple[Job, ...] = ()
    """Data sets that are being made."""
    marked: tuple[str, ...] = ()
    """Ids of the runs marked to be compared, in the order of marking."""

    @property
    def palette(self) -> Theme:
        """Colours for what is drawn with Rich."""
        raise NotImplementedError

    def go(self, route: Route) -> None:
        """Show another screen."""
        raise NotImplementedError

    def can_go_back(self) -> bool:
        """Whether there is a screen below."""
        return len(self.screen_stack) > 1

    def go_back(self) -> None:
        """To the screen below; never out of the app."""
        if self.can_go_back():
            self.pop_screen()

    def launch(self, preset: Preset, *, instead: bool = False) -> None:
        """Start a run of a preset and show it.

        Args:
            instead: the screen in front makes place for it.
        """
        raise NotImplementedError

    def poll(self) -> None:
        """Look at all runs now."""
        raise NotImplementedError

    def mark(self, run_id: str) -> None:
        """Mark a run to be compared, or take its mark away."""
        without = tuple(one for one in self.marked if one != run_id)
        self.marked = without if len(without) < len(self.marked) else (*self.marked, run_id)

    def remember(self, **changes: Any) -> None:
        """Change settings and keep them for the next time."""
        raise NotImplementedError

    def complain(self, error: LabbenchError) -> None:
        """Say what went wrong and what to do."""
        raise NotImplementedError

    def switch_theme(self) -> None:
        """From dark to light or back; kept for the next time."""
        raise NotImplementedError

    def loaded(self) -> None:
        """All libraries are loaded that screens need."""
        raise NotImplementedError

    def leave(self) -> None:
        """Leave; what runs goes on, and is said to."""
        raise NotImplementedError

    def end(self, code: int) -> None:
        """End with an exit code, as a signal asks for."""
        raise NotImplementedError
