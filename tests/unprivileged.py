"""Processes that heed the modes of files, even where the tests are root's."""

from __future__ import annotations

import os
import shutil

import pytest


def unprivileged(*command: str) -> list[str]:
    """The command line of a process without root's right to override modes."""
    if os.geteuid() != 0:
        return list(command)
    if shutil.which("setpriv") is None:
        pytest.skip("root cannot give up its rights here: there is no setpriv")
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *command]
