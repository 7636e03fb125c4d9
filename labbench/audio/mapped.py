"""Arrays that are mapped from a file."""

from __future__ import annotations

import mmap
from typing import Any

import numpy.typing as npt


def let_go(array: npt.NDArray[Any]) -> None:
    """Take what was read of a mapped array out of this process; it is read again when needed.

    Whoever goes through all of a large file would else be seen with all of it in memory.
    """
    if isinstance(array.base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        array.base.madvise(mmap.MADV_DONTNEED)
