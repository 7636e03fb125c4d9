"""Run folders: made whole and numbered, found, locked by their one writer, removed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from labbench import paths
from labbench.cli.app import run_app
from labbench.errors import BusyError, PresetError, RunError
from labbench.presets import Library, Preset, resolved
from labbench.runs import (
    EventLog,
    RunFolder,
    Status,
    control,
    create,
    events,
    find,
    folder,
    launch,
    list_runs,
    status,
)
from labbench.runs.reader import listing
from tests.unprivileged import unprivileged

CREATE_MANY = """
import sys
from labbench.presets import Preset
from labbench.runs import create
sys.stdin.readline()
for _ in range(15):
    print(create(Preset(name="p")).id, flush=True)
"""

HOLD = """
import sys
from pathlib import Path
from labbench.runs import RunFolder
with RunFolder(Path(sys.argv[1])).writing():
    print("held", flush=True)
    sys.stdin.readline()
"""


def process(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def make(*names: str) -> list[RunFolder]:
    return [create(Preset(name=name)) for name in names]


def test_a_new_run_is_whole_and_queued() -> None:
    preset = Library().get("custom-ch32")
    run = create(preset)
    assert run.path == paths.runs_dir() / "0001-custom-ch32"
    assert (run.id, run.number) == ("0001-custom-ch32", 1)
    assert run.preset() == resolved(preset)
    found = run.status()
    assert (found.state, found.preset, found.epochs) == ("queued", "custom-ch32", 60)
    assert found.published == 0.9533
    assert found.writer is None
    assert {path.name for path in run.path.iterdir()} == {
        "preset.toml", "status.json", "control", "checkpoints", "predictions",
    }  # fmt: skip
    assert run.about() == {}
    assert run.history().attempts == ()
    with pytest.raises(RunError, match="no predictions yet"):
        run.predictions()


def test_its_preset_file_alone_reproduces_it() -> None:
    run = create(Preset(name="mine"))
    tree = tomllib.loads((run.path / "preset.toml").read_text())
    assert (tree["model"]["convs"], tree["model"]["channels"], tree["model"]["kernel"]) == (
        8,
        64,
        5,
    )
    assert Library().get(str(run.path / "preset.toml")) == resolved(Preset(name="mine"))


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ("summary/vgg/do+bn", "0001-summary-vgg-do+bn"),
        ("", "0001-run"),
        ("../../etc/passwd", "0001-etc-passwd"),
        ("a b\nc", "0001-a-b-c"),
        ("größe", "0001-gr-e"),
        (".hidden", "0001-hidden"),
        ("x" * 300, "0001-" + "x" * 80),
    ],
)
def test_any_preset_name_gives_a_plain_folder_name(name: str, id_: str) -> None:
    run = create(Preset(name=name))
    assert run.id == id_
    assert run.path.parent == paths.runs_dir()
    assert run.preset().name == name


def test_numbers_count_up_and_are_not_used_again() -> None:
    first, second = make("a", "b")
    assert [first.number, second.number] == [1, 2]
    second.remove()
    assert make("c")[0].number == 3
    first.remove()
    assert [run.number for run in list_runs()] == [3]
    # Runs copied from elsewhere count too, and a lost counter does no harm.
    (paths.runs_dir() / ".counter").write_text("nonsense")
    assert make("d")[0].number == 4
    list_runs()[-1].path.rename(paths.runs_dir() / "0041-copied")
    assert make("e")[0].number == 42


def test_two_processes_never_make_the_same_number() -> None:
    both = [process(CREATE_MANY), process(CREATE_MANY)]
    for one in both:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    made = [line for one in both for line in one.communicate(timeout=60)[0].split()]
    assert sorted(made) == [f"{number:04d}-p" for number in range(1, 31)]
    assert [run.id for run in list_runs()] == sorted(made)
    assert [entry.name for entry in paths.runs_dir().glob(".making*")] == []


def test_a_half_made_run_is_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    make("a")

    write = status.write

    def full(path: Path, one: Status) -> None:
        write(path, one)
        assert [run.id for run in list_runs()] == ["0001-a"]
        raise RunError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(folder.status, "write", full)
        with pytest.raises(RunError, match="the disk is full"):
            create(Preset(name="b"))
    assert [run.id for run in list_runs()] == ["0001-a"]
    (paths.runs_dir() / "0009-empty").mkdir()
    (paths.runs_dir() / "file").touch()
    assert [run.id for run in list_runs()] == ["0001-a"]
    with pytest.raises(RunError):
        find("0009-empty")


def test_a_place_that_cannot_hold_runs(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="cannot be written"):
        create(Preset(), tmp_path / "file" / "runs")


def test_a_full_disk(tiny_disk: Path) -> None:
    (tiny_disk / "ballast").write_bytes(b"x" * 60_000)
    with pytest.raises(RunError, match="the disk is full"):
        create(Preset(), tiny_disk / "runs")
    assert list_runs(tiny_disk / "runs") == []
    (tiny_disk / "ballast").write_bytes(b"x" * 57_000)
    with pytest.raises(RunError, match="the disk is full"):
        create(Preset(), tiny_disk / "runs")
    assert sorted(path.name for path in (tiny_disk / "runs").iterdir()) == [".counter", ".lock"]


def test_runs_are_listed_oldest_first_by_number() -> None:
    assert list_runs() == []
    make("b", "a")
    (paths.runs_dir() / "0002-a").rename(paths.runs_dir() / "10000-a")
    make("c")
    assert [run.number for run in list_runs()] == [1, 10_000, 10_001]


def test_found_by_number_id_path_and_last(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = make("demo", "vgg")
    for name in ("1", "01", "0001", "0001-demo", str(first.path)):
        assert find(name).path.resolve() == first.path.resolve(), name
    assert find("last") == second
    monkeypatch.chdir(first.path)
    assert find("./").path == first.path.resolve()
    assert find("2") == second
    with pytest.raises(RunError, match=r"there is no run '\.'") as caught:
        find(".")
    assert caught.value.hint == "A path has a '/': ./."


def test_a_number_is_a_run_whatever_lies_in_the_folder_one_is_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run,) = make("demo")
    for name in ("1", "last", run.id, "2"):
        shutil.copytree(run.path, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    assert [find(name) for name in ("1", "last", run.id)] == [run] * 3
    assert find("./1").path == (tmp_path / "1").resolve()
    with pytest.raises(RunError, match="there is no run '2'"):
        find("2")


def test_a_run_elsewhere_is_found_by_its_path(tmp_path: Path) -> None:
    run = create(Preset(name="x"), tmp_path / "other")
    assert find(str(run.path)).preset().name == "x"
    assert find("last", tmp_path / "other") == run
    with pytest.raises(RunError):
        find("last")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("0001-demp", "Did you mean '0001-demo'?"),
        ("7", "See `labbench runs`."),
        ("²", "See `labbench runs`."),
        ("", "See `labbench runs`."),
        ("nothing-like-it", "See `labbench runs`."),
    ],
)
def test_no_such_run(name: str, hint: str) -> None:
    make("demo")
    with pytest.raises(RunError) as caught:
        find(name)
    assert f"there is no run {name!r}" in caught.value.what
    assert caught.value.hint == hint


@pytest.mark.parametrize("name", ["last", "1", "demo"])
def test_no_run_at_all(name: str) -> None:
    with pytest.raises(RunError, match="there are none yet") as caught:
        find(name)
    assert str(paths.runs_dir()) in caught.value.what
    assert "labbench run demo" in caught.value.hint


def test_damaged_files_name_themselves() -> None:
    good, run = make("good", "bad")
    run.status_path.write_bytes(b"{")
    with pytest.raises(RunError, match="is damaged") as caught:
        run.status()
    assert caught.value.where == str(run.status_path)
    seen, unreadable = listing()
    assert [one.id for one, _ in seen] == [good.id]
    assert [(one.id, str(run.status_path) in why) for one, why in unreadable] == [(run.id, True)]
    (run.path / "run.json").write_bytes(b"{")
    with pytest.raises(RunError, match="is damaged"):
        run.about()
    (run.path / "preset.toml").write_bytes(b"{")
    with pytest.raises(PresetError, match="not valid TOML"):
        run.preset()
    run.status_path.unlink()
    with pytest.raises(RunError, match="No such file"):
        run.status()


def test_a_status_shows_a_lost_run_as_lost() -> None:
    (run,) = make("demo")
    gone = msgspec.structs.replace(status.this_process(), boot_id="an earlier one")
    status.write(run.status_path, msgspec.structs.replace(
        run.status(), state="running", writer=gone, heartbeat=1.0,
    ))  # fmt: skip
    assert run.status().state == "lost"
    assert status.read(run.status_path).state == "running"


def test_history_and_requests_go_through_the_folder() -> None:
    (run,) = make("demo")
    log = EventLog(run.events_path)
    log.append([events.Note(time=1.0, text="hello")])
    log.close()
    assert [note.text for note in run.history().notes] == ["hello"]
    run.ask("stop")
    assert control.pending(run.control_path) == "stop"


@contextmanager
def held(run: RunFolder) -> Iterator[subprocess.Popen[str]]:
    """Another process that writes the run."""
    holder = process(HOLD, str(run.path))
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    try:
        yield holder
    finally:
        holder.kill()
        holder.communicate()


def test_a_second_writer_is_refused_until_the_first_is_gone() -> None:
    (run,) = make("demo")
    with held(run) as holder:
        with (
            pytest.raises(BusyError, match="another worker is writing this run") as caught,
            run.writing(),
        ):
            pytest.fail("two writers")
        assert caught.value.where == run.id
        assert "labbench stop" in caught.value.hint
        with pytest.raises(BusyError):
            run.remove()
        assert run.status().state == "queued"
        holder.kill()
        holder.wait()
        with run.writing():
            pass


def test_in_one_process_too_there_is_one_writer() -> None:
    (run,) = make("demo")
    with run.writing(), pytest.raises(BusyError), run.writing():
        pytest.fail("two writers")
    with pytest.raises(ValueError, match="x"), run.writing():
        raise ValueError("x")
    with run.writing():
        pass


@pytest.mark.parametrize("state", ["starting", "running"])
@pytest.mark.parametrize("where", ["here", "another host"])
def test_a_run_that_is_live_is_not_removed(state: str, where: str) -> None:
    (run,) = make("demo")
    writer = status.this_process()
    if where != "here":
        writer = msgspec.structs.replace(writer, host="gpu02", boot_id="another")
    status.write(run.status_path, msgspec.structs.replace(
        run.status(), state=state, writer=writer, heartbeat=time.time(),
    ))  # fmt: skip
    with pytest.raises(BusyError, match=f"it is {state} on {writer.host}"):
        run.remove()
    assert run.preset().name == "demo"
    status.write(run.status_path, msgspec.structs.replace(
        run.status(), heartbeat=1.0, writer=msgspec.structs.replace(writer, boot_id="another"),
    ))  # fmt: skip
    run.remove()
    assert list_runs() == []


def test_only_a_run_of_the_runs_folder_is_removed(tmp_path: Path) -> None:
    keep, linked = make("keep", "linked")
    elsewhere = create(Preset(name="x"), tmp_path / "other")
    linked.path.rename(tmp_path / linked.id)
    linked.path.symlink_to(tmp_path / linked.id)
    root = paths.runs_dir()
    (root / "0009-empty").mkdir()
    shutil.copytree(keep.path, root / ".hidden")
    before = sorted(tmp_path.rglob("*"))
    for path in (elsewhere.path, linked.path, root, root / "0009-empty", root / ".hidden",
                 keep.path / "..", keep.path / "control", root / "0010-absent"):  # fmt: skip
        with pytest.raises(RunError, match="not deleted"):
            RunFolder(path).remove()
    assert sorted(tmp_path.rglob("*")) == before


def test_the_command_follows_no_link_and_takes_no_folder_for_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run,) = make("keep")
    project = tmp_path / "project"
    shutil.copytree(run.path, project / "7")
    (project / "link").symlink_to(run.path)
    monkeypatch.chdir(project)
    shutil.copy(run.status_path, project)
    for name in (".", "./", "7", "./7", "./link", f"{project}/link/"):
        assert run_app(["runs", "rm", name, "--yes"]) == RunError.exit_code, name
    assert (project / "7" / "preset.toml").exists()
    assert find("1").preset().name == "keep"
    assert run_app(["runs", "rm", str(run.path), "--yes"]) == 0
    assert list_runs() == []


KILLED_AT_EVERY_MOMENT = """
import shutil
from labbench.presets import Preset
from labbench.runs import create, list_runs
from tests.killed import deaths
run = create(Preset(name="demo"))
(run.path / "checkpoints" / "a").touch()
whole, kept = {path.name for path in run.path.rglob("*")} | {"lock"}, str(run.path) + ".kept"
run.path.rename(kept)
shutil.copytree(kept, run.path)
for _ in deaths(run.remove):
    if run.path.exists():
        there = {path.name for path in run.path.rglob("*")}
        print("whole" if there | {"lock"} == whole else f"half: {there}")
    else:
        print("gone", len(list_runs()))
        shutil.copytree(kept, run.path)
