"""Textual's driver of a terminal, for what a terminal also does; and what is painted on it last."""

from __future__ import annotations

import os
import re
import select
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.segment import Segment
from textual.drivers import linux_driver
from textual.filter import LineFilter

from labbench.text import UNSEEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.color import Color
    from textual.message import Message

QUIET_S = 0.05
"""What belongs together comes without such a pause."""

PIECE = 65_536
"""Bytes to read at once of what is dropped."""


PASTE, PASTED = "\x1b[200~", "\x1b[201~"
"""What a terminal sends before and after what is pasted."""


LEAST_HELD = 3
"""Letters of a mark after which something must follow: ESC and ESC [ are keys, too."""


class PasteParser:
    """Takes nothing that is pasted for keys: what an ESC in it begins would be typed.

    Without such marks (an old terminal, `tmux paste-buffer` without -p) nothing tells a paste from
    keys that are pressed.
    """

    def __init__(self, parser: Any) -> None:
        self.tick = parser.tick
        self._feed = parser.feed
        self._pasting = False
        self._held = ""
        """What may be the first piece of a mark: no key of its own ends with it."""
        self._passed = 0
        """How much of it the parser has already, for it may be a key."""

    def feed(self, data: str) -> Iterator[Message]:
        kept = self._kept(data)
        if kept or not data:  # nothing means the end
            yield from self._feed(kept)

    def _kept(self, data: str) -> str:
        data, self._held, passed, kept = self._held + data, "", self._passed, ""
        while data:
            mark = PASTED if self._pasting else PASTE
            part, found, data = data.partition(mark)
            if not found:
                self._held = _begun(part, mark)
                part = part.removesuffix(self._held)
            kept += (part.replace("\x1b", "") if self._pasting else part) + found
            self._pasting ^= bool(found)
        if not self._pasting and len(self._held) < LEAST_HELD:
            self._passed = len(self._held)
            kept += self._held
        else:
            self._passed = max(0, passed - len(kept))
        return kept[passed:]


def _begun(text: str, mark: str) -> str:
    """The end of a text that may be the first piece of a mark."""
    pieces = (mark[:length] for length in range(len(mark) - 1, 0, -1))
    return next((piece for piece in pieces if text.endswith(piece)), "")


_textual_parser = vars(linux_driver)["XTermParser"]
# Textual's driver makes its parser by this name, and lets nobody give it another.
vars(linux_driver)["XTermParser"] = lambda debug=False: PasteParser(_textual_parser(debug))


class TerminalDriver(linux_driver.LinuxDriver):
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


class VisibleOnly(LineFilter):
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


VISIBLE_ONLY = VisibleOnly()
