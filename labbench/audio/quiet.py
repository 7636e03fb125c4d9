"""Keeping C libraries from talking on the terminal.

libmpg123, which libsndfile reads mp3 with, prints what it thinks of a file, without the file's
name, to C's `stderr`, whatever it is asked. That variable may be set to another stream (glibc's
manual, "Standard Streams"; macOS has it under another name). Python does not write through it, so
nothing that we say, in whatever thread, is lost meanwhile.
"""

from __future__ import annotations

import ctypes
import os
import platform
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

_lock = threading.Lock()
_inside = 0
_talking: int | None = None
"""Where C's `stderr` pointed before the first of those who are inside."""


@contextmanager
def muted() -> Iterator[None]:
    """Nothing that C libraries print to `stderr` is seen; several threads may be inside."""
    global _inside, _talking
    variable, nowhere = _streams()
    with _lock:
        if _inside == 0 and variable is not None:
            _talking, variable.value = variable.value, nowhere
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0 and variable is not None:
                variable.value = _talking


@cache
def _streams() -> tuple[ctypes.c_void_p | None, int | None]:
    """C's variable `stderr` and a stream to nowhere; None where it may not be set."""
    name = {"linux": "stderr", "darwin": "__stderrp"}.get(sys.platform)
    if name is None or (sys.platform == "linux" and platform.libc_ver()[0] != "glibc"):
        return None, None
    library = ctypes.CDLL(None)
    library.fopen.restype = ctypes.c_void_p
    nowhere = library.fopen(os.devnull.encode(), b"w")
    return (ctypes.c_void_p.in_dll(library, name), nowhere) if nowhere else (None, None)