"""


def test_a_removal_that_is_killed_leaves_the_whole_run_or_none() -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED_AT_EVERY_MOMENT], capture_output=True, text=True, check=True,
        env=launch.of_this_process().whole_environment(os.environ),
    )  # fmt: skip
    said = done.stdout.splitlines()
    # The kept copy is listed all the time: its name has no dot before it.
    assert set(said) == {"whole", "gone 1"}
    assert said == sorted(said, reverse=True), "it is gone for good at one moment"
    assert said.count("gone 1") > 10
    assert not list(paths.runs_dir().glob(".removing-*")), "the last one swept what others left"


def test_a_new_run_sweeps_what_killed_commands_left() -> None:
    for run, name in zip(make("a", "b"), (".removing-0123abcd", ".making-0009-x"), strict=True):
        run.path.rename(paths.runs_dir() / name)
    make("next")
    assert [path.name for path in paths.runs_dir().iterdir() if path.is_dir()] == ["0003-next"]


@pytest.mark.parametrize("closed", ["", "checkpoints"])
def test_a_run_that_is_protected_is_left_whole(closed: str) -> None:
    (run,) = make("demo")
    with run.writing():
        pass
    (run.path / closed).chmod(0o555)
    before = sorted(run.path.rglob("*"))
    command = unprivileged(sys.executable, "-m", "labbench", "runs", "rm", "1", "--yes")
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode == RunError.exit_code
    assert done.stderr == f"labbench: {run.path}: cannot be deleted: Permission denied.\n"
    assert sorted(run.path.rglob("*")) == before
    (run.path / closed).chmod(0o755)


def test_a_lock_that_cannot_be_taken_is_told() -> None:
    (run,) = make("demo")
    (run.path / "lock").mkdir()
    with pytest.raises(RunError, match="cannot be written: Is a directory"), run.writing():
        pytest.fail("nobody holds it")


def test_remove_leaves_nothing() -> None:
    keep, run = make("keep", "go")
    EventLog(run.events_path).append([events.Note(time=1.0, text="x")])
    run.remove()
    assert not run.path.exists()
    assert list_runs() == [keep]
    assert keep.preset().name == "keep"
