"""This machine and its processes, held to psutil's figures."""

from __future__ import annotations

import os
import subprocess
import time

import psutil
import pytest

from labbench.runs import machine


def test_a_process_starts_when_psutil_says() -> None:
    process = subprocess.Popen(["sleep", "60"])
    try:
        started = machine.process_started(process.pid)
        assert started is not None
        own = machine.process_started(os.getpid())
        assert own is not None
        apart = psutil.Process(process.pid).create_time() - psutil.Process().create_time()
        assert started - own == pytest.approx(apart, abs=0.03)
    finally:
        process.kill()
    deadline = time.monotonic() + 10
    while machine.process_started(process.pid) is not None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert machine.process_started(process.pid) is None, "a zombie does not run"
    process.wait()
    assert machine.process_started(process.pid) is None
    assert machine.process_started(2**22 + 1) is None


def test_a_name_that_looks_like_fields_is_read_past(tmp_path: object) -> None:
    """The name of a process stands in brackets in its line and may hold brackets and blanks."""
    process = subprocess.Popen(["bash", "-c", "echo -n ') Z 1 (x' > /proc/$$/comm; read"],
                               stdin=subprocess.PIPE)  # fmt: skip
    try:
        time.sleep(0.2)
        assert machine.process_started(process.pid) is not None
    finally:
        process.kill()
        process.communicate()


def test_the_boot_is_psutils() -> None:
    assert machine.booted() == pytest.approx(psutil.boot_time(), abs=2)
    assert len(machine.boot_id()) >= 8


def test_the_host_is_named_without_its_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "gpu02.cluster.example")
    assert machine.host() == "gpu02"
