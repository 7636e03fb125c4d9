"""All that an analyst can be asked."""

from __future__ import annotations

import functools
import operator
from importlib import import_module
from typing import TYPE_CHECKING, Any

from labbench.interpret.analyses import ANALYSES
from labbench.interpret.confusion_pair.answer import PairQuestion
from labbench.interpret.embedding.answer import EmbeddingQuestion
from labbench.interpret.features.answer import FeaturesQuestion
from labbench.interpret.maximise.answer import MaximiseQuestion
from labbench.interpret.predict.answer import PredictQuestion
from labbench.interpret.probes.answer import ProbeQuestion
from labbench.interpret.question import Question


def _of(answers: str) -> type[Question[Any]]:
    """The question that is asked for what can be chosen of an analysis."""
    [found] = [
        one for one in vars(import_module(answers)).values()
        if isinstance(one, type) and issubclass(one, Question) and one.__module__ == answers
    ]  # fmt: skip
    return found


QUESTIONS: tuple[type[Question[Any]], ...] = (
    EmbeddingQuestion, FeaturesQuestion, MaximiseQuestion, PairQuestion, PredictQuestion,
    ProbeQuestion,
    *(_of(kind.__module__.replace(".options", ".answer")) for kind in ANALYSES),
)  # fmt: skip

if TYPE_CHECKING:
    AnyQuestion = Question[Any]
else:
    AnyQuestion = functools.reduce(operator.or_, QUESTIONS)
