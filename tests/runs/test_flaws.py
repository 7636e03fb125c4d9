"""Runs that an earlier engine trained wrongly."""

from __future__ import annotations

import itertools

import msgspec
import pytest
import torch

from labbench import architecture, paths
from labbench.architecture import Model
from labbench.cli.app import run_app
from labbench.doctor import runs as doctor_runs
from labbench.draw.palette import TERMINAL
from labbench.nets import build
from labbench.presets import Library, edited, settings_key
from labbench.report.gather import gather
from labbench.report.page import run_row
from labbench.runs import Clips, EventLog, RunFolder, create, events, flaws, status
from labbench.runs.flaws import ENGINE, flaw, into_padding
from labbench.runs.poller import RunsPoller
from labbench.tables.layout import PlannedCell
from labbench.tables.progress import Cells
from labbench.training.engine import Engine
from labbench.training.engine.pointwise import Plain
from labbench.tui.runs import rows
from labbench.views.compare import Compared, read_side


def trained(
    model: str = "custom",
    channels: int = 8,
    *,
    activation: str = "gelu",
    engines: tuple[int, ...] = (0,),
    devices: tuple[str, ...] = ("cpu (2 threads)",),
    platform: str = "Linux-6.1.0-x86_64-with-glibc2.36",
    changes: tuple[str, ...] = (),
) -> RunFolder:
    """A finished run as a worker leaves it, with the attempts that it says it had."""
    given = [
        f"model.family={model}",
        f"model.channels={channels}",
        f"model.activation={activation}",
    ]
    run = create(edited(Library().get("custom-ch32"), [*given, *changes]))
    log = EventLog(run.events_path)
    for number, (engine, device) in enumerate(zip(engines, devices, strict=True), 1):
        started = events.Started(time=1.0, attempt=number, epoch=0, step=0, device=device,
                                 precision="fp32", threads=2, engine=engine)  # fmt: skip
        log.append([started])
    log.close()
    about = {"device": devices[0], "platform": platform, "threads": 2}
    (run.path / "run.json").write_bytes(msgspec.json.encode(about))
    old = run.status()
    status.write(
        run.status_path,
        msgspec.structs.replace(old, state="finished", attempt=len(engines), engine=engines[0],
                                test_accuracy=0.5, device=devices[-1]),
    )  # fmt: skip
    return run


def told(run: RunFolder) -> bool:
    return flaw(run, run.status()) is not None


@pytest.mark.parametrize(("family", "channels", "wrong"), [
    ("custom", 4, True), ("custom", 16, True), ("custom", 19, True), ("custom", 20, False),
    ("custom", 64, False), ("vgg", 16, True), ("vgg", 64, True), ("base", 8, False),
    ("large", 8, True), ("large", 32, False),
])  # fmt: skip
def test_told_by_family_and_width(family: str, channels: int, wrong: bool) -> None:
    assert told(trained(family, channels)) is wrong


def test_only_what_revision_0_did_on_a_cpu_is_told() -> None:
    assert not told(trained(activation="silu"))
    assert not told(trained(engines=(ENGINE,)))
    assert not told(trained(devices=("cuda:0 NVIDIA H100",)))
    assert not told(trained(platform="macOS-15.1-arm64-arm-64bit"))
    assert not told(trained(changes=("training.batch=2",)))
    # Resuming mends nothing of what was learned before, whichever engine resumes.
    assert told(trained(engines=(0, ENGINE), devices=("cpu (2 threads)",) * 2))
    assert told(trained(engines=(0, 0), devices=("cuda:0 NVIDIA H100", "cpu (2 threads)")))
    assert not told(trained(engines=(0, ENGINE), devices=("cuda:0 NVIDIA H100", "cpu (2 threads)")))


def test_runs_that_never_began_or_cannot_be_read_are_not_told() -> None:
    queued = create(edited(Library().get("custom-ch32"), ["model.activation=gelu"]))
    assert not told(queued)
    damaged = trained(channels=7)
    (damaged.path / "run.json").write_bytes(b"\x00")
    assert not told(damaged)
    (damaged.path / "preset.toml").unlink()
    assert not told(damaged)


