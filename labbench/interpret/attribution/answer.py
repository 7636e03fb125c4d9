"""Evidence: which moments of a clip speak for a class, by four methods.

M values along time at a rate of their own, T samples of the clip, K classes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labbench.architecture import Dense, Plan
from labbench.architecture.stages import stage
from labbench.errors import RunError, nearest
from labbench.interpret.attribution.options import (
    METHODS,
    STRIDE_MS,
    WINDOW_MS,
    AttributionOptions,
    Method,
)
from labbench.interpret.clip import ClipRef, chosen
from labbench.interpret.question import Answer, Ask, Question, Rate, Start
from labbench.runs import RunFolder
from labbench.runs.predictions import softmax
from labbench.units import CLIP_SAMPLES, SAMPLE_RATE_HZ

NAMES: dict[Method, str] = {
    "grad-cam": "Grad-CAM", "cam": "class activation map", "ig": "integrated gradients",
    "occlusion": "occlusion",
}  # fmt: skip

EXPLAINED: dict[Method, str] = {
    "grad-cam": "the layer's channels, each weighted by the mean gradient of the logit over time,"
    " summed; below 0 cut off (ReLU, as in the paper)",
    "cam": "what the last layer adds to the logit at each time, exactly",
    "ig": "gradients of the logit on the straight way from silence to the clip, times the sample",
    "occlusion": "how much the logit falls when a window of the clip is silenced",
}
"""What the values are."""

ADDITIVE: tuple[Method, ...] = ("cam", "ig")
"""Their values add up to the logit, or to its difference from silence's."""


def evidence_question(
    run: RunFolder, clip: ClipRef, method: Method = "grad-cam", *, word: str = "", layer: str = "",
    window_ms: float = WINDOW_MS, stride_ms: float = STRIDE_MS,
) -> EvidenceQuestion:  # fmt: skip
    """The question about a clip.

    Args:
        word: the class; empty: the one that the net takes the clip for.
        layer: of Grad-CAM, a convolution's name or number; empty: the last.
        window_ms: of occlusion, what is silenced at a time.
        stride_ms: of occlusion, from one window to the next.

    Raises:
        RunError: there is no such class or layer, the windows do not fit, or the net's head has no
            class activation map.
    """
    preset = run.preset()
    plan = preset.plan
    if word and word not in preset.data.words:
        raise RunError(
            f"knows no class {word!r}.", where=run.id,
            hint=nearest(word, preset.data.words) or f"It has: {', '.join(preset.data.words)}.",
        )  # fmt: skip
    if method == "cam" and (why := why_no_cam(plan)):
        raise RunError(why, where=run.id, hint="Use another method: grad-cam works at any layer.")
    if method == "grad-cam":
        return EvidenceQuestion(clip=clip, word=word, method=method, layer=stage(plan, layer).name)
    if method != "occlusion":
        return EvidenceQuestion(clip=clip, word=word, method=method)
    seconds = CLIP_SAMPLES / SAMPLE_RATE_HZ
    if not (1000 / SAMPLE_RATE_HZ <= stride_ms <= window_ms <= 1000 * seconds):
        raise RunError(
            f"windows of {window_ms:g} ms every {stride_ms:g} ms do not cover the clip.",
            where="occlusion", hint=f"Windows of up to {1000 * seconds:g} ms, no gap between them.",
        )  # fmt: skip
    return EvidenceQuestion(clip=clip, word=word, method=method, window_ms=float(window_ms),
                       stride_ms=float(stride_ms))  # fmt: skip


def why_no_cam(plan: Plan) -> str:
    """Why a net has no class activation map; empty where it has one."""
    hidden = sum(isinstance(layer, Dense) for layer in plan) - 1
    if not hidden:
        return ""
    return (
        f"has no class activation map: {hidden} hidden dense layer{'s' if hidden > 1 else ''} stand"
        " between its features and its classes, so that no moment adds to a logit by itself."
    )


