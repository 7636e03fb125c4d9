"""Work in a thread: what a screen shows is loaded there, one load at a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from textual.dom import DOMNode
from textual.widget import Widget

from labbench.errors import LabbenchError

if TYPE_CHECKING:
    from labbench.tui.host import Host

W = TypeVar("W")
A = TypeVar("A")


def in_thread(
    owner: DOMNode,
    work: Callable[[], A],
    done: Callable[[A], object],
    failed: Callable[[LabbenchError], object] | None = None,
    *,
    once: str = "",
) -> None:
    """Do work in a thread and give its result to `done` in the app's thread.

    Args:
        owner: who waits for it; once it is gone, nobody is told.
        failed: is given a `LabbenchError` of the work; left out, the app says what went wrong.
        once: a name; while work of that name is under way no other of it is begun, however often
            its key comes.
    """
    if once and any(one.name == once and not one.is_finished for one in owner.app.workers):
        return

    def tell(act: Callable[..., object], *given: Any) -> None:
        if owner.is_attached:
            owner.call_later(act, *given)

    def run() -> None:
        try:
            found = work()
        except LabbenchError as error:
            tell(failed or partial(_complain, owner), error)
        else:
            tell(done, found)

    owner.run_worker(run, name=once, thread=True)


def _complain(owner: DOMNode, error: LabbenchError) -> None:
    cast("Host", owner.app).complain(error)


class Loader(Generic[W, A]):
    """Loads in a thread what is wanted, and again where something else is wanted by then.

    Args:
        owner: who shows it, or the app; once it is gone, nothing is told.
        wanted: what is to be loaded now, in values that can be compared; None: nothing. Called in
            the app's thread.
        load: loads it, in a thread: its owner may be gone, it asks it for no app and no widgets.
        done: is given what was loaded, in the app's thread.
        failed: is given the error of what is still wanted; left out, the app says it.
        drop_stale: what is not wanted any more is not shown on the way.
        share: of a core that `ask_if_due` keeps to.
    """

    def __init__(
        self,
        owner: DOMNode,
        wanted: Callable[[], W | None],
        load: Callable[[W], A],
        done: Callable[[A], object],
        failed: Callable[[LabbenchError], object] | None = None,
        *,
        drop_stale: bool = False,
        share: float = 1.0,
    ) -> None:
        self._owner = owner
        self._wanted, self._load = wanted, load
        self._done, self._failed = done, failed
        self._drop_stale = drop_stale
        self._share = share
        self._busy = self._again = False
        self._begun = self._cost_s = 0.0

    def ask(self, *, again: bool = False) -> None:
        """Load what is wanted, unless a thread is at it or its owner is not mounted yet.

        Args:
            again: if a thread is at it, load once more after it, the same or not.
        """
        if self._busy:
            self._again = self._again or again
            return
        mounted = not isinstance(self._owner, Widget) or self._owner.is_mounted
        wanted = self._wanted() if mounted else None
        if wanted is None:
            return
        self._busy, self._begun = True, time.monotonic()
        in_thread(
            self._owner,
            partial(self._measured, wanted),
            partial(self._arrived, wanted, self._done, not self._drop_stale),
            partial(self._arrived, wanted, self._fail, False),
        )

    def ask_if_due(self) -> None:
        """Ask, but the more rarely the longer a load takes: it has a small share of a core."""
        if time.monotonic() - self._begun > self._cost_s / self._share:
            self.ask()

    def _measured(self, wanted: W) -> A:
        begun = time.thread_time()
        found = self._load(wanted)
        self._cost_s = time.thread_time() - begun
        return found

    def _fail(self, error: LabbenchError) -> None:
        (self._failed or partial(_complain, self._owner))(error)

    def _arrived(
        self, wanted: W, tell: Callable[[Any], object], stale_too: bool, found: object
    ) -> None:
        self._busy = False
        again, self._again = self._again, False
        if stale_too or self._wanted() == wanted:
            tell(found)
        if again or self._wanted() not in (None, wanted):
            self.ask()
