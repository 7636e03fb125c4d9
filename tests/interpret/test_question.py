"""Answers as they are kept: under which names, and that they come back the same."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from labbench.interpret import context
from labbench.interpret.attribution.answer import evidence_question
from labbench.interpret.channels.answer import dead_question
from labbench.interpret.clip import named
from labbench.interpret.confusion_pair.answer import Pair, pair_question
from labbench.interpret.context import Context
from labbench.interpret.embedding.answer import EmbeddingQuestion
from labbench.interpret.feature_maps.answer import maps_question
from labbench.interpret.features.answer import features_question
from labbench.interpret.maximise.answer import MaximiseQuestion
from labbench.interpret.predict.answer import PredictQuestion
from labbench.interpret.probes.answer import ProbeQuestion
from labbench.interpret.question import Question, kept, restored, stored
from labbench.interpret.questions import QUESTIONS
from labbench.interpret.weights.answer import WeightsQuestion
from labbench.runs import analyses
from tests.opened import opened

KEPT = {
    "dead": "clips conv1.above conv1.awake conv1.limits conv1.low conv1.mean conv1.peak "
    "conv1.strength conv2.above conv2.awake conv2.limits conv2.low conv2.mean conv2.peak "
    "conv2.strength | layers of words",
    "embedding": "labels logits rows xy | components divergence explained names perplexity size "
    "total words",
    "evidence": "logits samples values | baseline offset rate_hz start_s steps word words",
    "features": "features labels logits rows | size total words",
    "maps": "after before logits samples | activation rate_hz start_s words",
    "maximise": "logits reached real samples scores | real_clips real_name real_score total words",
    "pair": "decibels evidence frequencies times | rate_hz start_s",
    "predict": "logits outline starts | channels rate_hz seconds words",
    "probe": "labels own predicted | best counts tried",
    "weights": "conv1.edges conv1.moved conv1.moved_edges conv1.now conv1.start conv2.edges "
    "conv2.moved conv2.moved_edges conv2.now conv2.start dense1.edges dense1.moved "
    "dense1.moved_edges dense1.now dense1.start | epoch layers",
}
"""What is kept of each kind, arrays first: those of old runs are to stay readable."""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LABBENCH_HOME", str(tmp_path_factory.mktemp("home")))
        yield context.load(opened({"convs": 2, "channels": 4}))


def questions(of: Context) -> dict[str, Question[Any]]:
    clip = named(of.run, "low")
    asked: list[Question[Any]] = [
        dead_question(of.run), EmbeddingQuestion(), evidence_question(of.run, clip),
        features_question(of.plan, "conv1"), maps_question(of.run, clip, "conv1"),
        MaximiseQuestion(target="low", steps=2, seeds=1),
        pair_question(of.run, Pair.of(of.run.predictions("test"), "low", "high"), "1", 1),
        WeightsQuestion(seed=0), PredictQuestion(clip=clip),
        ProbeQuestion(classifier="knn", layer="conv1", pool="mean"),
    ]  # fmt: skip
    return {type(one).__struct_config__.tag: one for one in asked}  # type: ignore[misc]


def same(one: Any, other: Any) -> None:
    if dataclasses.is_dataclass(one):
        assert type(one) is type(other)
        for field in dataclasses.fields(one):
            same(getattr(one, field.name), getattr(other, field.name))
    elif isinstance(one, np.ndarray):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
    elif isinstance(one, tuple) and one and dataclasses.is_dataclass(one[0]):
        for here, there in zip(one, other, strict=True):
            same(here, there)
    else:
        assert (one, type(one)) == (other, type(other))


@pytest.mark.parametrize("kind", KEPT)
def test_an_answer_comes_back_the_same(found: Context, kind: str) -> None:
    question = questions(found)[kind]
    answer = found.ask(question)
    as_kept = stored(question, answer)
    assert (
        " | ".join(" ".join(sorted(part)) for part in (as_kept.arrays, as_kept.about))
        == (KEPT[kind])
    )
    same(restored(question, analyses.decoded(analyses.encoded(as_kept))), answer)
    again = kept(found.run, question)
    assert again is not None
    same(again, answer)


def test_every_question_is_here() -> None:
    assert {one.__struct_config__.tag for one in QUESTIONS} == set(KEPT)


def test_a_part_of_which_an_array_is_missing_is_no_answer(found: Context) -> None:
    question = questions(found)["dead"]
    as_kept = stored(question, found.ask(question))
    del as_kept.arrays["conv2.mean"]
    with pytest.raises(LookupError):
        restored(question, as_kept)
