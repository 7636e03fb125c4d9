"""All that an analyst can be asked."""

from __future__ import annotations

import functools
import operator
from importlib import import_module
from typing import TYPE_CHECKING, Any

from labbench.interpret.analyses import ANALYSES
from labbench.interpret.features.answer import FeaturesQuestion
from labbench.interpret.question import Question


def _of(answers: str) -> tuple[type[Question[Any]], ...]:
    """The questions that a module declares."""
    return tuple(
        one for one in vars(import_module(answers)).values()
        if isinstance(one, type) and issubclass(one, Question) and one.__module__ == answers
    )  # fmt: skip


QUESTIONS: tuple[type[Question[Any]], ...] = (
    FeaturesQuestion,
    *(one for kind in ANALYSES for one in _of(kind.__module__.replace(".options", ".answer"))),
)

if TYPE_CHECKING:
    AnyQuestion = Question[Any]
else:
    AnyQuestion = functools.reduce(operator.or_, QUESTIONS)
