"""Shows the screen of a route: nothing else of the app knows the screens."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from labbench.tui.routes import (
    Route,
    ToData,
    ToForm,
    ToInside,
    ToMode,
    ToPresets,
    ToResults,
    ToRun,
)

if TYPE_CHECKING:
    from labbench.tui.host import Host


class Router:
    """Goes from one screen to another. Screens are loaded when they are first gone to."""

    def __init__(self, app: Host) -> None:
        self._app = app

    def go(self, route: Route) -> None:
        """Show the screen of a route."""
        match route:
            case ToMode():
                self._open_mode(route.name)
            case ToPresets():
                self._in_turn(self._to_presets())
            case ToData():
                self._in_turn(self._to_data(route))
            case ToForm() | ToRun() | ToResults() | ToInside():
                self._app.push_screen(_made(route))

    def _open_mode(self, name: str) -> None:
        if name != self._app.current_mode:
            self._app.switch_mode(name)
            return
        while self._app.can_go_back():
            self._app.pop_screen()

    def _in_turn(self, going: Coroutine[Any, Any, None]) -> None:
        """Go in steps: a screen is asked for what it shows only once it stands."""
        self._app.run_worker(going, group="going")

    async def _to_presets(self) -> None:
        from labbench.tui.bench.screen import PresetsScreen

        await self._app.switch_mode("bench")
        assert isinstance(self._app.screen, PresetsScreen)
        self._app.screen.leave_welcome()

    async def _to_data(self, route: ToData) -> None:
        from labbench.tui.data.screen import DataScreen

        await self._app.switch_mode("data")
        while self._app.can_go_back():
            await self._app.pop_screen()
        screen = self._app.screen
        assert isinstance(screen, DataScreen)
        asks: dict[str, Callable[[], None]] = {"add": screen.ask_add, "fetch": screen.ask_fetch}
        asks[route.ask]()


def load_ahead() -> None:
    """Load the libraries of screens that are slow to open the first time."""
    import labbench.tui.inside.screen
    import labbench.tui.run.screen  # noqa: F401


def _made(route: ToForm | ToRun | ToResults | ToInside) -> Screen[None]:
    """The screen of a route."""
    match route:
        case ToForm():
            from labbench.tui.bench.form import FormScreen

            return FormScreen(route.preset, of=route.of)
        case ToRun():
            from labbench.tui.run.screen import RunScreen

            return RunScreen(route.run_id)
        case ToResults():
            from labbench.tui.results.screen import ResultsScreen

            return ResultsScreen(route.run_id)
        case ToInside():
            from labbench.tui.inside.screen import TABS, InsideScreen

            tab = next((one for one in TABS if one.title == route.tab), TABS[0])
            return InsideScreen(route.run_id, tab, pair=route.pair)
