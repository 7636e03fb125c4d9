"""Whatever a home holds, a command that reads ends with an exit code, never with a traceback."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labbench.cli.app import run_app
from tests import tiny
from tests.fuzz import mutations
from tests.fuzz.amount import MANY
from tests.fuzz.world import replaced
from tests.recorded import record

COMMANDS = (
    "runs", "runs --json", "runs --match x --noted", "show 1", "show 1 -f json",
    "show 1 classes", "show 1 confusion", "show 1 cell tree three", "show 1 events",
    "show 1 console", "show 1 curves", "show 1 curves --by time --log", "compare 1 2",
    "compare 2 1 --show curves",
    "report 1 2 -f md -o -", "export 1 --to csv", "export 1 --to tensorboard", "data list",
    "data show tones", "data clips tones", "data clip tones 0", "watch 1", "presets own --show",
)  # fmt: skip
"""What needs no torch and no child."""

KINDS = {".json": mutations.json_of, ".jsonl": mutations.lines_of, ".toml": mutations.toml_of,
         ".safetensors": mutations.safetensors_of, ".npy": mutations.npy_of}  # fmt: skip


@pytest.fixture
def home(labbench_home: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files of a home: two runs, a data set, a preset."""
    monkeypatch.chdir(labbench_home.parent)
    record(epochs=3)
    record(epochs=2, state="stopped")
    tiny.make_clips()
    (labbench_home / "presets").mkdir()
    (labbench_home / "presets" / "own.toml").write_text('base = "demo"\n[model]\nconvs = 4\n')
    return sorted(path for path in labbench_home.rglob("*") if path.suffix in KINDS)


def fuzz(files: list[Path], mutations_: int) -> None:
    """Damage a file, run a command; so many times."""

    @settings(
        max_examples=mutations_, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(data=st.data())
    def survives(data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(files))
        content = data.draw(KINDS[path.suffix](path.read_bytes()))
        line = data.draw(st.sampled_from(COMMANDS))
        with replaced(path, content):
            assert 0 <= run_app(line.split()) <= 130

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        survives()


def test_good_files_are_read(home: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert [line for line in COMMANDS if run_app(line.split()) not in (0, 130)] == []


def test_no_command_falls_over(home: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    fuzz(home, 60)


@pytest.mark.long
def test_no_command_falls_over_in_long(
    home: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    fuzz(home, 5 * MANY)
