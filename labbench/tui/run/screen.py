"""One run."""

from collections.abc import Iterable

from textual.widget import Widget
from textual.widgets import Static

from labbench.tui.screen import BenchScreen


class RunScreen(BenchScreen[None]):
    CSS_PATH = "run.tcss"

    def __init__(self, run_id: str) -> None:
        super().__init__()
        self.run_id = run_id

    def body(self) -> Iterable[Widget]:
        yield Static(self.run_id)
