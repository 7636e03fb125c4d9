"""Is labbench itself whole: Python, packages and optional extras."""

from __future__ import annotations

import contextlib
import platform
import re
import shutil
import sys
from collections.abc import Iterator
from functools import partial
from importlib import metadata
from pathlib import Path

from labbench import paths
from labbench.distribution import NAME, install_command
from labbench.doctor.found import Found, finding
from labbench.runs import trust
from labbench.version import VERSION

AREA = "install"
_found = partial(finding, AREA)

EXTRAS = {"tensorboard": "labbench export --to tensorboard", "onnx": "labbench export --to onnx"}
"""Optional extra -> what needs it."""


def findings() -> Iterator[Found]:
    """Versions, packages that are missing, extras that are there."""
    python = platform.python_version()
    yield _found("ok", f"labbench {VERSION}, Python {python}, {platform.platform()}")
    yield from _packages()
    yield from _changeable()
    if shutil.which("labbench") is None:
        yield _found("note", "the command labbench is not on PATH here: python -m labbench works.")


def _changeable() -> Iterator[Found]:
    """Folders of the program that others may write."""
    for folder in (paths.PACKAGE, Path(sys.prefix)):
        with contextlib.suppress(OSError):
            said = trust.trouble(folder)
            if said.endswith("by others"):
                yield _found("note", f"{said}: they can change what you run.", "chmod go-w")
                return


def _packages() -> Iterator[Found]:
    try:
        needs = metadata.requires(NAME) or []
    except metadata.PackageNotFoundError:
        yield _found("note", "labbench is not installed as a package: its needs are unknown.")
        return
    required = [name for name, extra in map(_parsed, needs) if not extra]
    missing = sorted({name for name in required if not version(name)})
    if missing:
        yield _found("broken", f"packages missing: {', '.join(missing)}.", install_command())
    else:
        shown = (f"{name} {version(name)}" for name in ("torch", "numpy", "scipy", "textual"))
        yield _found("ok", f"{len(set(required))} packages there: {', '.join(shown)}, ...")
    for extra, use in EXTRAS.items():
        lacks = sorted({name for name, of in map(_parsed, needs) if of == extra} & _absent(needs))
        if lacks:
            what = f"{use}: not installed ({', '.join(lacks)}). {install_command(extra)}"
            yield _found("note", what)
        else:
            yield _found("ok", f"{use}: ready")


def _absent(needs: list[str]) -> set[str]:
    return {name for name, _ in map(_parsed, needs) if not version(name)}


def _parsed(need: str) -> tuple[str, str]:
    """Name and extra of a requirement: `onnx>=1.17; extra == 'onnx'`."""
    name = re.match(r"[A-Za-z0-9._-]+", need)
    extra = re.search(r"extra\s*==\s*['\"]([^'\"]+)['\"]", need)
    return (name.group() if name else need), (extra.group(1) if extra else "")


def version(package: str) -> str:
    """The version of an installed package; "" where there is none."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
