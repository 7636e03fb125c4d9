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
            shutil.copy2(made, Path(self.root, f"{INSIDE}.new"))
            Path(self.root, f"{INSIDE}.new").replace(Path(self.root, INSIDE))
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
        commands, objects = [], []
        for variant, flags in VARIANTS.items():
            objects.append(f"{folder}/{variant}.o")
            commands.append([*flags, f"-DVARIANT={variant}", "-c", str(HERE / "kernels.cpp")])
        objects.append(f"{folder}/variants.o")
        commands.append(["-c", str(HERE / "variants.cpp")])
        jobs = [[*compiler, *FLAGS, *each, "-o", out]
                for each, out in zip(commands, objects, strict=True)]  # fmt: skip
        # Nothing of the C++ library is used: left out, any Linux will do.
        alone = ["-Wl,--as-needed"] if sys.platform == "linux" else []
        link = [*compiler, "-shared", *alone, *objects, "-o", f"{folder}/kernels.so"]
        for command in (*jobs, link):
            try:
                done = subprocess.run(command, capture_output=True, text=True, timeout=600)
            except (OSError, subprocess.TimeoutExpired) as error:
                return f"{compiler[0]}: {error}"
            if done.returncode:
                said = (line for line in done.stderr.splitlines() if "error" in line)
                return f"{compiler[0]}: {next(said, f'exit code {done.returncode}')}"
        shutil.copy2(f"{folder}/kernels.so", path)
    return ""


def _compiler() -> list[str]:
    """The command of a C++ compiler; empty where there is none."""
    if named := shlex.split(os.environ.get("CXX", "")):
        return named if shutil.which(named[0]) else []
    found = next((each for each in ("g++", "clang++", "c++") if shutil.which(each)), "")
    return [found] if found else []


if __name__ == "__main__":
    if failed := compile_library(Path(sys.argv[1])):
        sys.exit(failed)