def test_a_listing_reads_no_other_file_of_a_sound_run(monkeypatch: pytest.MonkeyPatch) -> None:
    run = trained(engines=(ENGINE,))
    one = run.status()
    (run.path / "preset.toml").unlink()
    monkeypatch.setattr(flaws, "_gelu_went_wrong", None)
    assert flaw(run, one) is None


@pytest.mark.parametrize("batch_norm", [False, True], ids=["plain", "bn"])
@pytest.mark.parametrize("family", ["custom", "vgg", "large", "base"])
def test_those_told_are_those_whose_gelu_left_its_rows(
    family: str, batch_norm: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine at work: which of its gelus write several clips into padded rows."""
    strided: list[bool] = []
    forward = Plain.forward

    def watched(self: Plain, x: torch.Tensor, out: torch.Tensor, clips: slice) -> torch.Tensor:
        strided.append(x.is_contiguous() and not out.is_contiguous())
        return forward(self, x, out, clips)

    monkeypatch.setattr(Plain, "forward", watched)
    monkeypatch.setattr("labbench.training.engine.block.CHUNK_BYTES", 60_000)
    monkeypatch.setattr(flaws, "CHUNK_BYTES", 60_000)
    found = set()
    for channels, kernel, clips in itertools.product((1, 3, 9, 24), (1, 4), (2, 6)):
        model = Model(family=family, convs=4, channels=channels, kernel=kernel,
                      activation="gelu", batch_norm=batch_norm)  # fmt: skip
        plan = architecture.plan(model, 5, length=900)
        engine = Engine(build(plan, seed=0), torch.device("cpu"))
        strided.clear()
        engine.train_step(
            torch.zeros(clips, 900), torch.zeros(clips, dtype=torch.int64),
            generator=torch.Generator(),
        )  # fmt: skip
        each = -(-clips // torch.get_num_threads())
        expected = any(min(chunk, each) > 1 for chunk in into_padding(plan, batch_norm))
        assert any(strided) is expected, (channels, kernel, clips)
        found.add(expected)
    assert found == ({False} if family == "base" else {False, True})


def test_told_in_runs_show_and_doctor(capsys: pytest.CaptureFixture[str]) -> None:
    wrong, sound = trained(), trained(engines=(ENGINE,))
    again = f"labbench run {wrong.path / 'preset.toml'}"
    run_app(["runs"])
    said = capsys.readouterr().out
    assert said.count("trained wrongly: an earlier labbench") == 1
    assert f"{wrong.number} trained wrongly" in said
    assert "".join(again.split()) in "".join(said.split())
    run_app(["show", "1"])
    assert "This run was trained wrongly" in capsys.readouterr().out
    run_app(["show", "2"])
    assert "wrongly" not in capsys.readouterr().out
    hits = [one.finding for one in doctor_runs.findings() if "trained wrongly" in one.finding.what]
    assert [(one.level, again in one.hint) for one in hits] == [("warning", True)]
    assert sound.id not in hits[0].what


def test_no_table_counts_them() -> None:
    for engine, figure in ((0, None), (ENGINE, 0.5)):
        run = trained(engines=(engine,))
        preset = run.preset()
        cell = PlannedCell("8", "bn", preset, settings_key(preset), None, 0)
        found = Cells([(run, run.status())]).of(cell, Clips(preset.data.name))
        assert found.mean == figure


def test_told_on_screen_and_in_a_report() -> None:
    wrong, sound = trained(), trained(engines=(ENGINE,))
    looked = RunsPoller(paths.runs_dir(), lambda: 0.0).poll()
    text = [rows.in_words(one, None, TERMINAL).plain for one in looked.entries]
    assert ["trained wrongly" in one for one in text] == [True, False]
    work = gather([(run, run.status()) for run in (wrong, sound)], "")
    assert [run_row(one)[1] for one in work.runs] == ["finished (trained wrongly)", "finished"]


def test_told_in_a_comparison() -> None:
    runs = [trained(engines=(ENGINE,)), trained()]
    sides = [read_side(run, slot, "test", curves=False) for slot, run in enumerate(runs)]
    told = [note for note in Compared.of(sides, "test").notes() if "wrongly" in note]
    assert len(told) == 1
    assert told[0].startswith("B was trained wrongly")
