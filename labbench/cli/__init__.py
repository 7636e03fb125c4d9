"""The command line. stdout is data, stderr is talk; every kind of error has its exit code."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Entry point of `labbench`: with no arguments it opens the screens."""
    try:
        _main()
    except KeyboardInterrupt:  # while the libraries are loaded
        from labbench.errors import STOPPED_EXIT_CODE

        sys.exit(STOPPED_EXIT_CODE)


def _main() -> None:
    from labbench.cli.streams import end_on_signals, escape_output, hold_signals, make_usable
    from labbench.errors import LabbenchError

    make_usable()
    if len(sys.argv) == 1:
        hold_signals()
        from labbench.tui import run

        try:
            sys.exit(run())
        except LabbenchError as error:
            escape_output()
            print(f"labbench: {error}", file=sys.stderr)
            sys.exit(error.exit_code)
    end_on_signals()
    escape_output()
    # A command is short, and what it makes lives as long: there is little to collect.
    gc.set_threshold(100_000, 20, 20)
    from labbench.cli.app import run_app

    sys.exit(run_app(sys.argv[1:]))
