"""Textual's driver of a terminal, for what a terminal also does; and what is painted on it last."""

from __future__ import annotations

import os
import re
import select
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from textual.drivers.linux_driver import LinuxDriver
from textual.filter import LineFilter

from labbench.text import UNSEEN

if TYPE_CHECKING:
    from textual.color import Color

QUIET_S = 0.05
"""What belongs together comes without such a pause."""

PIECE = 65_536
"""Bytes to read at once of what is dropped."""


class TerminalDriver(LinuxDriver):
    """Draws the app on a terminal and reads its keys."""

    _drawn = False
    """Whether the terminal is in the modes that the app needs."""
    _suspended = False

    def run_input_thread(self) -> None:
        """Read keys. What is no UTF-8 or no letter is dropped, with what came together with it."""
        while True:
            try:
                super().run_input_thread()
            except (ValueError, OverflowError):
                # The rest of what was pasted must not be taken for keys.
                while select.select([self.fileno], [], [], QUIET_S)[0]:
                    if not os.read(self.fileno, PIECE):
                        return
            else:
                return

    def start_application_mode(self) -> None:
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._drawn = True

    def stop_application_mode(self) -> None:
        self._drawn = False
        super().stop_application_mode()

    def suspend_application_mode(self) -> None:
        super().suspend_application_mode()
        self._suspended = True

    def resume_application_mode(self) -> None:
        """Go on after a stop. By SIGSTOP it came untold: the terminal was not given back."""
        untold, self._suspended = not self._suspended, False
        if untold:
            if not self._drawn:  # it is about to be, or the app is leaving
                return
            super().suspend_application_mode()
        super().resume_application_mode()
        if untold:
            self.send_message(self.SignalResume())


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
