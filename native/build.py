"""Compiles the kernels of the CPU engine when the package is built.

    python native/build.py PATH    the library alone

Without a compiler, or on a processor family for which there are no kernels, nothing is compiled
and the package is whole without them.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # alone, outside a build
    BuildHookInterface = object

HERE = Path(__file__).parent
INSIDE = "labbench/training/engine/kernels.so"
FLAGS = ["-O3", "-std=c++17", "-fPIC", "-fvisibility=hidden", "-fno-exceptions", "-fno-rtti"]
AVX512 = ["-mavx512f", "-mavx512bw", "-mavx512vl", "-mprefer-vector-width=512"]
VARIANTS = {"avx2": ["-mavx2", "-mfma"], "avx512": AVX512}
TILES = {"amx": [*AVX512, "-mavx512bf16", "-mamx-tile", "-mamx-bf16"]}
"""Left out where the compiler does not know them."""


class KernelsHook(BuildHookInterface):
    """Puts the compiled library into a wheel, or beside the sources of an editable install."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it collects files."""
        self._folder = Path(tempfile.mkdtemp(prefix="labbench-kernels-"))
        made = self._folder / "kernels.so"
        if why := compile_library(made):
            self.app.display_warning(f"labbench is built without kernels of its own: {why}")
            return
        if version == "editable":
            _replace(made, Path(self.root, INSIDE))
            return
        build_data["force_include"][str(made)] = INSIDE
        build_data["pure_python"] = False
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["tag"] = f"py3-none-{platform}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Called by hatchling when the wheel is written."""
        shutil.rmtree(self._folder, ignore_errors=True)


def compile_library(path: Path) -> str:
    """Write the library; returns why it could not be compiled, "" if it was."""
    compiler = _compiler()
    if not compiler:
        return "no C++ compiler is there (g++ or clang++, or name one in CXX)"
    with tempfile.TemporaryDirectory() as folder:
        made = {name: _object(compiler, name, flags, folder) for name, flags in VARIANTS.items()}
        tiles = {name: _object(compiler, name, flags, folder) for name, flags in TILES.items()}
        known = {name: path for name, (path, why) in tiles.items() if not why}
        which = [compiler, f"{folder}/variants.o", *["-DTILES" for _ in known]]
        made["variants"] = _compile(*which, "-c", str(HERE / "variants.cpp"))
        if why := next((why for _, why in made.values() if why), ""):
            return why
        # Nothing of the C++ library is used: left out, any Linux will do.
        alone = ["-Wl,--as-needed"] if sys.platform == "linux" else []
        objects = [*(path for path, _ in made.values()), *known.values()]
        linked, why = _compile(compiler, f"{folder}/kernels.so", "-shared", *alone, *objects)
        if not why:
            _replace(Path(linked), path)
    return why


def _replace(made: Path, path: Path) -> None:
    """Put a library in its place; whoever has the old one loaded goes on with that."""
    fresh = path.with_name(f"{path.name}.new")
    shutil.copy2(made, fresh)
    fresh.replace(path)


def _object(compiler: list[str], variant: str, flags: list[str], folder: str) -> tuple[str, str]:
    source = str(HERE / "kernels.cpp")
    return _compile(compiler, f"{folder}/{variant}.o", *flags, f"-DVARIANT={variant}", "-c", source)


def _compile(compiler: list[str], out: str, *arguments: str) -> tuple[str, str]:
    """Run the compiler; returns the path it writes to, and why it failed or ""."""
    command = [*compiler, *FLAGS, *arguments, "-o", out]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    except (OSError, subprocess.TimeoutExpired) as error:
        return out, f"{compiler[0]}: {error}"
    if done.returncode:
        said = (line for line in done.stderr.splitlines() if "error" in line)
        return out, f"{compiler[0]}: {next(said, f'exit code {done.returncode}')}"
    return out, ""


def _compiler() -> list[str]:
    """The command of a C++ compiler; empty where there is none."""
    if named := shlex.split(os.environ.get("CXX", "")):
        return named if shutil.which(named[0]) else []
    found = next((each for each in ("g++", "clang++", "c++") if shutil.which(each)), "")
    return [found] if found else []


if __name__ == "__main__":
    if failed := compile_library(Path(sys.argv[1])):
        sys.exit(failed)
