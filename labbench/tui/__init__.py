"""The bench on screen: pick, launch, watch, leave, come back.

The app holds a few *modes* (Bench, Runs, ...), each a stack of screens. It looks at the run folders
twice a second in a thread (`watch.Watch`) and tells the screen in front what changed; no screen
reads a run folder while it handles a key. What screens ask of the app stands in `host.Host`. They
know one another only as routes (`routes`), of which `router` makes screens: no import goes in a
circle. Nothing here loads torch, scipy or scikit-learn at start.

To add a screen:

1. Make a folder `labbench/tui/<name>/` with `screen.py` and `<name>.tcss`.
2. Subclass `screen.BenchScreen[None]`: set `CSS_PATH` and `about` (what `?` says first), and yield
   its widgets in `body()`; top and key line come with it.
   `where()` is what the top line says after the mode. `headless()` gives the command that `y`
   copies, `view()` what `e` exports; left out, those keys are not offered.
3. A key is a line, `@commands.command(key, label, when=...)`, on the method that does it, whose
   docstring is the tooltip, the palette's and the help's line. `keys` names methods in the order of
   the key line. Call `refresh_keys()` when what `when` says changes. Keys that several screens have
   stand in `mixins` (panes, curves, details) and `runs.acting` (runs): subclass those too.
4. A screen that is a mode of its own gets a line in `modes.MODES`; any other a route in `routes`
   and a line in `router`, and is shown with `bench.go(...)`; `esc` goes back. One that only its own
   folder knows is shown with `app.push_screen(...)`.
5. What it needs of the world (clock, devices, starting runs) it asks `bench.services` for, so that
   tests give it theirs. What takes longer than a frame is done in a thread, by `loader` alone. What
   is shown has a `Loader`: it loads what is wanted now (values that can be compared), one load at a
   time, again where something else is wanted by then, with a share of a core as its budget
   (`ask_if_due`, `while_in_front`). What is done once is done `in_thread`.
6. Colours: `app.palette` for what is drawn with Rich, theme variables ($accent, ...) in tcss; the
   state signs, bars and numbers are those of `labbench.draw.glyphs` and `labbench.units`.
7. `table.Table` lists many rows, `dialogs` asks (`Confirm`, `Ask`, `Choose`).
8. Take snapshots of it at 80x24 and 140x45 in every state that matters (`tests/tui/`).
"""

from __future__ import annotations


def run() -> int:
    """Open the app on this terminal; returns the exit code.

    Raises:
        LabbenchError: the terminal cannot show it, or a folder of ours can be none.
    """
    from labbench import paths
    from labbench.errors import LabbenchError
    from labbench.tui.terminal import check, drop_variables, show

    check()
    if why := paths.unusable():
        raise LabbenchError(why, hint=paths.HINT)
    drop_variables()
    from labbench.tui.app import BenchApp
    from labbench.tui.driver import TerminalDriver

    return show(BenchApp(driver=TerminalDriver))
