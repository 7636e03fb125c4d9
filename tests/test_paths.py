"""Where things are kept, and what moves them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import platformdirs
import pytest

from labbench import paths

PARTS: list[tuple[str, str, Callable[[], Path], str]] = [
    ("LABBENCH_RUNS", "runs", paths.runs_dir, "data"),
    ("LABBENCH_CLIPS", "clips", paths.clips_dir, "data"),
    ("LABBENCH_PRESETS", "presets", paths.user_presets_dir, "config"),
    ("LABBENCH_CONFIG", "config", paths.config_dir, "config"),
]


@pytest.mark.parametrize(("variable", "part", "folder", "kind"), PARTS)
def test_by_default_the_users_own_folders(
    monkeypatch: pytest.MonkeyPatch, variable: str, part: str, folder: Callable[[], Path], kind: str
) -> None:
    monkeypatch.delenv("LABBENCH_HOME")
    user = {"data": platformdirs.user_data_dir, "config": platformdirs.user_config_dir}[kind]
    assert folder() == Path(user("labbench")) / part


@pytest.mark.parametrize(("variable", "part", "folder", "kind"), PARTS)
def test_home_moves_all_and_each_has_its_own(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    variable: str,
    part: str,
    folder: Callable[[], Path],
    kind: str,
) -> None:
    monkeypatch.setenv("LABBENCH_HOME", str(tmp_path / "home"))
    assert folder() == tmp_path / "home" / part
    monkeypatch.setenv(variable, str(tmp_path / "own"))
    assert folder() == tmp_path / "own"
    for _, other, elsewhere, _ in PARTS:
        if elsewhere is not folder:
            assert elsewhere() == tmp_path / "home" / other
    monkeypatch.setenv(variable, "")
    assert folder() == tmp_path / "home" / part


def test_a_tilde_and_a_relative_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LABBENCH_RUNS", "~/trials")
    assert paths.runs_dir() == tmp_path / "trials"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LABBENCH_RUNS", "here")
    assert paths.runs_dir() == tmp_path / "here"


def test_what_comes_with_labbench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert (paths.shipped_dir("presets") / "demo.toml").is_file()
    assert (paths.shipped_dir("data") / "published.csv").is_file()
    package = tmp_path / "site-packages" / "labbench"
    (package / "_shipped" / "presets").mkdir(parents=True)
    monkeypatch.setattr(paths, "PACKAGE", package)
    assert paths.shipped_dir("presets") == package / "_shipped" / "presets"
    assert paths.shipped_dir("data") == tmp_path / "site-packages" / "data"


@pytest.mark.parametrize("text", ["~nobody_of_this_name/x", "x" * 5000, "a\0b", "", "-1"])
def test_what_can_name_nothing_is_not_there(text: str) -> None:
    path = paths.expanded(text) / "below"
    assert not paths.is_file(path)
    assert not paths.is_dir(path)


@pytest.mark.parametrize("name", ["a" * 300, "/".join(["a" * 200] * 30), "loop"])
@pytest.mark.parametrize("part", ["HOME", "RUNS", "CLIPS", "PRESETS", "CONFIG"])
def test_a_folder_that_can_be_none_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, part: str
) -> None:
    (tmp_path / "loop").symlink_to("loop")
    assert paths.unusable() == ""
    monkeypatch.setenv(f"LABBENCH_{part}", str(tmp_path / name))
    assert str(tmp_path)[:40] in paths.unusable()
    assert len(paths.unusable()) < 200
