"""Sounds that a class, or a channel of a layer, answers to most strongly.

S seeds, N steps, T samples, K classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labbench.architecture import Plan
from labbench.architecture.stages import layer_named
from labbench.errors import RunError, nearest
from labbench.interpret.maximise.options import MaximiseOptions
from labbench.interpret.question import Answer, Ask, Question, kept
from labbench.runs import RunFolder
from labbench.runs.predictions import softmax

USUAL = MaximiseOptions()

MOST_STEPS = 10_000
MOST_SEEDS = 32


@dataclass(frozen=True, slots=True)
class Maximised(Answer):
    """What was found from each seed, and the real clip that the target answers to most."""

    target: str
    samples_ST: NDArray[np.float32]
    """Amplitudes within [-1, 1)."""
    scores_SN: NDArray[np.float32]
    """At each step, as it was heard then."""
    reached_S: NDArray[np.float32]
    """By the sound itself."""
    logits_SK: NDArray[np.float32]
    """What the net says of it."""
    real_T: NDArray[np.float32]
    """The real clip."""
    real_score: float
    real_name: str
    real_clips: int
    """Test clips that were heard to find it."""
    total: int
    """Test clips that there are."""
    words: tuple[str, ...]

    @property
    def best(self) -> int:
        """The seed that got highest; the first of equal ones."""
        return int(self.reached_S.argmax())

    def taken_for(self, seed: int) -> tuple[str, float]:
        """The word that the net takes a sound for, and its probability."""
        shares_K = softmax(self.logits_SK[seed])
        best = int(shares_K.argmax())
        return self.words[best], float(shares_K[best])


class MaximiseQuestion(Question[Maximised], frozen=True, kw_only=True, tag="maximise"):
    """Climb from noise to a sound that a target answers to."""

    target: str
    """A word, or `layer:channel` as lucent names them: `conv3:17`. `target_named` checks it."""
    steps: int = USUAL.steps
    seeds: int = USUAL.seeds
    l2: float = USUAL.l2
    """Weight of the sound's power, in units of that of a real clip."""
    smoothness: float = USUAL.smoothness
    """Weight of how much its spectrum changes from bin to bin."""
    jitter_ms: float = USUAL.jitter_ms
    """At every step the sound is heard so much earlier or later, at most."""


@dataclass(frozen=True, slots=True)
class Climbed:
    """A target, and what was found for it."""

    target: str
    found: Maximised | None
    """None: nothing was looked for yet."""
    others: tuple[str, ...] = ()
    """Words that something is kept of, where nothing is of the target."""


def maximise_question(run: RunFolder, options: MaximiseOptions) -> MaximiseQuestion:
    """What the options ask for.

    Raises:
        LabbenchError: there is no such target, or there is nothing to be done, or too much.
    """
    preset = run.preset()
    return checked(
        MaximiseQuestion(
            target=target_named(preset.plan, preset.data.words, options.target),
            steps=options.steps, seeds=options.seeds, l2=options.l2,
            smoothness=options.smoothness, jitter_ms=options.jitter_ms,
        )
    )  # fmt: skip


def known(run: RunFolder, options: MaximiseOptions, ask: Ask) -> Climbed:
    """What is kept of what the options ask for, or the words that something is kept of; as `find`.

    Raises:
        LabbenchError: as `maximise_question`, or there is no checkpoint yet.
    """
    if (found := kept(run, maximise_question(run, options))) is not None:
        return Climbed(options.target, found)
    words = [
        word for word in run.preset().data.words
        if kept(run, maximise_question(run, options.having(target=word)))
    ]  # fmt: skip
    return Climbed(options.target, None, tuple(words))


def find(run: RunFolder, options: MaximiseOptions, ask: Ask) -> Climbed:
    """What the options ask for.

    Raises:
        LabbenchError: as `maximise_question`, no checkpoint yet, or the clips are gone.
    """
    question = maximise_question(run, options)
    return Climbed(question.target, ask(question))


def target_named(plan: Plan, words: Sequence[str], text: str) -> str:
    """The target a person means: a word, `layer:channel`, or `number:channel`.

    Raises:
        RunError: there is none of that name.
    """
    if text in words:
        return text
    layer, colon, channel = text.partition(":")
    if not colon:
        hint = nearest(text, words) or f"Name one of {', '.join(words)}, or a channel: conv1:0"
        raise RunError(f"the run knows no word {text!r}.", where="target", hint=hint)
    convs = {conv.name: conv for conv in plan.convs}
    layer = layer_named(tuple(convs), layer)
    channels = convs[layer].channels
    if not channel.isdecimal() or len(channel) > 9 or int(channel) >= channels:
        raise RunError(f"{layer} has no channel {channel!r}.", where="target",
                       hint=f"It has {channels}, from 0 to {channels - 1}.")  # fmt: skip
    return f"{layer}:{int(channel)}"


def checked(question: MaximiseQuestion) -> MaximiseQuestion:
    """The question, its numbers checked.

    Raises:
        RunError: there is nothing to be done, or too much.
    """
    for name, most in (("steps", MOST_STEPS), ("seeds", MOST_SEEDS)):
        value = getattr(question, name)
        if not 1 <= value <= most:
            raise RunError(f"{value} is not allowed.", where=name, hint=f"From 1 to {most:,}.")
    for name in ("l2", "smoothness", "jitter_ms"):
        if not 0 <= getattr(question, name) <= 1_000:
            raise RunError(f"{getattr(question, name)} is not allowed.", where=name,
                           hint="From 0 to 1,000.")  # fmt: skip
    return question
