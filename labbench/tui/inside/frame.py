"""What a tab knows of the screen it is on; `screen.InsideScreen` gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labbench.runs import RunFolder
from labbench.tui.inside.subject import Chosen, Subject
from labbench.tui.screen import BenchScreen

if TYPE_CHECKING:
    from labbench.worker.analyst import Analyst


class Frame(BenchScreen[None]):
    """The inside of one run's net, as its tabs see it."""

    subject: Subject | None = None
    """The run, once its preset was read."""

    def __init__(self, run_id: str, chosen: Chosen) -> None:
        super().__init__()
        self.run_id = run_id
        self.chosen = chosen
        """What is looked at."""

    @property
    def run_folder(self) -> RunFolder:
        """The run on disk."""
        return RunFolder(self.bench.root / self.run_id)

    @property
    def layers(self) -> tuple[str, ...]:
        """The net's convolutions, in order."""
        return self.subject.layers if self.subject else ()

    @property
    def analyst(self) -> Analyst:
        """Answers questions about the net; its process starts with the first one."""
        raise NotImplementedError

    def choose(self, **changes: Any) -> None:
        """Choose another layer, channel, clip or word, for all tabs."""
        raise NotImplementedError

    def open_tab(self, kind: type[Any]) -> None:
        """Bring a tab to the front; it is made when it is opened first."""
        raise NotImplementedError

    def tab_changed(self) -> None:
        """The tab in front shows or does something else."""
        raise NotImplementedError

    def tell_unkept(self) -> None:
        """Say why answers are not kept, once."""
        raise NotImplementedError
