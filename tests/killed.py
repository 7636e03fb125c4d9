"""What a kill leaves, at every moment at which something is done to the disk."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator


def deaths(act: Callable[[], object]) -> Iterator[None]:
    """Have `act` done by a child that dies before its first call to the system, then by one that
    dies before its second, and so on until one lives. Yields after each."""
    moment = code = 0
    while code != 0 or moment == 0:
        if os.fork() == 0:
            _die_at(moment)
            act()
            os._exit(0)
        code = os.waitstatus_to_exitcode(os.wait()[1])
        assert code in (0, 9), "it fell over instead of being killed"
        moment += 1
        yield


def _die_at(moment: int) -> None:
    left = moment

    def hook(event: str, arguments: object) -> None:
        nonlocal left
        if event.startswith("os.") or event == "open":
            left -= 1
            if left < 0:
                os._exit(9)

    sys.addaudithook(hook)
