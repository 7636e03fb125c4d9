"""What is said of channels, on figures worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from labbench.interpret.channels.answer import DeadQuestion, Layer, dead_question, listened
from tests import tiny
from tests.opened import opened


def layer(strength: list[list[float]], awake: list[list[int]], **more: object) -> Layer:
    """A layer of relu with 10 clips of each label, unless told otherwise."""
    strength_CK, awake_CK = np.array(strength, float), np.array(awake)
    shape = strength_CK.shape
    words = tuple("abcdef"[: shape[1]])
    figures: dict[str, object] = {
        "name": "conv1", "activation": "relu", "words": words,
        "clips_K": np.full(shape[1], 10), "awake_CK": awake_CK, "mean_CK": strength_CK,
        "strength_CK": strength_CK, "peak_CK": 2 * strength_CK, "low_CK": np.zeros(shape),
        "above_CK": awake_CK / 10, "limits_CK": np.zeros(shape), **more,
    }  # fmt: skip
    return Layer(**figures)  # type: ignore[arg-type]


def test_selectivity_by_hand() -> None:
    found = layer([[1, 1, 1], [3, 1, 1], [0, 5, 0], [0, 0, 0]], [[10, 10, 10]] * 4)
    assert found.selectivity.tolist() == [0, 0.5, 1, 0]
    channels = found.described()
    assert [channel.label for channel in channels] == ["", "a", "b", ""]
    assert [channel.times for channel in channels] == [1, 3, np.inf, 1]
    assert [channel.state for channel in channels] == ["alive", "selective", "selective", "alive"]


def test_states() -> None:
    found = layer(
        [[0, 0, 0], [1, 1, 0], [1, 1, 1], [1, 1, 1]],
        [[0, 0, 0], [10, 1, 0], [10, 10, 10], [10, 10, 10]],
        limits_CK=np.array([[0, 0, 0], [0, 0, 0], [0.5, 0.5, 0.5], [0.9, 0.6, 0.3]]),
    )
    channels = found.described()
    assert [one.state for one in channels] == ["dead", "partly dead", "alive", "saturated"]
    assert channels[0].silent_for == ("a", "b", "c")
    assert channels[1].silent_for == ("c",)
    np.testing.assert_allclose(found.awake_share, [0, 11 / 30, 1, 1])
    np.testing.assert_allclose(channels[3].limits, 0.6)


def test_labels_weigh_by_their_clips() -> None:
    clips = np.array([30, 10, 0])
    strength = [[1.0, 5.0, np.nan]]
    found = layer(strength, [[30, 0, 0]], clips_K=clips)
    assert found.described()[0].mean == pytest.approx(2)
    assert found.awake_share.tolist() == [0.75]
    assert found.share_by_label[0, :2].tolist() == [1, 0]
    assert found.described()[0].silent_for == ("b",)


def test_one_label_is_not_selective() -> None:
    assert layer([[4.0]], [[10]]).selectivity.tolist() == [0]


def test_a_part_of_the_clips_has_the_same_share_of_each_label() -> None:
    clips = tiny.make_clips()
    ask = DeadQuestion(most=6, digest="")
    chosen = listened(clips, tiny.WORDS, ask)
    assert np.bincount(chosen.labels).tolist() == [2, 2, 2]
    assert (np.diff(chosen.rows) > 0).all()
    assert len(set(chosen.rows.tolist())) == 6
    whole = clips.select(tiny.WORDS, "test")
    for most in (0, 15, 99):
        assert listened(clips, tiny.WORDS, DeadQuestion(most=most, digest="")).rows.tolist() == (
            whole.rows.tolist()
        )


def test_another_data_set_is_another_question() -> None:
    run = opened({"convs": 1, "channels": 2})
    ask = dead_question(run)
    assert ask.digest == tiny.make_clips().meta.fingerprint
    assert ask.split == "test"


@pytest.mark.filterwarnings("error")
def test_a_net_of_weights_that_are_no_numbers_is_described_without_a_word_on_stderr() -> None:
    channels = layer([[np.nan, np.nan], [1.0, 1.0]], [[0, 0], [10, 10]]).described()
    assert [one.state for one in channels] == ["dead", "alive"]
