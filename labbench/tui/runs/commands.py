"""What can be done with runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labbench.tui.commands import AnyCommand, Command
from labbench.tui.runs import acting

if TYPE_CHECKING:
    from labbench.tui.runs.screen import RunsScreen


class OpenRun(Command["RunsScreen"]):
    """Look at the run: curves, events, console."""

    key, label = "enter,l,right", "open"

    @classmethod
    def act(cls, screen: RunsScreen) -> None:
        if screen.current is not None:
            screen.bench.open_run(screen.current.id)

    @classmethod
    def ready(cls, screen: RunsScreen) -> bool:
        return screen.current is not None


class LaunchDemo(Command["RunsScreen"]):
    """Train the demo on synthetic speech: there are no runs yet."""

    key, label = "enter", "launch"

    @classmethod
    def act(cls, screen: RunsScreen) -> None:
        screen.bench.launch_demo()

    @classmethod
    def ready(cls, screen: RunsScreen) -> bool:
        return screen.empty


class LookAtPresets(Command["RunsScreen"]):
    """Look at the presets: there are no runs yet."""

    key, label = "escape", "presets"

    @classmethod
    def act(cls, screen: RunsScreen) -> None:
        screen.bench.look_at_presets()

    @classmethod
    def ready(cls, screen: RunsScreen) -> bool:
        return screen.empty


class Results(Command["RunsScreen"]):
    """What came of the run: confusion matrix, figures by class, summary."""

    key, label = "R", "results"

    @classmethod
    def act(cls, screen: RunsScreen) -> None:
        if screen.current is not None:
            screen.bench.open_results(screen.current.id)

    @classmethod
    def ready(cls, screen: RunsScreen) -> bool:
        return screen.current is not None


class Inside(Command["RunsScreen"]):
    """Look inside the net: its filters, and what they do."""

    key, label = "i", "inside"

    @classmethod
    def act(cls, screen: RunsScreen) -> None:
        if screen.current is not None:
            screen.bench.open_inside(screen.current.id)

    @classmethod
    def ready(cls, screen: RunsScreen) -> bool:
        return screen.current is not None


class Mark(Command["RunsScreen"]):
    """Mark the run to be compared, or take the mark away."""

    key, label = "space", "mark"

    @classmethod
    def act(cls, screen: RunsScreen) -> None:
        screen.mark()

    @classmethod
    def ready(cls, screen: RunsScreen) -> bool:
        return screen.current is not None


class Search(Command["RunsScreen"]):
    """Search runs by preset, state, device, tag and note."""

    key, label = "slash", "search"

    @classmethod
    def act(cls, screen: RunsScreen) -> None:
        screen.search()

    @classmethod
    def ready(cls, screen: RunsScreen) -> bool:
        return not screen.empty

    @classmethod
    def sign(cls) -> str:
        return "/"


class LeaveSearch(Command["RunsScreen"]):
    """List all runs again."""

    key, label = "escape", "all runs"

    @classmethod
    def act(cls, screen: RunsScreen) -> None:
        screen.list_all()

    @classmethod
    def ready(cls, screen: RunsScreen) -> bool:
        return screen.narrowed


class Sort(Command["RunsScreen"]):
    """Sort by age, state, preset, accuracy, difference or time left."""

    key, label = "s", "sort"

    @classmethod
    def act(cls, screen: RunsScreen) -> None:
        screen.ask_sort()

    @classmethod
    def ready(cls, screen: RunsScreen) -> bool:
        return not screen.empty


class Filter(Command["RunsScreen"]):
    """List only runs in some states, marked or noted ones."""

    key, label = "f", "filter"

    @classmethod
    def act(cls, screen: RunsScreen) -> None:
        screen.ask_filter()

    @classmethod
    def ready(cls, screen: RunsScreen) -> bool:
        return not screen.empty


class AddClips(Command["RunsScreen"]):
    """Add a folder of your own clips."""

    key, label = "a", "add clips"

    @classmethod
    def act(cls, screen: RunsScreen) -> None:
        screen.bench.add_clips()

    @classmethod
    def ready(cls, screen: RunsScreen) -> bool:
        return screen.empty


class FetchClips(Command["RunsScreen"]):
    """Fetch Speech Commands, the clips of the published figures."""

    key, label = "d", "fetch clips"

    @classmethod
    def act(cls, screen: RunsScreen) -> None:
        screen.bench.fetch_clips()

    @classmethod
    def ready(cls, screen: RunsScreen) -> bool:
        return screen.empty


class Stop(Command["RunsScreen"]):
    """Stop the run after the step under way; it can be resumed."""

    key, label = "x", "stop"

    @classmethod
    def act(cls, screen: RunsScreen) -> None:
        if screen.current is not None:
            acting.stop(screen.bench, screen.current)

    @classmethod
    def ready(cls, screen: RunsScreen) -> bool:
        return screen.current is not None and acting.stoppable(screen.current)


class Resume(Command["RunsScreen"]):
    """Go on with the run from its last checkpoint."""

    key, label = "r", "resume"

    @classmethod
    def act(cls, screen: RunsScreen) -> None:
        if screen.current is not None:
            acting.resume(screen.bench, screen.current)

    @classmethod
    def ready(cls, screen: RunsScreen) -> bool:
        return screen.current is not None and acting.resumable(screen.current)


class Duplicate(Command["RunsScreen"]):
    """Start a new run of the same preset, values changed first."""

    key, label = "c", "again, changed"

    @classmethod
    def act(cls, screen: RunsScreen) -> None:
        if screen.current is not None:
            acting.duplicate(screen.bench, screen.current)

    @classmethod
    def ready(cls, screen: RunsScreen) -> bool:
        return screen.current is not None


class Tag(Command["RunsScreen"]):
    """Set the run's tags."""

    key, label = "t", "tag"

    @classmethod
    def act(cls, screen: RunsScreen) -> None:
        if screen.current is not None:
            acting.tag(screen.bench, screen.current)

    @classmethod
    def ready(cls, screen: RunsScreen) -> bool:
        return screen.current is not None


class Note(Command["RunsScreen"]):
    """Write a note to the run."""

    key, label = "n", "note"

    @classmethod
    def act(cls, screen: RunsScreen) -> None:
        if screen.current is not None:
            acting.note(screen.bench, screen.current)

    @classmethod
    def ready(cls, screen: RunsScreen) -> bool:
        return screen.current is not None


class Delete(Command["RunsScreen"]):
    """Delete the run's folder for good, after asking."""

    key, label = "D,delete", "delete"

    @classmethod
    def act(cls, screen: RunsScreen) -> None:
        if screen.current is not None:
            acting.delete(screen.bench, screen.current)

    @classmethod
    def ready(cls, screen: RunsScreen) -> bool:
        return screen.current is not None and not screen.current.live


COMMANDS: tuple[AnyCommand, ...] = (
    OpenRun, LaunchDemo, LookAtPresets, Stop, Resume, Results, Inside, Mark, LeaveSearch, Search,
    Sort, Filter, Duplicate, Tag, Note, Delete, AddClips, FetchClips,
)  # fmt: skip
