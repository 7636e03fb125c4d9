"""What this copy of labbench was installed from, and the commands that install more of it.

The import package and the command are called labbench. On the package index that name is another
project's: ours is `NAME`.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
import tomllib
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

NAME = "labbench-audio"

ROOT = Path(__file__).resolve().parent.parent
"""The folder that holds the package: a checkout, or where packages are installed."""


def install_command(*extras: str) -> str:
    """The command that installs this copy with some extras: `pip install 'labbench-audio[slurm]'`.

    It goes by where this copy came from (a checkout, a file, a repository, the index) and by what
    keeps its environment (pip, uv, uv tool, pipx).
    """
    if (receipt := _uv_receipt()).is_file():
        # uv makes a tool's environment anew, with the extras that are named and no others.
        return f"uv tool install --reinstall {_source(sorted({*extras, *_extras_of(receipt)}))}"
    return f"{_installer()} {_source(extras)}"


def repair_command(package: str) -> str:
    """The command that installs a package that labbench needs once more."""
    if _uv_receipt().is_file():
        return install_command()
    return f"{_installer()} --force-reinstall {package}"


def _uv_receipt() -> Path:
    """Where uv notes what a tool was installed with."""
    return Path(sys.prefix) / "uv-receipt.toml"


def _extras_of(receipt: Path) -> list[str]:
    """The extras that a tool of uv has."""
    try:
        needs = tomllib.loads(receipt.read_text())["tool"]["requirements"]
        return [extra for need in needs if need["name"] == NAME for extra in need.get("extras", ())]
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return []


def _installer() -> str:
    """What installs into this environment: `pip install`."""
    prefix = Path(sys.prefix)
    if (prefix / "pipx_metadata.json").is_file():
        return f"pipx runpip {shlex.quote(prefix.name)} install"
    if _made_by_uv(prefix):
        active = os.environ.get("VIRTUAL_ENV") == str(prefix)
        return "uv pip install" + ("" if active else f" --python {shlex.quote(str(prefix))}")
    own = prefix / "bin" / "pip"
    if shutil.which("pip") == str(own):
        return "pip install"
    python = f"{shlex.quote(sys.executable)} -m pip install"
    return f"{shlex.quote(str(own))} install" if own.is_file() else python


def _made_by_uv(prefix: Path) -> bool:
    try:
        lines = (prefix / "pyvenv.cfg").read_text().splitlines()
    except (OSError, ValueError):
        return False
    return any(line.partition("=")[0].strip() == "uv" for line in lines)


def _source(extras: Sequence[str]) -> str:
    """The requirement that this copy is, quoted for a shell."""
    wanted = f"[{','.join(extras)}]" if extras else ""
    if (ROOT / "pyproject.toml").is_file():
        return f"-e {shlex.quote(f'{ROOT}{wanted}')}"
    origin = _origin()
    if not origin:
        return shlex.quote(f"{NAME}{wanted}")
    if origin.startswith("/"):
        return shlex.quote(f"{origin}{wanted}")
    return shlex.quote(f"{NAME}{wanted} @ {origin}")


def _origin() -> str:
    """Path or address that this copy was installed from; "" for the index, or what is gone."""
    told = _direct_url()
    url, vcs = str(told.get("url", "")), told.get("vcs_info")
    if url.startswith("file:") and not vcs:
        path = unquote(urlparse(url).path)
        return path if Path(path).exists() else ""
    if isinstance(vcs, dict):
        revision = vcs.get("requested_revision") or vcs.get("commit_id", "")
        return f"{vcs.get('vcs', 'git')}+{url}{f'@{revision}' if revision else ''}"
    return url


def _direct_url() -> dict[str, Any]:
    """What the installer noted of where it took this copy from (PEP 610); {} for the index."""
    try:
        told = json.loads(metadata.distribution(NAME).read_text("direct_url.json") or "{}")
    except (metadata.PackageNotFoundError, ValueError, OSError):
        return {}
    return told if isinstance(told, dict) else {}
