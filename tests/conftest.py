"""What every test has: folders of its own, and a machine that is not hogged."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine makes no test fail.
settings.register_profile("labbench", deadline=None)
settings.load_profile("labbench")

# Workers of xdist share the cores: threads that wait for each other take most of two.
WORKERS = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
os.environ.setdefault("OMP_NUM_THREADS", "2" if (os.cpu_count() or 1) >= 2 * WORKERS else "1")


@pytest.fixture(autouse=True)
def labbench_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh `LABBENCH_HOME`: no test, nor a process it starts, touches the user's folders."""
    home = tmp_path / "labbench-home"
    monkeypatch.setenv("LABBENCH_HOME", str(home))
    # Where runs are started from if others may write that one.
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state-home"))
    for part in ("RUNS", "CLIPS", "PRESETS", "CONFIG", "STATE"):
        monkeypatch.delenv(f"LABBENCH_{part}", raising=False)
    return home
