"""What no device here can hold is refused before anything is made of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

import labbench
from labbench import paths
from labbench.cli.app import run_app
from labbench.errors import DeviceError, RunError
from labbench.presets import Preset, edited, to_toml
from labbench.runs.reader import listing
from labbench.runs.status import Waiting
from labbench.scheduler import fitting, start
from labbench.scheduler.devices import Device
from labbench.scheduler.fitting import check_fits
from labbench.training import device
from labbench.training.restoring import load_net
from labbench.worker import calibrate
from tests import tiny
from tests.opened import opened

GB = 10**9
HUGE = ("model.channels=4096", "model.kernel=4096")
CPU = Device("cpu", "cpu", "16 threads", memory_bytes=25 * GB)
SMALL = Device("cuda:0", "cuda", "L4", memory_bytes=24 * GB)
LARGE = Device("cuda:1", "cuda", "H200", memory_bytes=141 * GB)


@pytest.fixture(autouse=True)
def clips(labbench_home: Path) -> None:
    tiny.make_clips()


def huge() -> Preset:
    return edited(tiny.preset(), HUGE)


def wanted(name: str) -> Waiting:
    return Waiting(since=0.0, host="here", device=name)


def test_the_roomiest_device_it_could_have_decides() -> None:
    # 3.2 billion parameters: 65 GB and a little.
    middle = edited(tiny.preset(), ["model.channels=512", "model.kernel=4000", "model.convs=4"])
    check_fits(middle, wanted("auto"), [SMALL, LARGE, CPU])
    with pytest.raises(DeviceError, match="cuda:0 has 24 GB"):
        check_fits(middle, wanted("cuda:0"), [SMALL, LARGE, CPU])
    with pytest.raises(DeviceError, match="cpu has 25 GB"):
        check_fits(middle, wanted("cpu"), [SMALL, LARGE, CPU])
    untold = replace(SMALL, memory_bytes=None)
    check_fits(huge(), wanted("auto"), [untold, LARGE, CPU])
    check_fits(huge(), wanted("cuda"), [CPU])


@pytest.mark.parametrize("how", ["submit", "new_run", "train"])
def test_no_run_is_made_of_it(how: str) -> None:
    ways = {"submit": start.submit, "new_run": start.new_run, "train": labbench.train}
    with pytest.raises(DeviceError, match="training takes at least"):
        ways[how](huge())
    assert listing() == ([], [])


def test_a_sweep_times_none_and_refuses_it(capsys: pytest.CaptureFixture[str]) -> None:
    paths.user_presets_dir().mkdir(parents=True)
    text = to_toml(msgspec.structs.replace(huge(), name=""))
    rows = '[rows.a]\nmodel.activation = "tanh"\n[columns.b]\nmodel.dropout = 0.5\n'
    (paths.user_presets_dir() / "huge.toml").write_text(text.replace('name = ""\n', "") + rows)
    assert run_app(["sweep", "huge"]) == DeviceError.exit_code
    assert "training takes at least" in capsys.readouterr().err
    assert listing() == ([], [])
    assert run_app(["presets", "huge"]) == 0
    seen = capsys.readouterr()
    assert "huge/a/b" in seen.out
    assert "training takes at least" in seen.err


def test_a_worker_looks_at_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "probe", lambda: [replace(CPU, memory_bytes=10**18)])
    run = start.new_run(huge())
    assert start.start(run).wait() == DeviceError.exit_code
    assert "training takes at least" in run.status().message
    monkeypatch.setattr(calibrate, "free_bytes", lambda _: 10**6)
    assert device.free_bytes is not calibrate.free_bytes
    with pytest.raises(DeviceError, match="has 1 MB"):
        calibrate.seconds_per_clip(tiny.preset())


def test_a_changed_preset_beside_small_weights_builds_no_net() -> None:
    run = opened({"convs": 2, "channels": 3, "kernel": 5})
    preset = edited(run.preset(), HUGE)
    (run.path / "preset.toml").write_text(to_toml(preset))
    with pytest.raises(RunError, match=r"does not fit the preset: it holds .* parameters"):
        load_net(run)
