"""The event log: written whole, read while it is written, cut by a resumed run."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labbench.errors import RunError
from labbench.runs import EventLog, Tail
from labbench.runs.events import (
    AnyEvent,
    Checkpoint,
    Ended,
    Epoch,
    Evaluated,
    Note,
    Started,
    Step,
    decode,
    encode,
)
from labbench.runs.log import Course, last_epoch, read_all
from tests.recorded import course

EVERY: list[AnyEvent] = [
    Started(time=1.5, attempt=1, epoch=0, step=0, device="cpu", precision="fp32", threads=2),
    Step(
        step=1, epoch=0, elapsed_s=0.1, loss=2.7, accuracy=0.0625, learning_rate=1e-3,
        clips_per_s=60.5, memory_bytes=1 << 40,
    ),
    Epoch(
        epoch=1, step=9, elapsed_s=3.0, duration_s=2.5, train_loss=1.5, train_accuracy=0.5,
        val_loss=1.25, val_accuracy=0.625, learning_rate=1e-3, clips_per_s=55.0,
        memory_bytes=0, best=True,
    ),
    Checkpoint(kind="best", epoch=1, step=9),
    Evaluated(split="test", epoch=1, clips=5297, loss=0.5, accuracy=0.9533),
    Note(time=2.5, text='synthetic speech:\n"größer" \u2028 \x00'),
    Ended(time=3.5, state="failed", epoch=1, step=9, message="m", hint="h"),
]  # fmt: skip


def step(number: int, loss: float = 1.0) -> Step:
    return Step(
        step=number, epoch=0, elapsed_s=number / 8, loss=loss, accuracy=0.5, learning_rate=1e-3,
        clips_per_s=60.0, memory_bytes=0,
    )  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


@pytest.mark.parametrize("event", EVERY, ids=lambda event: type(event).__name__)
def test_an_event_is_one_line_of_json(event: AnyEvent) -> None:
    line = encode(event)
    assert line.endswith(b"\n")
    assert len(line.splitlines()) == 1
    assert decode(line) == event
    fields = msgspec.json.decode(line)
    assert fields.pop("type") == type(event).__name__.lower()
    assert set(fields) == set(event.__struct_fields__)


@pytest.mark.parametrize(
    "line", [b"{}\n", b'{"type":"strange"}\n', b'{"type":"note"}\n', b"[1]\n", b"{\n", b"\xff\n"]
)
def test_a_line_that_is_no_event(line: bytes) -> None:
    with pytest.raises((msgspec.MsgspecError, UnicodeDecodeError)):
        decode(line)


@pytest.mark.parametrize("count", [-1, 2**53, 2**64])
def test_a_count_that_is_none_is_no_event(count: int) -> None:
    line = encode(step(1)).replace(b'"step":1', b'"step":%d' % count)
    with pytest.raises(msgspec.MsgspecError):
        decode(line)


def test_appends_and_reads_all(path: Path) -> None:
    log = EventLog(path)
    log.append(EVERY[:3])
    log.append([])
    log.append(iter(EVERY[3:]))
    assert log.size() == path.stat().st_size
    log.close()
    assert read_all(path) == EVERY
    again = EventLog(path)
    again.append([step(2)])
    again.close()
    assert read_all(path) == [*EVERY, step(2)]


def test_no_log_yet_is_no_events(path: Path) -> None:
    tail = Tail(path)
    assert tail.read() == []
    assert read_all(path) == []
    EventLog(path).append([step(1)])
    assert tail.read() == [step(1)]
    assert not tail.restarted


def test_a_log_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="cannot be written: No such file"):
        EventLog(tmp_path / "absent" / "events.jsonl")


@pytest.mark.parametrize("taken", [0, 1, 10, 300])
def test_a_full_disk_leaves_whole_lines(
    path: Path, monkeypatch: pytest.MonkeyPatch, taken: int
) -> None:
    log, write = EventLog(path), os.write
    log.append(EVERY)
    left = taken

    def full(fd: int, content: bytes) -> int:
        nonlocal left
        if not left:
            raise OSError(errno.ENOSPC, "No space left on device")
        done = write(fd, bytes(content)[:left])
        left -= done
        return done

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(RunError, match="the disk is full") as caught:
            log.append([step(number) for number in range(20)])
    assert caught.value.where == str(path)
    assert read_all(path) == EVERY
    log.append([step(1)])
    assert read_all(path) == [*EVERY, step(1)]


def test_short_writes_are_finished(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda fd, content: write(fd, bytes(content)[:7]))
    EventLog(path).append(EVERY)
    assert read_all(path) == EVERY


def test_a_disk_that_is_really_full(tiny_disk: Path) -> None:
    log = EventLog(tiny_disk / "events.jsonl")
    log.append([step(1)])
    with pytest.raises(RunError, match="the disk is full"):
        log.append([step(number) for number in range(2000)])
    assert read_all(log.path) == [step(1)]


def test_cut_forgets_what_came_after(path: Path) -> None:
    log = EventLog(path)
    log.append([step(1)])
    size = log.size()
    log.append([step(2), step(3)])
    log.cut(size)
    assert read_all(path) == [step(1)]
    log.append([step(2, loss=0.5)])
    assert read_all(path) == [step(1), step(2, loss=0.5)]


def test_a_log_shorter_than_its_checkpoint_is_refused(path: Path) -> None:
    log = EventLog(path)
    log.append([step(1)])
    size = log.size()
    with pytest.raises(RunError, match=f"holds {size} bytes, the checkpoint was written at 9,999"):
        log.cut(9_999)
    assert read_all(path) == [step(1)]


def test_a_torn_last_line_is_the_end_until_the_rest_arrives(path: Path) -> None:
    lines = encode(step(1)) + encode(step(2))
    tail = Tail(path)
    for end in range(len(lines) + 1):
        path.write_bytes(lines[:end])
        new = tail.read()
        whole = lines[:end].count(b"\n") - lines[: max(end - 1, 0)].count(b"\n")
        assert new == [step(lines[:end].count(b"\n"))][:whole]
        assert not tail.restarted
    assert tail.skipped == 0


def test_limit_leaves_the_rest_for_later(path: Path) -> None:
    EventLog(path).append(step(number) for number in range(10))
    tail = Tail(path)
    assert [event.step for event in tail.read(limit=4)] == [0, 1, 2, 3]  # type: ignore[union-attr]
    assert tail.read(limit=0) == []
    assert [event.step for event in tail.read(limit=4)] == [4, 5, 6, 7]  # type: ignore[union-attr]
    assert len(tail.read()) == 2
    assert tail.read() == []


def test_a_spent_budget_reads_no_further(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events = [step(number) for number in range(1000)]
    EventLog(path).append(events)
    monkeypatch.setattr(Tail, "CHUNK", 4096)
    now = iter(range(10_000))
    tail = Tail(path)
    with monkeypatch.context() as patched:
        patched.setattr("time.monotonic", lambda: float(next(now)))
        first = tail.read(budget_s=3.5)
    assert 0 < len(first) < 1000
    assert first + tail.read() == events


def test_lines_longer_than_a_chunk(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Tail, "CHUNK", 16)
    notes = [Note(time=1.0, text="x" * length) for length in (0, 15, 1000)]
    EventLog(path).append([*notes, *EVERY])
    assert read_all(path) == [*notes, *EVERY]


def test_foreign_lines_are_skipped_and_counted(path: Path) -> None:
    path.write_bytes(encode(step(1)) + b"what?\n\n{}\n" + encode(step(2)))
    tail = Tail(path)
    assert tail.read() == [step(1), step(2)]
    assert tail.skipped == 2


@pytest.mark.parametrize("keep", [0, 1, 2])
def test_a_cut_is_noticed(path: Path, keep: int) -> None:
    log, sizes = EventLog(path), [0]
    for number in (1, 2, 3):
        log.append([step(number)])
        sizes.append(log.size())
    tail = Tail(path)
    tail.read()
    log.cut(sizes[keep])
    kept = [step(1), step(2)][:keep]
    assert tail.read() == kept
    assert tail.restarted
    assert tail.read() == []
    assert not tail.restarted


def test_a_cut_that_was_written_over_is_noticed(path: Path) -> None:
    log = EventLog(path)
    log.append([step(1)])
    size = log.size()
    log.append([step(2), step(3)])
    tail = Tail(path)
    assert len(tail.read()) == 3
    log.cut(size)
    # The same number of bytes, and further ones.
    log.append([step(2, loss=2.0), step(3, loss=2.0), step(4)])
    assert tail.read() == [step(1), step(2, loss=2.0), step(3, loss=2.0), step(4)]
    assert tail.restarted


def test_a_cut_behind_the_reader_concerns_it_not(path: Path) -> None:
    log = EventLog(path)
    log.append([step(1), step(2)])
    tail = Tail(path)
    assert tail.read(limit=1) == [step(1)]
    log.cut(len(encode(step(1))))
    log.append([step(2, loss=2.0)])
    assert tail.read() == [step(2, loss=2.0)]
    assert not tail.restarted


def test_a_log_that_went_away_and_came_back(path: Path) -> None:
    path.write_bytes(encode(step(1)) + b"what?\n")
    tail = Tail(path)
    tail.read()
    path.unlink()
    assert tail.read() == []
    path.write_bytes(encode(step(5)))
    assert tail.read() == [step(5)]
    assert tail.restarted
    assert tail.skipped == 0


PIECES = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(1, 5)),
        st.tuples(st.just("bytes"), st.integers(1, 300)),
        st.tuples(st.just("read"), st.integers(0, 7)),
        st.tuples(st.just("cut"), st.integers(0, 100)),
    ),
    max_size=30,
)


@given(PIECES, st.integers(1, 400))
@settings(max_examples=150)
def test_any_mix_of_reads_appends_and_cuts_gives_the_log(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[tuple[str, int]], chunk: int
) -> None:
    """What a tail gave since it last began anew is the beginning of what the log holds."""
    path = tmp_path_factory.mktemp("log") / "events.jsonl"
    path.touch()
    tail, seen, number = Tail(path), [], 0
    tail.CHUNK = chunk  # type: ignore[misc]

    def read(limit: int) -> None:
        new = tail.read(limit=limit)
        if tail.restarted:
            seen.clear()
        seen.extend(new)
        assert seen == expected()[: len(seen)]

    def expected() -> list[AnyEvent]:
        content = path.read_bytes()
        return [decode(line) for line in content[: content.rfind(b"\n") + 1].splitlines()]

    pending = b""
    for kind, size in pieces:
        if kind == "read":
            read(size)
            continue
        if kind == "append":
            for _ in range(size):
                number += 1
                pending += encode(step(number))
        with path.open("r+b") as file:
            if kind == "cut":
                whole = path.read_bytes().splitlines(keepends=True)
                kept = whole[: size * len(whole) // 100]
                file.truncate(sum(len(line) for line in kept if line.endswith(b"\n")))
                pending = b""
            else:
                file.seek(0, os.SEEK_END)
                part = len(pending) if kind == "append" else size
                file.write(pending[:part])
                pending = pending[part:]
    read(10_000)
    assert seen == expected()


def test_reading_never_writes(path: Path) -> None:
    EventLog(path).append(EVERY)
    path.chmod(0o444)
    before = path.stat()
    check: Callable[[], list[AnyEvent]] = Tail(path).read
    assert check() == EVERY
    assert (path.stat().st_mtime_ns, path.stat().st_size) == (before.st_mtime_ns, before.st_size)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"".join(map(encode, course())))
    return path


@pytest.mark.parametrize("chunk", [7, 64, 1000, 1 << 20])
def test_the_last_epoch_is_found_from_the_end(log: Path, chunk: int) -> None:
    epochs = [event for event in read_all(log) if isinstance(event, Epoch)]
    assert last_epoch(log, chunk) == epochs[-1]
    # Steps after the last epoch, the last of them torn.
    with log.open("ab") as file:
        file.write(b"".join(map(encode, course()[1:9])) + b'{"type":"st')
    assert last_epoch(log, chunk) == epochs[-1]


@pytest.mark.parametrize("chunk", [64, 1 << 20])
def test_a_torn_epoch_is_none(log: Path, chunk: int) -> None:
    epochs = [event for event in read_all(log) if isinstance(event, Epoch)]
    log.write_bytes(log.read_bytes()[:-20])
    assert last_epoch(log, chunk) == epochs[-2]


def test_no_epoch(tmp_path: Path) -> None:
    assert last_epoch(tmp_path / "none") is None
    (tmp_path / "steps").write_bytes(b"".join(map(encode, course(0))))
    assert last_epoch(tmp_path / "steps") is None


def test_accuracies_are_read_on(log: Path) -> None:
    found = Course(log)
    assert found.read()
    assert len(found.accuracies) == 12
    with log.open("ab") as file:
        file.write(encode(course()[-1]))
    assert found.read(most_bytes=1)
    assert len(found.accuracies) == 13
