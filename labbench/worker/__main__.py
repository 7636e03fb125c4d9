"""The child's entry point: `python -m labbench.worker RUN_FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from labbench.errors import LabbenchError
from labbench.runs import RunFolder
from labbench.worker.child import work


def main() -> int:
    """Train the run of the folder named on the command line; returns the exit code."""
    run = RunFolder(Path(sys.argv[1]))
    try:
        return work(run)
    except LabbenchError as error:
        print(f"labbench worker: {error}", file=sys.stderr)
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
