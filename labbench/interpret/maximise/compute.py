"""Activation maximisation: gradient ascent on the sound itself.

The sound is one second, kept as its spectrum, from noise: a step changes whole frequencies. As a
class score its logit is taken (K. Simonyan et al., "Deep inside convolutional networks", 2014);
as that of a channel the mean over time of what goes into its activation where it is above 0 (of
ReLU: its mean output, as lucent takes it). Jitter as in A. Mordvintsev et al., "Inceptionism"
(2015).

S seeds, B batch, C channels, T time samples, F frequency bins, K classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from labbench.audio.progress import Progress
from labbench.evaluation.sounds import clips_of
from labbench.interpret.clip import place_of
from labbench.interpret.context import Context, before_activation
from labbench.interpret.features.answer import drawn
from labbench.interpret.maximise.answer import Maximised, MaximiseQuestion, checked, target_named
from labbench.units import CLIP_SAMPLES, FULL_SCALE, SAMPLE_RATE_HZ

BATCH = 32

REAL_CLIPS = 500
"""Test clips that are heard to find the best real one."""

LOUDEST = 1 - 2**-15
"""The greatest amplitude: what 16 bits can hold."""

LOWEST_HZ = 50.0
"""Below there is no speech, and what is constant would please many channels."""

START_RMS = 0.01
"""Of the noise it starts from."""

USUAL_RMS = 0.1
"""Power of a loud real clip: the unit of the power's weight."""

RATE = 0.02
"""Learning rate of the first step, of bins whose root mean square is that of the sound; it falls
to 0 along a half cosine."""


@dataclass(frozen=True)
class Goal:
    """What is to be made great."""

    context: Context
    layer: str
    """The last layer that is needed."""
    place: int
    """Of the class, or the channel."""

    @property
    def is_word(self) -> bool:
        """Whether it is a class."""
        return self.layer == self.context.plan.layers[-1].name

    def given(self, clips_BT: Tensor) -> Tensor:
        """(B,) logits, or (B, T) of what goes into the channel's activation."""
        x = clips_BT.unsqueeze(1)
        for name, layer in self.context.net.named_children():
            x = layer(x)
            if name == self.layer:
                break
        return x[:, self.place]

    def score(self, given: Tensor) -> Tensor:
        """(B,) what is told."""
        return given if self.is_word else given.relu().mean(dim=1)

    def climbed(self, given: Tensor) -> Tensor:
        """(B,) what is climbed: the score; of a silent channel its greatest value."""
        score_B = self.score(given)
        return score_B if self.is_word else torch.where(score_B > 0, score_B, given.amax(dim=1))


def goal_of(context: Context, target: str) -> Goal:
    """The goal of a target's name.

    Raises:
        RunError: there is none of that name.
    """
    name = target_named(context.plan, context.words, target)
    if name in context.words:
        return Goal(context, context.plan.layers[-1].name, place_of(context.words, name))
    layer, _, channel = name.partition(":")
    return Goal(context, before_activation(context.stage(layer)), int(channel))


def compute(context: Context, question: MaximiseQuestion, report: Progress) -> Maximised:
    """Sounds that a target answers to most strongly, and the best real clip beside them.

    Raises:
        LabbenchError: there is no such target, or the clips are gone.
    """
    checked(question)
    goal = goal_of(context, question.target)
    real, about = _best_real(goal, report)
    samples_ST, scores_SN = climb(goal, question, abs(about["real_score"]), report)
    with torch.inference_mode():
        reached_S = goal.score(goal.given(samples_ST))
        logits_SK = context.net(samples_ST)
    return Maximised(
        target=question.target, samples_ST=samples_ST.numpy(), scores_SN=scores_SN,
        reached_S=reached_S.numpy(), logits_SK=logits_SK.numpy(), real_T=real,
        words=context.words, **about,
    )  # fmt: skip


def _best_real(goal: Goal, report: Progress) -> tuple[NDArray[np.float32], dict[str, Any]]:
    """The test clip with the highest score, and what is told of it."""
    clips = clips_of(goal.context.run)
    selected = clips.select(goal.context.words, "test")
    rows = selected.rows[drawn(selected.labels, REAL_CLIPS)]
    scores: list[Tensor] = []
    for start in range(0, len(rows), BATCH):
        report(start, len(rows), "the best real clip")
        samples = np.asarray(clips.clips[rows[start : start + BATCH]], np.float32)
        with torch.inference_mode():
            clips_BT = torch.from_numpy(samples).div_(FULL_SCALE)
            scores.append(goal.score(goal.given(clips_BT)))
    scores_N = torch.cat(scores)
    best = int(scores_N.argmax())
    row = rows[best]
    return (np.asarray(clips.clips[row], np.float32) / np.float32(FULL_SCALE)), {
        "real_score": float(scores_N[best]), "real_name": clips.names[row].decode(),
        "real_clips": len(rows), "total": len(selected.rows),
    }  # fmt: skip


