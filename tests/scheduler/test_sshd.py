"""Over a real sshd on this machine: start a run, lose the connection, come back to its end."""

from __future__ import annotations

import getpass
import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from labbench.presets import to_toml
from labbench.runs import list_runs
from tests import tiny
from tests.scheduler.queueing import cleaned_up, environment, fake_workers, starts, until

SSHD = shutil.which("sshd") or "/usr/sbin/sshd"

pytestmark = pytest.mark.skipif(
    not (Path(SSHD).exists() and shutil.which("ssh") and shutil.which("ssh-keygen")),
    reason="needs sshd (Debian: openssh-server) and ssh",
)


@dataclass(frozen=True)
class Server:
    port: int
    key: Path

    def command(self, *words: str, terminal: bool = False) -> list[str]:
        """The ssh command line that runs labbench there."""
        own = {
            key: value for key, value in environment().items()
            if key.startswith(("LABBENCH_", "PYTHON", "OMP_"))
        }  # fmt: skip
        there = ["env", *(f"{key}={value}" for key, value in own.items()),
                 sys.executable, "-m", "labbench", *words]  # fmt: skip
        return [
            "ssh", "-F", "none", "-p", str(self.port), "-i", str(self.key), "-o", "BatchMode=yes",
            "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
            "-o", "LogLevel=ERROR", "-o", "IdentitiesOnly=yes", *(["-tt"] if terminal else []),
            f"{getpass.getuser()}@127.0.0.1", shlex.join(there),
        ]  # fmt: skip


CONFIG = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/key.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """An sshd of our own: its port, keys and configuration are nobody else's."""
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    for name in ("host_key", "key"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name)], check=True
        )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = tmp_path / "sshd_config"
    config.write_text(CONFIG.format(port=port, folder=tmp_path))
    with (tmp_path / "sshd.log").open("wb") as log:
        process = subprocess.Popen([SSHD, "-D", "-e", "-f", str(config)], stderr=log)
    try:
        until(lambda: process.poll() is not None or answers(port))
        assert process.poll() is None, (tmp_path / "sshd.log").read_text()
        yield Server(port, tmp_path / "key")
    finally:
        process.terminate()
        process.wait(10)


def answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def test_a_run_outlives_the_connection(server: Server, tmp_path: Path) -> None:
    tiny.make_clips()
    preset = tmp_path / "tiny.toml"
    preset.write_text(to_toml(tiny.preset(epochs=50)))
    with cleaned_up(), fake_workers():
        connection = subprocess.Popen(
            server.command("run", str(preset), terminal=True),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        until(lambda: connection.poll() is not None or len(list_runs()) == 2)
        assert connection.poll() is None
        run = list_runs()[-1]
        until(lambda: run.status().state == "running")
        connection.kill()
        connection.wait()
        step = run.status().step
        assert run.status().state == "running"
        back = subprocess.run(
            server.command("watch", "last", "--json"),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert back.returncode == 0, back.stderr
        assert json.loads(back.stdout)
        assert run.status().state == "finished"
        assert run.status().step > step
        assert len(starts(run)) == 1
