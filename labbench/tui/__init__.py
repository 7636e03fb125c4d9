"""The bench on screen: pick, launch, watch, leave, come back.

The app holds a few *modes* (Bench, Runs, ...), each a stack of screens. It looks at the run folders
twice a second in a thread (`book.Book`) and posts what changed to the screen in front; no screen
reads a run folder while it handles a key. Nothing here loads torch, scipy or scikit-learn at start.

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
4. A screen that is a mode of its own gets a line in `modes.MODES`; any other is shown with
   `app.push_screen(...)`, and `esc` goes back.
5. What it needs of the world (clock, devices, starting runs) it asks `app.outside` for, so that
   tests give it theirs. What takes longer than a frame runs in a thread
   (`self.run_worker(..., thread=True)`) that posts a message; the handler changes widgets.
6. Colours: `app.palette` for what is drawn with Rich, theme variables ($accent, ...) in tcss; the
   state signs, bars and numbers are those of `labbench.views.glyphs` and `labbench.units`.
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
    from labbench.tui.terminal import check, show

    check()
    if why := paths.unusable():
        raise LabbenchError(why, hint=paths.HINT)
    from labbench.tui.app import BenchApp
    from labbench.tui.driver import TerminalDriver

    return show(BenchApp(driver=TerminalDriver))
