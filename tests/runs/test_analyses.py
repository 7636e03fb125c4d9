"""What analysts found out, kept."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from labbench.errors import DiskFullError, RunError
from labbench.interpret.clip import ClipRef
from labbench.interpret.feature_maps.answer import MapsQuestion
from labbench.interpret.question import restored
from labbench.runs import analyses
from labbench.runs.analyses import Analysis

CLIP = ClipRef(name="tree/1.wav", row=1, digest="a", word="tree")
ASK = MapsQuestion(clip=CLIP, layer="conv1")


def ANY(found: Analysis) -> Analysis:  # noqa: N802
    """Takes any answer."""
    return found


def test_an_answer_comes_back(tmp_path: Path) -> None:
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    # A transposed view is not contiguous: what is kept must still be its values.
    analyses.save(tmp_path, "maps-1", Analysis({"a": array.T}, {"words": ["x"], "score": 0.5}))
    found = analyses.load(tmp_path, "maps-1", ANY)
    assert found is not None
    np.testing.assert_array_equal(found.arrays["a"], array.T)
    assert found.about == {"words": ["x"], "score": 0.5}


def test_the_key_tells_questions_and_weights_apart() -> None:
    other_clip = MapsQuestion(clip=ClipRef(name="tree/1.wav", row=1, digest="b", word="tree"),
                         layer="conv1")  # fmt: skip
    keys = {
        analyses.key(ASK, "w1"), analyses.key(ASK, "w2"), analyses.key(other_clip, "w1"),
        analyses.key(MapsQuestion(clip=CLIP, layer="conv2"), "w1"),
    }  # fmt: skip
    assert len(keys) == 4
    assert analyses.key(MapsQuestion(clip=CLIP, layer="conv1"), "w1") in keys
    assert all(key.startswith("maps-") for key in keys)


def test_nothing_or_rubbish_is_no_answer(tmp_path: Path) -> None:
    assert analyses.load(tmp_path, "maps-1", ANY) is None
    (tmp_path / "analysis").mkdir()
    (tmp_path / "analysis" / "maps-1.safetensors").write_bytes(b"\0" * 100)
    assert analyses.load(tmp_path, "maps-1", ANY) is None


def test_an_answer_to_something_else_is_none(tmp_path: Path) -> None:
    analyses.save(tmp_path, "maps-1", Analysis({"after": np.zeros((2, 9), np.float32)}, {}))
    assert analyses.load(tmp_path, "maps-1", ANY) is not None
    assert analyses.load(tmp_path, "maps-1", partial(restored, ASK)) is None


def test_those_used_longest_ago_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analyses, "MOST_BYTES", 10_000)
    big = Analysis({"a": np.zeros(1000, np.float32)}, {})
    for age, name in enumerate(["a", "b"]):
        analyses.save(tmp_path, name, big)
        os.utime(tmp_path / "analysis" / f"{name}.safetensors", (age, age))
    assert analyses.load(tmp_path, "a", ANY)  # used: now the youngest
    analyses.save(tmp_path, "c", big)
    assert analyses.load(tmp_path, "b", ANY) is None
    assert analyses.load(tmp_path, "a", ANY)
    assert analyses.load(tmp_path, "c", ANY)


def test_an_answer_too_large_is_kept_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analyses, "MOST_BYTES", 100)
    analyses.save(tmp_path, "a", Analysis({"a": np.zeros(1000, np.float32)}, {}))
    assert analyses.load(tmp_path, "a", ANY)


ANSWER = Analysis({"a": np.zeros(2)}, {})


@pytest.mark.parametrize("trouble", ["gone", "a file in the way", "a full disk"])
def test_what_a_run_cannot_hold_is_kept_in_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    cache = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    run = tmp_path / "0001-run"
    if trouble != "gone":
        run.mkdir()
    if trouble == "a file in the way":
        (run / "analysis").touch()
    write = analyses.write_atomic

    def full(path: Path, content: bytes, **options: bool) -> None:
        if path.is_relative_to(run):
            raise DiskFullError("the disk is full", where=str(path))
        write(path, content, **options)

    if trouble == "a full disk":
        monkeypatch.setattr(analyses, "write_atomic", full)
    analyses.save(run, "a", ANSWER)
    assert [path.name for path in cache.rglob("*.safetensors")] == ["a.safetensors"]
    assert run.exists() == (trouble != "gone")
    assert analyses.load(run, "a", ANY)


def test_what_can_be_kept_nowhere_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "cache").touch()
    with pytest.raises(RunError, match=r"kept nowhere: .*0001-run/analysis cannot be written"):
        analyses.save(tmp_path / "0001-run", "a", ANSWER)


@pytest.mark.parametrize(
    "about",
    ["[]", "1", '"x"', "null", '{"a":', "[" * 100_000, "1" * 5000],
    ids=lambda text: text[:5],
)
def test_what_says_odd_things_of_itself_is_no_answer(about: str) -> None:
    from safetensors.numpy import save

    with pytest.raises(ValueError, match="damaged"):
        analyses.decoded(save({"a": np.zeros(2)}, metadata={"about": about}))


@pytest.mark.parametrize("size", [0, 7, 8, 20, 100])
def test_a_torn_answer_is_none(size: int) -> None:
    whole = analyses.encoded(ANSWER)
    assert analyses.decoded(whole).about == {}
    with pytest.raises(ValueError, match="damaged"):
        analyses.decoded(whole[:size])