@dataclass(frozen=True, slots=True)
class Evidence(Answer):
    """What speaks for a class in a clip, moment by moment."""

    clip: ClipRef
    method: Method
    word: str
    """The class."""
    layer: str
    """Of Grad-CAM; empty for the others."""
    samples_T: NDArray[np.float32]
    values_M: NDArray[np.float64]
    """For the class above 0, against it below."""
    rate_hz: Rate
    start_s: Start
    """Where in the clip the middle of what the first value sees lies."""
    words: tuple[str, ...]
    logits_K: NDArray[np.float32]
    baseline: float | None
    """The class' logit for silence (all samples 0), of integrated gradients and occlusion."""
    offset: float
    """What the class' logit has of its own, without any moment: the bias of the head in a class
    activation map."""
    steps: int
    """On the way from silence, of integrated gradients."""
    window_ms: float
    stride_ms: float

    def check(self) -> None:
        if self.word not in self.words:
            raise ValueError(f"{self.word!r} is no class")

    @property
    def name(self) -> str:
        """`Grad-CAM at conv8`."""
        return f"{NAMES[self.method]}{f' at {self.layer}' if self.layer else ''}"

    @property
    def score(self) -> float:
        """The class' logit: what goes into the softmax."""
        return float(self.logits_K[self.words.index(self.word)])

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """(K,) softmax of the logits."""
        return softmax(self.logits_K)

    @property
    def total(self) -> float | None:
        """All values together, of the methods whose values add up."""
        return float(self.values_M.sum()) if self.method in ADDITIVE else None

    @property
    def due(self) -> float | None:
        """What they should add up to: the logit less its own part, or less that of silence."""
        if self.method == "cam":
            return self.score - self.offset
        if self.method == "ig" and self.baseline is not None:
            return self.score - self.baseline
        return None

    @property
    def times_s(self) -> NDArray[np.float64]:
        """(M,) the middle of each value's moment."""
        found: NDArray[np.float64] = self.start_s + np.arange(len(self.values_M)) / self.rate_hz
        return found

    def place_at(self, time_s: float) -> int:
        """The value nearest to a time."""
        place = round((time_s - self.start_s) * self.rate_hz)
        return min(max(place, 0), len(self.values_M) - 1)

    def over(self, columns: int) -> NDArray[np.float64]:
        """The values over so many equal parts of the clip.

        Values that fall on one part are added up where they add up, else averaged; a part without
        one has the nearest.
        """
        seconds = len(self.samples_T) / SAMPLE_RATE_HZ
        middles_s = (np.arange(columns) + 0.5) / columns * seconds
        places = np.rint((middles_s - self.start_s) * self.rate_hz).astype(int)
        near: NDArray[np.float64] = self.values_M[places.clip(0, len(self.values_M) - 1)]
        if len(self.values_M) < columns:
            return near
        column_of = (self.times_s / seconds * columns).astype(int).clip(0, columns - 1)
        sums = np.bincount(column_of, self.values_M, columns).astype(np.float64)
        counts = np.bincount(column_of, minlength=columns)
        shown = sums if self.method in ADDITIVE else sums / np.maximum(counts, 1)
        return np.where(counts > 0, shown, near)


class EvidenceQuestion(Question[Evidence], frozen=True, kw_only=True, tag="evidence"):
    """What speaks for a class in a clip. What a method has no use for is left at its default."""

    clip: ClipRef
    word: str = ""
    """The class; empty: the one that the net takes the clip for."""
    method: Method = "grad-cam"
    layer: str = ""
    """Of Grad-CAM: a convolution, after its activation."""
    window_ms: float = 0.0
    stride_ms: float = 0.0
    """Of occlusion."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """What one or several methods find of one clip and class, and why others find nothing."""

    found: tuple[Evidence, ...]
    """At least one."""
    cannot: tuple[str, ...] = ()


def find(
    run: RunFolder, options: AttributionOptions, ask: Ask, clip: ClipRef | None = None
) -> Attribution:
    """What the options ask for.

    Args:
        clip: in the place of the one that they name.

    Raises:
        LabbenchError: there is no such clip, class or layer, or no checkpoint yet; or the method is
            the class activation map, and the net's head allows none.
    """
    clip = clip or chosen(run, options.clip)
    found, cannot = [], []
    for method in METHODS if options.method == "all" else (options.method,):
        try:
            question = evidence_question(
                run, clip, method, word=options.word, layer=options.layer,
                window_ms=options.window_ms, stride_ms=options.stride_ms,
            )  # fmt: skip
        except RunError as error:
            if options.method != "all" or method != "cam":
                raise
            cannot.append(error.what)
        else:
            found.append(ask(question))
    return Attribution(tuple(found), tuple(cannot))
