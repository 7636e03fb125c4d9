"""The child's entry point: `python -m labbench.worker RUN_FOLDER [--attempt N ...]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from labbench.errors import LabbenchError
from labbench.runs import RunFolder
from labbench.worker.child import Orders, Train, train, work


def main(arguments: Sequence[str] | None = None, train: Train = train) -> int:
    """Train the run of the folder named on the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="labbench.worker")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--attempt", type=int)
    parser.add_argument("--slot", default="")
    parser.add_argument("--device", default="")
    parser.add_argument("--preset", default="")
    asked = parser.parse_args(arguments)
    orders = Orders(
        attempt=asked.attempt, slot=asked.slot, device=asked.device, preset=asked.preset
    )
    try:
        return work(RunFolder(asked.folder), orders, train)
    except LabbenchError as error:
        print(f"labbench worker: {error}", file=sys.stderr)
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