def climb(
    goal: Goal, question: MaximiseQuestion, unit: float, report: Progress
) -> tuple[Tensor, NDArray[np.float32]]:
    """(S, T) sounds, the highest of each seed's way, and (S, N) scores on the way.

    Args:
        unit: the score of a good real clip: penalties are weighed against it.
    """
    generators = [torch.Generator().manual_seed(seed) for seed in range(question.seeds)]
    bins = torch.fft.rfftfreq(CLIP_SAMPLES, 1 / SAMPLE_RATE_HZ) >= LOWEST_HZ
    noise = [torch.randn(2, int(bins.sum()), generator=one) for one in generators]
    free_S2F = (torch.stack(noise) * START_RMS / 2**0.5).requires_grad_(True)
    jitter = round(question.jitter_ms * SAMPLE_RATE_HZ / 1000)
    optimizer = torch.optim.Adam([free_S2F], lr=RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, question.steps)
    unit = max(unit, 1e-6)
    scores: list[NDArray[np.float32]] = []
    best_ST = torch.zeros(question.seeds, CLIP_SAMPLES)
    height_S = torch.full((question.seeds,), -torch.inf)
    for step in range(question.steps):
        spectrum_SF = _spectrum(free_S2F, bins)
        samples_ST = _sound(spectrum_SF)
        given = goal.given(_jittered(samples_ST, jitter, generators))
        objective_S = goal.climbed(given) / unit - _penalty(question, samples_ST, spectrum_SF)
        optimizer.zero_grad()
        (-objective_S.sum()).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        higher_S = objective_S.detach() > height_S
        height_S[higher_S] = objective_S.detach()[higher_S]
        best_ST[higher_S] = samples_ST.detach()[higher_S]
        score_S = goal.score(given.detach())
        scores.append(score_S.numpy())
        highest = float(score_S.max())
        report(step + 1, question.steps, f"climbing to {question.target}, score {highest:.4g}")
    return best_ST, np.stack(scores, axis=1)


def _penalty(question: MaximiseQuestion, samples_ST: Tensor, spectrum_SF: Tensor) -> Tensor:
    """(S,) of loudness, and of a spectrum that is not smooth."""
    loud_S = (samples_ST / USUAL_RMS).square().mean(dim=1)
    return question.l2 * loud_S + question.smoothness * _roughness(spectrum_SF)


def _spectrum(free_S2F: Tensor, bins: Tensor) -> Tensor:
    """(S, F) complex, nothing in the bins that are not free."""
    spectrum_SF = torch.zeros(len(free_S2F), len(bins), dtype=torch.complex64)
    spectrum_SF[:, bins] = torch.complex(free_S2F[:, 0], free_S2F[:, 1])
    return spectrum_SF


def _sound(spectrum_SF: Tensor) -> Tensor:
    """(S, T) amplitudes within [-1, 1): what is too loud is turned down as a whole."""
    wave_ST: Tensor = torch.fft.irfft(spectrum_SF, CLIP_SAMPLES, norm="ortho")
    peak_S1 = wave_ST.abs().amax(dim=1, keepdim=True)
    return wave_ST * (LOUDEST / peak_S1.clamp(min=LOUDEST))


def _jittered(samples_ST: Tensor, most: int, generators: list[torch.Generator]) -> Tensor:
    """Each sound moved by up to so many samples, its end coming round."""
    if not most:
        return samples_ST
    moves = [int(torch.randint(-most, most + 1, (1,), generator=one)) for one in generators]
    return torch.stack([one.roll(by) for one, by in zip(samples_ST, moves, strict=True)])


def _roughness(spectrum_SF: Tensor) -> Tensor:
    """(S,) how much the magnitude changes from bin to bin, whatever its scale: from 0 (the same
    everywhere) to 2 (a single bin)."""
    magnitude_SF = (spectrum_SF.real.square() + spectrum_SF.imag.square() + 1e-12).sqrt()
    steps_S = magnitude_SF.diff(dim=1).square().sum(dim=1)
    return steps_S / magnitude_SF.square().sum(dim=1)
