"""A question to a process that has torch, and its answer: one JSON document on its stdout."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import msgspec

from labbench.decoding import decoded
from labbench.errors import LabbenchError, error_of
from labbench.runs.launch import Launch, of_this_process

MALLOC = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(16 * 2**30)}
"""glibc keeps what it was given instead of handing every array back to the kernel.

The kernel zeroes each page it gives out again; a step makes and drops the same arrays all the
time. Measured in turns on 2 busy cores with custom-ch32, batch 64: a median of 1.2 times the
clips a second, at 721 MB instead of 719 MB at most, since the CPU engine takes its large arrays
once. Other C libraries do not read these.
"""


def worker_environment(launch: Launch | None = None) -> dict[str, str]:
    """This process' environment with what a run was queued with, and what makes training fast.

    What the user set himself wins.
    """
    own = (launch or of_this_process()).whole_environment(os.environ)
    environment = {**MALLOC, **own, "PYTHONUNBUFFERED": "1"}
    # torch then counts GPUs as the driver does, by which they were chosen.
    environment.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    return environment


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a question: facts, or why there are none."""

    facts: dict[str, Any] = {}
    what: str = ""
    where: str = ""
    hint: str = ""
    exit_code: int = 0
    """Of the kind of error; 0: the facts are there."""


def ask(module: str, *arguments: str, timeout_s: float = 600.0) -> dict[str, Any]:
    """Run `python -m module arguments` and return the facts it answers with.

    Raises:
        LabbenchError: it says why it cannot, or it died or did not answer in time.
    """
    # -P: a file in the folder labbench is called from must not take a library's place.
    command = [sys.executable, "-P", "-m", module, *arguments]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout_s,
            env=worker_environment(),
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise LabbenchError(f"gave no answer in {timeout_s:.0f} s.", where=module) from None
    except OSError as error:
        raise LabbenchError(f"cannot be started: {error}.", where=module) from error
    lines = done.stdout.splitlines()
    try:
        answer = decoded(lines[-1] if lines else b"", Answer)
    except msgspec.MsgspecError:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        last = said[-1] if said else "without a word"
        raise LabbenchError(f"died ({done.returncode}): {last}", where=module) from None
    if answer.exit_code:
        raise error_of(answer.exit_code, answer.what, where=answer.where, hint=answer.hint)
    return answer.facts


def answer(facts: Callable[[list[str]], dict[str, Any]]) -> int:
    """The asked process' end: print what `facts` makes of its arguments; returns the exit code."""
    try:
        given = Answer(facts=facts(sys.argv[1:]))
    except LabbenchError as error:
        given = Answer(
            what=error.what, where=error.where, hint=error.hint, exit_code=error.exit_code
        )
    sys.stdout.write("\n" + msgspec.json.encode(given).decode() + "\n")
    return given.exit_code
