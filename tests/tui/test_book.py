"""All runs as the app is told of them."""

from __future__ import annotations

import subprocess
import sys

from labbench.presets import Preset
from labbench.runs import create
from tests.unprivileged import unprivileged

LOOK = """
from labbench import paths
from labbench.tui.book import Book
for one in Book(paths.runs_dir(), lambda: 0.0).look().entries:
    print(one.id, one.status.state, one.status.message)
"""


def test_a_run_that_may_not_be_read_is_listed_as_such() -> None:
    closed, good = create(Preset()), create(Preset())
    closed.path.chmod(0)
    command = unprivileged(sys.executable, "-c", LOOK)
    done = subprocess.run(command, capture_output=True, text=True)
    closed.path.chmod(0o755)
    assert done.stdout.splitlines() == [
        f"{closed.id} failed {closed.status_path}: cannot be read: Permission denied.",
        f"{good.id} queued ",
    ]
