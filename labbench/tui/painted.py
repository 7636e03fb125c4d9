"""What is painted: the last border before the terminal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from textual.filter import LineFilter

from labbench.text import UNSEEN

if TYPE_CHECKING:
    from textual.color import Color


class Seen(LineFilter):
    """Lets no sign through that a terminal obeys or nobody sees, whichever widget drew it.

    Texts of ours have escapes in their place already (`draw.plain`), and room for them. What an
    input, a suggestion or a library's own widget draws keeps its width.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        if not any(UNSEEN.search(one.text) for one in segments):
            return segments
        return [Segment(UNSEEN.sub(_kept, text), style) for text, style, _ in segments]


def _kept(match: re.Match[str]) -> str:
    return "\N{REPLACEMENT CHARACTER}" * cell_len(match[0])


SEEN = Seen()
