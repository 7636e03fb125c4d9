"""Which device a run gets, on machines that this one is not."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest

from labbench import paths
from labbench.errors import LabbenchError
from labbench.runs.status import Waiting
from labbench.scheduler import devices as devices_module
from labbench.scheduler.devices import Device, Slots, devices, occupied, probe, slots_text
from labbench.scheduler.placing import Place, ahead, choices, free_place
from tests.scheduler.queueing import occupied as taken_run
from tests.scheduler.queueing import queued

CPU = Device("cpu", "cpu", "16 threads", free_bytes=10**12)
SMALL = Device("cuda:0", "cuda", "L4", uuid="GPU-aaaa", free_bytes=20)
LARGE = Device("cuda:1", "cuda", "H100", uuid="GPU-bbbb", free_bytes=80)
MPS = Device("mps", "mps", "Apple GPU")
SERVER = (SMALL, LARGE, CPU)


def wanting(device: str, visible: str | None = None, slots: str = "") -> Waiting:
    return Waiting(since=0.0, host="here", device=device, visible=visible, slots=slots)


def places(device: str, here: tuple[Device, ...], visible: str | None = None) -> list[Place]:
    return [place for _, place in choices(wanting(device, visible), here)]


def test_auto_takes_a_gpu_where_there_is_one() -> None:
    both = [Place("cuda:0", "cuda:0"), Place("cuda:1", "cuda:1")]
    assert places("auto", SERVER) == both
    assert places("cuda", SERVER) == both
    assert places("auto", (CPU,)) == [Place("cpu")]
    assert places("auto", (MPS, CPU)) == [Place("mps")]
    assert places("cpu", SERVER) == [Place("cpu")]


def test_pinned_means_this_one_and_no_other() -> None:
    assert places("cuda:1", SERVER) == [Place("cuda:1", "cuda:1")]
    full = (SMALL, *occupied([LARGE], [], "0"), CPU)
    assert free_place(wanting("cuda:1"), full) is None
    assert free_place(wanting("cuda"), full) == Place("cuda:0", "cuda:0")


@pytest.mark.parametrize(
    ("visible", "expected"),
    [
        ("1", [Place("cuda:1", "cuda:0")]),
        ("1,0", [Place("cuda:1", "cuda:0"), Place("cuda:0", "cuda:1")]),
        ("GPU-bb", [Place("cuda:1", "cuda:0")]),
        ("0,7,1", [Place("cuda:0", "cuda:0")]),
        ("0,0", [Place("cuda:0", "cuda:0")]),
        ("", [Place("cpu")]),
        ("-1", [Place("cpu")]),
    ],
)
def test_the_numbers_of_cuda_visible_devices(visible: str, expected: list[Place]) -> None:
    """As CUDA counts: what is left, in the order named, up to the first that is none."""
    assert places("auto", SERVER, visible) == expected


def test_a_device_that_is_not_here_is_given_so_that_the_worker_says_so() -> None:
    assert free_place(wanting("cuda:5"), SERVER) == Place("cuda:5")
    assert free_place(wanting("cuda"), (CPU,)) == Place("cuda")
    assert free_place(wanting("cuda:1", "0"), SERVER) == Place("cuda:1")


def test_the_gpu_with_most_free_memory_first_then_what_is_left() -> None:
    assert free_place(wanting("auto"), SERVER) == Place("cuda:1", "cuda:1")
    one_on = taken_run("cuda:1")
    live = [(one_on, one_on.status())]
    assert free_place(wanting("auto"), occupied(SERVER, live, "")) == Place("cuda:0", "cuda:0")
    # It trains: what it takes shows in the free memory.
    assert free_place(wanting("auto"), occupied(SERVER, live, "2")) == Place("cuda:1", "cuda:1")
    other = taken_run("cuda:0")
    full = occupied(SERVER, [*live, (other, other.status())], "")
    assert free_place(wanting("auto"), full) is None
    assert free_place(wanting("cpu"), full) == Place("cpu")


def test_runs_that_start_together_are_spread() -> None:
    """The memory of one that is still starting does not show yet."""
    import msgspec

    run = taken_run("cuda:1")
    starting = msgspec.structs.replace(run.status(), state="starting")
    here = occupied(SERVER, [(run, starting)], "2")
    assert free_place(wanting("auto"), here) == Place("cuda:0", "cuda:0")


def test_without_memory_figures_the_first_free_one() -> None:
    here = [Device(f"cuda:{n}", "cuda", "NVIDIA GPU") for n in range(2)]
    assert free_place(wanting("auto"), here) == Place("cuda:0", "cuda:0")


def fake_nvml(fails: bool = False) -> types.ModuleType:
    nvml = types.ModuleType("pynvml")

    class NVMLError(Exception):
        pass

    def init() -> None:
        if fails:
            raise NVMLError("Driver Not Loaded")

    def no_load(handle: int) -> None:
        raise NVMLError("Not Supported")

    nvml.NVMLError = NVMLError
    nvml.nvmlInit = init
    nvml.nvmlDeviceGetCount = lambda: 2
    nvml.nvmlDeviceGetHandleByIndex = lambda index: index
    nvml.nvmlDeviceGetName = lambda handle: b"NVIDIA H100"
    nvml.nvmlDeviceGetUUID = lambda handle: f"GPU-{handle}"
    nvml.nvmlDeviceGetMemoryInfo = lambda handle: types.SimpleNamespace(
        total=80, free=10 + 60 * handle
    )
    nvml.nvmlDeviceGetUtilizationRates = no_load
    return nvml


def test_nvml_tells_names_and_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", fake_nvml())
    first, second, cpu = probe()
    assert (first.name, first.model, first.uuid) == ("cuda:0", "NVIDIA H100", "GPU-0")
    assert (second.memory_bytes, second.free_bytes, second.load) == (80, 70, None)
    assert cpu.name == "cpu"
    assert cpu.memory_bytes is not None
    assert cpu.free_bytes is not None
    assert 0 < cpu.free_bytes < cpu.memory_bytes


@pytest.mark.parametrize("module", [fake_nvml(fails=True), None])
def test_without_nvml_the_drivers_files_count(
    module: types.ModuleType | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", module)
    for name in ("nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm", "nvidia-caps", "null"):
        (tmp_path / name).touch()
    monkeypatch.setattr(devices_module, "DEVICE_FILES", tmp_path)
    assert [one.name for one in probe()] == ["cuda:0", "cuda:1", "cpu"]
    monkeypatch.setattr(devices_module, "DEVICE_FILES", tmp_path / "none")
    assert [one.name for one in probe()] == ["cpu"]


def test_devices_tell_who_is_on_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)
    monkeypatch.setenv("LABBENCH_SLOTS", "3")
    on_it = [taken_run("cpu"), taken_run("cpu")]
    taken_run("cuda:9")
    cpu = devices()[-1]
    assert cpu.busy == tuple(run.id for run in on_it)
    assert (cpu.slots, cpu.free_slots) == (3, 1)


def test_whom_a_run_waits_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labbench.scheduler.placing.probe", lambda: list(SERVER))
    on_cpu, on_gpu = taken_run("cpu"), taken_run("cuda:1")
    pinned, on_cpu_next, last = queued(device="cuda:0"), queued(), queued(device="auto")
    runs = (on_cpu, on_gpu, pinned, on_cpu_next, last)
    rows = [(run, run.status()) for run in runs]
    before = ahead(last, last.status(), rows)
    assert before.devices == ("cuda:0", "cuda:1")
    assert before.runs == (on_gpu.id, pinned.id)
    assert ahead(on_cpu_next, on_cpu_next.status(), rows).runs == (on_cpu.id,)
    assert ahead(pinned, pinned.status(), rows).runs == ()


@pytest.mark.parametrize(
    ("text", "cpu", "first", "second"),
    [
        ("", 1, 1, 1),
        ("2", 2, 2, 2),
        ("cuda=4", 1, 4, 4),
        ("cpu=2, cuda=3,cuda:1=0", 2, 3, 0),
        ("5,cuda:1=2", 5, 5, 2),
    ],
)
def test_slots(text: str, cpu: int, first: int, second: int) -> None:
    slots = Slots.parse(text)
    assert (slots.of("cpu"), slots.of("cuda:0"), slots.of("cuda:1")) == (cpu, first, second)


@pytest.mark.parametrize("text", ["two", "-1", "cpu:2", "cpu=", "cuda=1.5", "2=cpu"])
def test_slots_that_are_none(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABBENCH_SLOTS", text)
    with pytest.raises(LabbenchError, match="no number of slots") as caught:
        slots_text()
    assert "cpu=1" in caught.value.hint
    assert caught.value.where == "LABBENCH_SLOTS"


@pytest.mark.parametrize(
    ("content", "cpu", "gpu"),
    [("slots = 2", 2, 2), ('slots = "cpu=3"', 3, 1), ('[slots]\ncpu = 4\n"cuda:0" = 2', 4, 2),
     ("theme = 'dark'", 1, 1)],
)  # fmt: skip
def test_slots_of_the_settings_file(content: str, cpu: int, gpu: int) -> None:
    paths.config_dir().mkdir(parents=True)
    (paths.config_dir() / "settings.toml").write_text(content)
    slots = Slots.parse(slots_text())
    assert (slots.of("cpu"), slots.of("cuda:0")) == (cpu, gpu)


@pytest.mark.parametrize("content", ["slots = 'many'", "slots = [1]", "slots ="])
def test_a_settings_file_that_says_nothing_of_use(content: str) -> None:
    paths.config_dir().mkdir(parents=True)
    path = paths.config_dir() / "settings.toml"
    path.write_text(content)
    with pytest.raises(LabbenchError) as caught:
        slots_text()
    assert str(path) in caught.value.where


def test_the_variable_goes_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    paths.config_dir().mkdir(parents=True)
    (paths.config_dir() / "settings.toml").write_text("slots = 2")
    monkeypatch.setenv("LABBENCH_SLOTS", "7")
    assert Slots.parse(slots_text()).of("cpu") == 7
