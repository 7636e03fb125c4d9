"""Textual's driver of a terminal, for what a terminal also does: odd bytes, and stops untold."""

from __future__ import annotations

import os
import select

from textual.drivers.linux_driver import LinuxDriver

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
