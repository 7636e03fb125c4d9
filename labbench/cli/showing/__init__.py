"""`labbench show RUN VIEW`: one view of a run, on the terminal or as a file.

Analyses (`labbench.interpret.analyses`) are commands by themselves. To add another view: write a
function in a file here that takes a `Target` and the view's own options and returns the view,
decorate it with `command.view`, and add it to `VIEWS`. It gets the options of all views (format,
size, colour, output) by itself.
"""

from labbench.cli.showing.app import show_app

__all__ = ["show_app"]
