"""What is said of installing labbench, beside what pyproject.toml says and what installers do."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import sys
import tomllib
from collections.abc import Collection, Sequence
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import labbench
from labbench import distribution
from labbench.distribution import NAME, install_command, repair_command

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]

TEXTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "Makefile", *ROOT.glob("docs/*.md")]
SOURCES = [*ROOT.glob("labbench/**/*.py")]
OURS = re.compile(r"(?P<name>labbench(?:-[a-z]+)?)(?:\[(?P<extras>[a-z,]+)\])?")
INSTALLS = re.compile(
    r"(?:pip install|uv tool install|pipx (?:install|inject)|pipx runpip \S+ install)"
    r"(?P<words>(?: +[^\s`#;&|]+)+)"
)


def test_the_name_and_the_version_are_those_of_the_project() -> None:
    assert PROJECT["name"] == NAME
    assert "version" in PROJECT["dynamic"]
    source = (ROOT / PYPROJECT["tool"]["hatch"]["version"]["path"]).read_text()
    assert re.findall(r'^VERSION = "(.+)"$', source, re.MULTILINE) == [labbench.__version__]
    assert PROJECT["scripts"] == {"labbench": "labbench.cli:main"}


def named(text: str) -> list[tuple[str, set[str]]]:
    """Name and extras of each labbench that a text says to install."""
    found = []
    for install in INSTALLS.finditer(text):
        for word in install["words"].split():
            if match := OURS.fullmatch(word.strip("'\"().,:")):
                found.append((match["name"], set(filter(None, (match["extras"] or "").split(",")))))
    return found


def test_how_installs_are_found() -> None:
    assert named("`pip install 'labbench[slurm,onnx]'`") == [("labbench", {"slurm", "onnx"})]
    assert named("env/bin/pip install -q labbench  # x") == [("labbench", set())]
    assert named("uv tool install labbench-audio --torch-backend cpu") == [(NAME, set())]
    assert named("pip install torch; labbench run") == []


def test_every_text_installs_this_project_and_extras_it_has() -> None:
    found = [(path, *one) for path in TEXTS for one in named(path.read_text())]
    assert len(found) > 4
    for path, name, extras in found:
        assert name == NAME, path
        assert extras <= PROJECT["optional-dependencies"].keys(), path


def test_only_one_place_of_the_sources_says_how_to_install() -> None:
    own = ROOT / "labbench" / "distribution.py"
    for path in SOURCES:
        assert path == own or not INSTALLS.search(path.read_text()), path
        for extra in re.findall(r"install_command\(\"([a-z]+)\"\)", path.read_text()):
            assert extra in PROJECT["optional-dependencies"], path
    extras = ",".join(sorted(PROJECT["optional-dependencies"].keys() - {"dev"}))
    assert PROJECT["optional-dependencies"]["dev"][0] == f"{NAME}[{extras}]"


def test_no_address_is_the_other_projects() -> None:
    texts = [*TEXTS, ROOT / "pyproject.toml", *SOURCES]
    assert not [
        path for path in texts if re.search(r"pypi\.org/\S*/labbench\b(?!-)", path.read_text())
    ]
    assert all(f"/{NAME}/" in url for url in PROJECT["urls"].values())


def requirements(extras: Collection[str], lines: Sequence[str]) -> list[Requirement]:
    """Those of some requirements that count with these extras, on whatever system."""
    found = [Requirement(line) for line in lines]
    return [
        one for one in found
        if "extra ==" not in str(one.marker)
        or any(one.marker and one.marker.evaluate({"extra": extra}) for extra in extras)
    ]  # fmt: skip


def test_constraints_hold_what_the_project_asks_for_what_that_needs_and_no_more() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = {
        canonicalize_name(pin.name): pin.specifier
        for pin in map(Requirement, (line for line in lines if not line.startswith("#")))
    }
    extras = PROJECT["optional-dependencies"].values()
    direct = [Requirement(line) for line in (*PROJECT["dependencies"], *itertools.chain(*extras))]
    direct = [one for one in direct if one.name != NAME]
    for one in direct:
        (pin,) = pins[canonicalize_name(one.name)]
        assert pin.operator == "==", one
        assert one.specifier.contains(pin.version), one
    open_, reached = list(direct), set[tuple[str, frozenset[str]]]()
    while open_:
        one = open_.pop()
        key = (canonicalize_name(one.name), frozenset(one.extras))
        with contextlib.suppress(metadata.PackageNotFoundError):
            if key not in reached:
                open_ += requirements(one.extras, metadata.requires(one.name) or [])
        reached.add(key)
    assert pins.keys() <= {name for name, _ in reached}


@pytest.fixture
def prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment with pip and a copy of labbench from the index, active."""
    prefix = tmp_path / "my env"
    site = prefix / "lib"
    made = site / "labbench_audio-0.1.0.dist-info"
    made.mkdir(parents=True)
    (made / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {NAME}\nVersion: 0.1.0\n")
    pip = prefix / "bin" / "pip"
    pip.parent.mkdir()
    pip.write_text("#!/bin/sh\n")
    pip.chmod(0o755)
    monkeypatch.setattr(sys, "prefix", str(prefix))
    monkeypatch.setattr(sys, "executable", str(prefix / "bin" / "python"))
    monkeypatch.setattr(distribution, "ROOT", site)
    monkeypatch.setenv("PATH", str(pip.parent))
    monkeypatch.syspath_prepend(site)
    return prefix


def came_from(prefix: Path, told: dict[str, object]) -> None:
    """Have the installer's note (PEP 610) say so."""
    note = prefix / "lib" / "labbench_audio-0.1.0.dist-info" / "direct_url.json"
    note.write_text(json.dumps(told))


def test_from_the_index(prefix: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert install_command("slurm") == "pip install 'labbench-audio[slurm]'"
    assert install_command("onnx", "slurm") == "pip install 'labbench-audio[onnx,slurm]'"
    assert install_command() == "pip install labbench-audio"
    assert repair_command("espeakng-loader") == "pip install --force-reinstall espeakng-loader"
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert install_command() == f"'{prefix}/bin/pip' install labbench-audio", "no other pip"
    (prefix / "bin" / "pip").unlink()
    assert install_command() == f"'{prefix}/bin/python' -m pip install labbench-audio"


def test_from_a_checkout(prefix: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout = prefix.parent / "src"
    checkout.mkdir()
    (checkout / "pyproject.toml").touch()
    monkeypatch.setattr(distribution, "ROOT", checkout)
    assert install_command("slurm") == f"pip install -e '{checkout}[slurm]'"
    assert install_command() == f"pip install -e {checkout}"


@pytest.mark.parametrize(("told", "source"), [
    ({"url": "https://a.org/lab.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}},
     "'labbench-audio[onnx] @ git+https://a.org/lab.git@abc'"),
    ({"url": "https://a.org/lab.git",
      "vcs_info": {"vcs": "git", "commit_id": "abc", "requested_revision": "main"}},
     "'labbench-audio[onnx] @ git+https://a.org/lab.git@main'"),
    ({"url": "https://a.org/lab-1.whl", "archive_info": {}},
     "'labbench-audio[onnx] @ https://a.org/lab-1.whl'"),
    ({"url": "file:///gone/lab-1.whl", "archive_info": {}}, "'labbench-audio[onnx]'"),
    ([], "'labbench-audio[onnx]'"),
])  # fmt: skip
def test_from_where_the_installer_noted(prefix: Path, told: dict[str, object], source: str) -> None:
    came_from(prefix, told)
    assert install_command("onnx") == f"pip install {source}"


def test_from_a_file(prefix: Path) -> None:
    wheel = prefix / "labbench_audio-0.1.0-py3-none-any.whl"
    wheel.touch()
    came_from(prefix, {"url": wheel.as_uri(), "archive_info": {}})
    assert install_command("onnx") == f"pip install '{wheel}[onnx]'"


def test_as_a_tool_of_uv_with_the_extras_that_it_has(prefix: Path) -> None:
    receipt = prefix / "uv-receipt.toml"
    receipt.write_text(f'[tool]\nrequirements = [{{ name = "{NAME}", extras = ["onnx"] }}]\n')
    assert install_command("slurm") == "uv tool install --reinstall 'labbench-audio[onnx,slurm]'"
    assert repair_command("espeakng-loader") == "uv tool install --reinstall 'labbench-audio[onnx]'"
    receipt.write_text("[tool]\nrequirements = 3\n")
    assert install_command() == "uv tool install --reinstall labbench-audio"


def test_as_an_application_of_pipx(prefix: Path) -> None:
    (prefix / "pipx_metadata.json").write_text("{}")
    assert install_command("slurm") == "pipx runpip 'my env' install 'labbench-audio[slurm]'"


def test_in_an_environment_of_uv(prefix: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (prefix / "pyvenv.cfg").write_text("home = /usr/bin\nuv = 0.9.1\n")
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    command = f"uv pip install --python '{prefix}' 'labbench-audio[slurm]'"
    assert install_command("slurm") == command
    monkeypatch.setenv("VIRTUAL_ENV", str(prefix))
    assert install_command("slurm") == "uv pip install 'labbench-audio[slurm]'"


def test_the_page_on_the_index_has_no_link_to_files_that_are_not_there() -> None:
    hook = PYPROJECT["tool"]["hatch"]["metadata"]["hooks"]["fancy-pypi-readme"]
    page = "".join((ROOT / one["path"]).read_text() for one in hook["fragments"])
    assert re.search(r"!\[[^\]]*\]\(docs/", page)
    for one in hook["substitutions"]:
        page = re.sub(one["pattern"], one["replacement"], page)
    assert not re.search(r"\]\((?!https://)", page)
    assert "![" not in page
    assert "(picture)" not in page


def test_the_package_says_that_it_is_typed() -> None:
    assert (ROOT / "labbench" / "py.typed").read_bytes() == b""
    assert PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == ["labbench"]
    assert "Typing :: Typed" in PROJECT["classifiers"]
