"""The real dispatcher, with workers that do not train (`fake_worker`)."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from labbench.scheduler.dispatch import Dispatcher
from tests.worker.fake_worker import fake_worker_command


def fake_dispatcher_command(root: Path) -> list[str]:
    """The command line of this dispatcher in place of the real one's."""
    return [sys.executable, "-P", "-m", "tests.scheduler.fake_dispatcher", str(root)]


if __name__ == "__main__":
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    sys.exit(0 if Dispatcher(Path(sys.argv[1]), fake_worker_command, log=1).run() else 3)
