"""Screens about tables: they are read in a thread, one reading at a time."""

from __future__ import annotations

from labbench.tui.looked import Looked
from labbench.tui.screen import BenchScreen
from labbench.tui.tables.reader import Found, Reader, TablesRead


class ReadingScreen(BenchScreen[None]):
    """A screen that reads tables when runs have changed; a subclass gives `show_tables(found)`."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self._reader = reader
        self._reading = self._again = False

    def show_tables(self, found: Found) -> None:
        """Show what was read."""
        raise NotImplementedError

    def runs_changed(self, looked: Looked) -> None:
        if self._reading:
            self._again = True
            return
        self._reading = True

        def work() -> None:
            self.post_message(TablesRead(self._reader.read(looked)))

        self.run_worker(work, group="tables", thread=True)

    def on_tables_read(self, message: TablesRead) -> None:
        self._reading = False
        self.show_tables(message.found)
        if self._again:
            self._again = False
            self.runs_changed(self.bench.looked)
