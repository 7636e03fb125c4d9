"""The command line. stdout is data, stderr is talk; every kind of error has its exit code."""

from __future__ import annotations

import sys


def main() -> None:
    """Entry point of `labbench`: with no arguments on a terminal it opens the screens."""
    from labbench.cli.streams import escape_output, make_usable

    make_usable()
    if len(sys.argv) == 1 and sys.stdin.isatty() and sys.stdout.isatty():
        from labbench.tui import run

        sys.exit(run())
    escape_output()
    from labbench.cli.app import run_app

    sys.exit(run_app(sys.argv[1:]))
