"""Every trouble is made by hand, found, and where it can be, repaired."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from labbench import doctor, paths
from labbench.cli.app import run_app
from labbench.doctor import Found, data, device, install, repaired, runs, terminal
from labbench.errors import LabbenchError
from labbench.runs import RunFolder, log, machine, tickets
from labbench.scheduler import dispatch
from labbench.views.health import Finding, HealthView, Level
from tests import tiny
from tests.draw.drawing import lines
from tests.recorded import record
from tests.scheduler.queueing import queued


def found(findings: Callable[[], object], *words: str) -> Found:
    """The one finding that holds all words."""
    hits = [
        one
        for one in findings()
        if all(word in one.finding.what + one.finding.hint for word in words)
    ]  # type: ignore[attr-defined]
    assert len(hits) == 1, [one.finding for one in findings()]  # type: ignore[attr-defined]
    return hits[0]


def mended(one: Found) -> Finding:
    (finding,) = repaired([one], lambda _: True)
    return finding


def old(path: Path) -> Path:
    os.utime(path, (time.time() - 3600,) * 2)
    return path


def torn(run: RunFolder) -> bytes:
    whole = run.events_path.read_bytes()
    run.events_path.write_bytes(whole + b'{"type":"step","st')
    return whole


def test_a_sound_bench_has_nothing_broken() -> None:
    tiny.make_clips()
    record()
    everything = [
        one.finding
        for findings in (install.findings, data.findings, runs.findings)
        for one in findings()
    ]  # fmt: skip
    assert [one for one in everything if one.level in ("warning", "broken")] == []
    said = " ".join(one.what for one in everything)
    assert "tones: 63 clips of 3 words" in said
    assert "1 run, none damaged or lost" in said


@pytest.mark.parametrize("rest", [b'{"type":"step","st', b"\0\0\0\n"], ids=["half", "zeros"])
def test_a_torn_log_is_cut_to_its_last_whole_line(rest: bytes) -> None:
    run = record(state="stopped")
    whole = run.events_path.read_bytes()
    run.events_path.write_bytes(whole + rest)
    assert mended(found(runs.findings, "is torn")).repaired
    assert run.events_path.read_bytes() == whole
    assert log.Tail(run.events_path).read()


def test_what_a_link_in_place_of_a_log_leads_to_is_not_cut(tmp_path: Path) -> None:
    run = record(state="stopped")
    mine = tmp_path / "mine"
    mine.write_bytes(run.events_path.read_bytes() + b"no event, and no end of a line")
    before = mine.read_bytes()
    run.path.chmod(0o777)
    run.events_path.unlink()
    run.events_path.symlink_to(mine)
    assert not mended(found(runs.findings, "is torn")).repaired
    assert mine.read_bytes() == before


def test_a_run_that_nobody_will_start_is_told_with_the_way_out() -> None:
    run = queued()
    tickets.drop(run.path, machine.host())
    assert found(runs.findings, run.id, f"labbench run --resume {run.number}")


def test_a_program_that_others_may_change_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "env" / "labbench"
    package.mkdir(parents=True)
    monkeypatch.setattr(paths, "PACKAGE", package)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "env"))
    assert not [one for one in install.findings() if "others" in one.finding.what]
    (tmp_path / "env").chmod(0o777)
    one = found(install.findings, f"{tmp_path / 'env'} may be written by others")
    assert "what you run" in one.finding.what


def test_the_log_of_a_live_run_is_let_be() -> None:
    run = record(state="running", epochs=3)
    torn(run)
    assert [one.finding for one in runs.findings() if one.finding.level == "warning"] == []


def test_a_repair_that_fails_says_why_and_holds_up_no_other() -> None:
    run = record(state="stopped")
    torn(run)
    one = found(runs.findings, "is torn")
    finding = Finding("runs", "warning", "other", repair="do it")
    with run.writing():
        first, second = repaired([one, Found(finding, lambda: None)], lambda _: True)
    assert not first.repaired
    assert "another worker is writing" in first.hint
    assert second.repaired


def test_lost_runs_are_named_with_the_way_on() -> None:
    run = record(state="running", epochs=3, writer=None, heartbeat=1.0)
    assert run.status().state == "lost"
    one = found(runs.findings, "is lost", "epoch 3")
    assert one.finding.hint.endswith(f"labbench run --resume {run.number}")
    assert one.mend is None


def test_a_held_lock_of_a_run_that_is_over_is_told() -> None:
    run = record()
    with run.writing():
        assert "fuser" in found(runs.findings, "still holds its lock").finding.hint


def test_what_killed_commands_left_is_deleted_once_it_is_old() -> None:
    run = record(state="stopped")
    root = paths.runs_dir()
    rest = run.checkpoints_path / ".last.json.0123abcd.tmp"
    rest.write_bytes(b"x")
    (root / ".making-0009-demo").mkdir()
    assert [one for one in runs.findings() if one.mend] == [], "it may be in the making"
    old(rest)
    old(root / ".making-0009-demo")
    old(root / ".counter")
    troubles = [one for one in runs.findings() if one.mend]
    assert len(troubles) == 2
    assert all(finding.repaired for finding in repaired(troubles, lambda _: True))
    assert not rest.exists()
    assert not (root / ".making-0009-demo").exists()
    assert (root / ".counter").exists()
    assert run.preset()


def test_damaged_runs_are_broken() -> None:
    torn_status, no_preset, no_checkpoint = record(), record(), record(state="stopped")
    torn_status.status_path.write_bytes(b"{")
    (no_preset.path / "preset.toml").write_text("name = ")
    (no_checkpoint.checkpoints_path / "last.json").write_text('{"file": "last-7.safetensors"}')
    assert found(runs.findings, torn_status.id, "damaged").finding.open
    assert found(runs.findings, no_preset.id, "TOML").finding.open
    assert found(runs.findings, no_checkpoint.id, "last-7.safetensors").finding.open


def test_a_dead_dispatcher_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    queued()
    queued(host="gpu02")
    started = []
    monkeypatch.setattr(runs, "ensure_dispatcher", started.append)
    assert found(runs.findings, "queue of gpu02").finding.level == "note"
    one = found(runs.findings, "no dispatcher")
    assert one.finding.open
    assert mended(one).repaired
    assert started == [paths.runs_dir()]
    with dispatch.lock_of(paths.runs_dir()):
        assert found(runs.findings, "1 run waiting for a free device").finding.level == "ok"


def test_clips_that_are_damaged_half_made_or_put_aside() -> None:
    clips = tiny.make_clips()
    tiny.make_clips("other").folder.rename(paths.clips_dir() / ".other.replaced")
    left = paths.clips_dir() / ".third.making-x1"
    left.mkdir()
    (left / "clips.npy").write_bytes(b"0" * 5000)
    assert mended(found(data.findings, "other", "being replaced")).repaired
    assert (paths.clips_dir() / "other").is_dir()
    assert mended(found(data.findings, ".third.making-x1", "5 kB")).repaired
    assert not left.exists()
    left = paths.clips_dir() / ".removing-0123abcd"
    left.mkdir()
    assert mended(found(data.findings, "of a deleted data set", old(left).name)).repaired
    assert not left.exists()
    with (clips.folder / "clips.npy").open("r+b") as file:
        file.truncate(1000)
    one = found(data.findings, "tones", "damaged")
    assert one.finding.open
    assert "--replace" in one.finding.hint


def test_a_full_disk_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")._replace(free=20_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    assert found(runs.findings, "20 MB free").finding.open


@pytest.mark.parametrize(
    ("environment", "level", "words"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "ok", "truecolor"),
        ({"TERM": "xterm-256color"}, "warning", "256 colours"),
        ({"TERM": "xterm-256color", "SSH_CONNECTION": "x"}, "warning", "ssh does not pass"),
        ({"TERM": "dumb"}, "warning", "TERM=dumb"),
        ({"TERM": "xterm", "NO_COLOR": "1"}, "note", "NO_COLOR"),
        ({"TERM": "screen", "STY": "1.pts"}, "warning", "GNU screen"),
    ],
    ids=["truecolor", "256", "ssh", "dumb", "no-color", "screen"],
)
def test_what_the_terminal_says_of_itself(
    environment: dict[str, str], level: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TERM", "COLORTERM", "NO_COLOR", "TMUX", "STY", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert found(terminal.findings, words).finding.level == level


@pytest.mark.parametrize(
    ("features", "level"), [("256,clipboard", "warning"), ("256,RGB,title", "ok")]
)
def test_tmux_is_asked_what_it_passes_on(
    features: str, level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {"display-message": features, "show-options": "500"}
    monkeypatch.setenv("TMUX", "/tmp/tmux,1,0")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(terminal, "_asked", lambda *words: answers[words[0]])
    assert found(terminal.findings, "truecolor", "tmux ").finding.level == level
    assert "tmux-256color" in found(terminal.findings, "inside tmux TERM is").finding.hint
    assert "500 ms" in found(terminal.findings, "Esc").finding.what


def test_a_torch_that_cannot_compute_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = {"torch": "2.13", "built_for_cuda": None, "cuda_devices": 0, "device": "cuda:0",
             "name": "GPU", "precision": "fp32", "trouble": "no kernel image",
             "products": "avx2", "products_trouble": "", "forced": ""}  # fmt: skip
    monkeypatch.setattr(device, "ask", lambda *words, **options: facts)
    assert found(device.findings, "no kernel image").finding.open
    assert found(device.findings, "labbench's own kernels (avx2)").finding.level == "ok"
    facts["products"] = "torch"
    assert "g++" in found(device.findings, "torch's kernels").finding.hint
    facts["forced"] = "torch"
    assert found(device.findings, "as LABBENCH_KERNELS=torch asks").finding.level == "ok"

    def dies(*words: str, **options: object) -> None:
        raise LabbenchError("died (-11): without a word")

    monkeypatch.setattr(device, "ask", dies)
    assert found(device.findings, "died (-11)").finding.open


def test_kernels_that_are_not_to_be_had_are_no_fault_of_torch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LABBENCH_KERNELS", "sse")
    told = found(device.findings, "LABBENCH_KERNELS is 'sse'").finding
    assert told.level == "broken"
    assert "torch cannot" not in told.what
    assert found(device.findings, "trains on").finding.level == "ok"


def test_an_area_that_cannot_be_looked_at_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise OSError(5, "Input/output error")

    for area in (install, device, data, terminal, runs):
        monkeypatch.setattr(area, "findings", full)
    told = list(doctor.examine())
    assert [one.finding.area for one in told] == ["install", "device", "data", "terminal", "runs"]
    assert all("Input/output" in one.finding.what for one in told)


def test_the_command_repairs_when_told_to_and_ends_with_what_is_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = record(state="stopped")
    whole = torn(run)
    for area in (install, device, terminal):
        monkeypatch.setattr(area, "findings", lambda: iter(()))
    assert run_app(["doctor"]) == 0
    said = capsys.readouterr().out
    assert "--fix: cut the torn line off" in said
    assert run.events_path.read_bytes() != whole
    assert run_app(["doctor", "--fix"]) == 0
    assert "1 repaired" in capsys.readouterr().out
    assert run.events_path.read_bytes() == whole
    (run.path / "preset.toml").unlink()
    assert run_app(["doctor", "--json", "--fix"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["well"] is False
    (broken,) = [one for one in document["findings"] if one["level"] == "broken"]
    assert "preset.toml" in broken["what"]


def test_runs_in_trouble_are_not_among_those_that_are_well() -> None:
    record()
    record(state="lost")
    (record().path / "status.json").write_text("{")
    said = [one.finding.what for one in runs.findings() if one.finding.level == "ok"]
    assert said[-1] == "1 run, without trouble, 2 others told above"


def test_the_last_line_counts_everything_that_was_told() -> None:
    levels: list[Level] = ["ok", "ok", "note", "warning", "warning", "broken"]
    told = [Finding("runs", level, str(index)) for index, level in enumerate(levels)]
    last = lines(HealthView.of(told), 60)[-1]
    assert last == "1 broken, 2 warnings, 1 note"
    assert lines(HealthView.of(told[:3]), 60)[-1] == "All is well, 1 note"
    assert lines(HealthView.of(told[:2]), 60)[-1] == "All is well"
    mended = [Finding("runs", "warning", "3", repaired=True)]
    beside = [one for one in told if one.what != "3"]
    assert lines(HealthView.of(mended, beside), 60)[-1] == (
        "1 broken, 1 warning, 1 repaired, 1 note"
    )


def test_the_view_fits_its_width() -> None:
    finding = Finding("runs", "broken", "x" * 90, "do this", "mend it")
    shown = lines(HealthView.of([finding]), 40)
    assert max(map(len, shown)) <= 40
    assert shown[-1].strip() == "1 broken"
    assert HealthView.of([]).as_csv().startswith("area,level")
