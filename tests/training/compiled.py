"""The kernels library of tests: the installed one, or one compiled now if a compiler is there."""

from __future__ import annotations

import ctypes
import functools
import importlib.util
import tempfile
from pathlib import Path
from types import ModuleType

import pytest

from labbench.training.engine import native

ROOT = Path(__file__).parents[2]


def build_module() -> ModuleType:
    """`native/build.py`, which is no part of the package."""
    spec = importlib.util.spec_from_file_location("kernels_build", ROOT / "native" / "build.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@functools.cache
def _compiled() -> ctypes.CDLL | str:
    path = Path(tempfile.mkdtemp()) / "kernels.so"
    why = build_module().compile_library(path)
    return why or native.load(path) or "the compiled library cannot be loaded"


def library() -> ctypes.CDLL:
    """The library; the test is skipped where there is none and none can be compiled."""
    found = native.load(native.LIBRARY) or _compiled()
    if isinstance(found, str):
        pytest.skip(found)
    return found


def kernels(variant: native.Variant) -> native.Kernels:
    """Kernels of an instruction set; the test is skipped where this processor has it not."""
    if not library().labbench_panel(variant.encode()):
        pytest.skip(f"no {variant} here")
    bf16 = variant in native.BF16_VARIANTS
    chosen = native.bf16_kernels() if bf16 else native.choose(variant, library())
    assert chosen
    return chosen
