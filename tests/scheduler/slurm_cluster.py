"""A real Slurm of one node, with its own key, sockets, ports and folders: nobody else's is touched.

munged, slurmctld and slurmd run as root, without cgroups and accounting. Two partitions share the
node: jobs of `high` push those of `low` out, which are then requeued.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.scheduler.queueing import until

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "scontrol")

CONFIG = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
SlurmctldPort={controller}
SlurmdPort={node}
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=1,sched_interval=1
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
KillWait=5
MpiDefault=none
PropagateResourceLimits=NONE
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} State=UNKNOWN
PartitionName=low Nodes=ALL Default=YES PriorityTier=1 MaxTime=INFINITE
PartitionName=high Nodes=ALL PriorityTier=2 MaxTime=INFINITE
"""


def missing() -> str:
    """What this machine lacks for a cluster; "" if nothing."""
    if os.geteuid() != 0:
        return "root"
    return ", ".join(name for name in PROGRAMS if found(name) is None)


def found(program: str) -> str | None:
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")


@dataclass(frozen=True)
class Cluster:
    """A running cluster; commands find it by SLURM_CONF."""

    folder: Path

    def ask(self, *command: str) -> str:
        """What a Slurm command says."""
        environment = {**os.environ, "SLURM_CONF": str(self.folder / "slurm.conf")}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=20)
        assert done.returncode == 0, f"{command}: {done.stderr}"
        return done.stdout.strip()

    def job(self, job: str) -> dict[str, str]:
        """What `scontrol show job` says of a job."""
        words = self.ask("scontrol", "show", "job", "-o", job).split()
        return dict(word.split("=", 1) for word in words if "=" in word)

    def hurry(self, job: str) -> None:
        """Have a requeued job start now instead of in two minutes.

        Before it waits for its time and the node is free again, that would make it fail.
        """
        until(lambda: self.job(job)["Reason"] == "BeginTime")
        time.sleep(2)
        self.ask("scontrol", "update", f"JobId={job}", "StartTime=now")


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Inside, there is a cluster of this machine alone."""
    for part in ("state", "spool"):
        (folder / part).mkdir()
    host = socket.gethostname().split(".")[0]
    controller, node = _free_ports(2)
    (folder / "slurm.conf").write_text(
        CONFIG.format(
            host=host, folder=folder, controller=controller, node=node, cpus=os.cpu_count()
        )
    )
    environment = {**os.environ, "SLURM_CONF": str(folder / "slurm.conf")}
    running: list[subprocess.Popen[bytes]] = []
    try:
        _munge(folder, running)
        for words in (["slurmctld", "-D", "-c"], ["slurmd", "-D", "-N", host]):
            running.append(_start(folder, words, environment))
        here = Cluster(folder)
        until(lambda: _idle(here))
        yield here
    finally:
        for process in reversed(running):
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
            process.wait()


def _munge(folder: Path, running: list[subprocess.Popen[bytes]]) -> None:
    key, socket_ = folder / "munge.key", folder / "munge.socket"
    key.write_bytes(os.urandom(128))
    key.chmod(0o400)
    words = ["munged", "--foreground", "--force", f"--key-file={key}", f"--socket={socket_}",
             f"--pid-file={folder}/munge.pid", f"--seed-file={folder}/munge.seed",
             "--num-threads=2"]  # fmt: skip
    running.append(_start(folder, words, os.environ))
    until(socket_.exists)


def _start(
    folder: Path, words: list[str], environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    program = found(words[0])
    assert program is not None
    with (folder / f"{words[0]}.out").open("wb") as out:
        return subprocess.Popen([program, *words[1:]], stdout=out, stderr=out, env=environment)


def _idle(here: Cluster) -> bool:
    with contextlib.suppress(AssertionError, subprocess.TimeoutExpired):
        return here.ask("sinfo", "-h", "-p", "low", "-o", "%t") == "idle"
    return False


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def environment_of(here: Cluster) -> dict[str, str]:
    """What a process needs to find the cluster."""
    return {"SLURM_CONF": str(here.folder / "slurm.conf")}
