"""The command line. stdout is data, stderr is talk; every kind of error has its exit code."""

from __future__ import annotations

import sys


def main() -> None:
    """Entry point of `labbench`."""
    from labbench.cli.app import run_app

    sys.exit(run_app(sys.argv[1:]))
