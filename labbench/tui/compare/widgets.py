"""The lines of the compared runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from labbench.draw.columns import cells_of
from labbench.draw.plain import Text
from labbench.tui.table import Table
from labbench.views.compare import Compared, heads

if TYPE_CHECKING:
    from labbench.tui.screen import BenchScreen


class Heads(Table, can_focus=False):
    """A line for each run; the screen's own keys move its cursor."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__((), self._cells, id=id)
        self._compared: Compared | None = None
        self._titles: tuple[str, str] | None = None

    @property
    def index(self) -> int | None:
        """Place of the run under the cursor."""
        return self._places().get(self.cursor or "")

    def compare(self, compared: Compared | None, most: int) -> None:
        """Show these runs, at most so many at once; the others scroll."""
        self._compared = compared
        if compared is None:
            self.show(())
            return
        titles = (compared.split, compared.first.letter)
        if titles != self._titles:
            self._titles = titles
            self.set_columns(heads.columns(compared))
        self.styles.height = min(len(compared.sides), most) + 1
        self.show([side.run.id for side in compared.sides])

    def _places(self) -> dict[str, int]:
        sides = self._compared.sides if self._compared else ()
        return {side.run.id: index for index, side in enumerate(sides)}

    def _cells(self, key: str) -> Sequence[Text]:
        assert self._compared is not None
        theme = cast("BenchScreen[Any]", self.screen).bench.palette
        return cells_of(self._columns, heads.Head(self._compared, self._places()[key]), theme)
