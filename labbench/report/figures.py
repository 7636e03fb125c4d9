"""The report's figures, as SVG that takes its ink from the page: readable in light and dark.

K classes, F frequencies, T samples.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from labbench.audio.stft import spectrogram
from labbench.evaluation import Report
from labbench.interpret.filters.answer import FilterBank
from labbench.report.gather import RunSummary, Sound
from labbench.text import shown
from labbench.units import CLIP_SAMPLES, SAMPLE_RATE_HZ

INK = "#010203"
"""Drawn in this colour, which is nobody else's, and then written as the page's own ink."""

LINES = ("#3b82c4", "#d97706", "#16a34a", "#b45bcf", "#dc2626", "#0d9488", "#7c6f64", "#c2410c")
"""Colours that stand out on white and on near-black alike."""

MOST_CURVES = len(LINES)
RANGE_DB = 70.0

STYLE: dict[Any, Any] = {
    "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9, "text.color": INK,
    "axes.edgecolor": INK, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK,
    "axes.facecolor": "none", "figure.facecolor": "none", "savefig.facecolor": "none",
    "axes.spines.top": False, "axes.spines.right": False, "axes.linewidth": 0.6,
    "axes.grid": True, "grid.color": INK, "grid.alpha": 0.15, "grid.linewidth": 0.5,
    "legend.frameon": False, "lines.linewidth": 1.4, "axes.titlesize": 9,
    "image.interpolation": "nearest", "text.parse_math": False,
}  # fmt: skip


@contextmanager
def _drawn(
    name: str, rows: int = 1, columns: int = 1, **size: Any
) -> Iterator[tuple[Any, Any, list[str]]]:
    """A figure, its axes and the list that its SVG is put into."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({**STYLE, "svg.hashsalt": name}):
        figure = Figure(layout="constrained", **size)
        axes = figure.subplots(rows, columns, squeeze=False)
        out: list[str] = []
        yield figure, axes, out
        target = io.StringIO()
        figure.savefig(target, format="svg", metadata={"Date": None})
        out.append(_svg(target.getvalue(), name))


def _svg(text: str, name: str) -> str:
    """The <svg> alone, with the page's ink and names of its own for what it refers to."""
    text = text[text.index("<svg") :].replace(INK, "currentColor")
    # The page is one document: ids of two figures must differ.
    text = re.sub(r'id="([^"]+)"', rf'id="{name}-\1"', text)
    text = re.sub(r'href="#([^"]+)"', rf'href="#{name}-\1"', text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", text)
    return text.strip()


def accuracies(runs: Sequence[RunSummary]) -> str:
    """Validation accuracy by epoch of the best runs."""
    drawn = [one for one in runs if one.history.epochs][:MOST_CURVES]
    with _drawn("accuracies", figsize=(7.2, 3.4)) as (_, axes, out):
        axis = axes[0, 0]
        for one, colour in zip(drawn, LINES, strict=False):
            epochs = one.history.epochs
            axis.plot(
                [epoch.epoch for epoch in epochs], [epoch.val_accuracy for epoch in epochs],
                color=colour, label=shown(one.run.id), marker="o" if len(epochs) < 3 else None,
            )  # fmt: skip
        axis.set(xlabel="epoch", ylabel="validation accuracy", ylim=(None, 1.0))
        axis.legend(loc="lower right", fontsize=8)
    return out[0]


def course(one: RunSummary) -> str:
    """Loss and accuracy of one run by epoch, training and validation."""
    epochs = one.history.epochs
    with _drawn("course", columns=2, figsize=(7.2, 2.8)) as (_, axes, out):
        for axis, what in zip(axes[0], ("loss", "accuracy"), strict=True):
            for side, colour in (("train", LINES[0]), ("val", LINES[1])):
                values = [getattr(epoch, f"{side}_{what}") for epoch in epochs]
                label = "training" if side == "train" else "validation"
                axis.plot([epoch.epoch for epoch in epochs], values, color=colour, label=label)
            if best := one.history.best:
                axis.axvline(best.epoch, color=INK, alpha=0.4, linewidth=0.8, linestyle=":")
            axis.set(xlabel="epoch", ylabel=what)
        axes[0, 0].legend(fontsize=8)
    return out[0]


def confusion(report: Report) -> str:
    """The confusion matrix, coloured by share of the actual word's clips, with the counts."""
    matrix_KK, words = report.matrix, [shown(word) for word in report.words]
    shares_KK = matrix_KK / np.maximum(report.support, 1)[:, None]
    side = max(3.2, 0.38 * len(words) + 1.2)
    with _drawn("confusion", figsize=(side, side)) as (_, axes, out):
        axis = axes[0, 0]
        axis.grid(visible=False)
        axis.imshow(shares_KK, cmap="viridis", vmin=0, vmax=1, aspect="equal")
        for (row, column), count in np.ndenumerate(matrix_KK):
            if count:
                pale = shares_KK[row, column] < 0.55
                axis.text(column, row, str(count), ha="center", va="center", fontsize=7,
                          color="#ffffff" if pale else "#000000")  # fmt: skip
        axis.set_xticks(range(len(words)), words, rotation=60, ha="right")
        axis.set_yticks(range(len(words)), words)
        axis.set(xlabel="predicted", ylabel="actual")
    return out[0]


def filters(bank: FilterBank) -> str:
    """The layer's magnitude responses, one row a filter by rising centre, and its kernels."""
    found = bank.responses()
    order = found.order("centre")
    levels = found.levels_db[order] - float(found.levels_db.max())
    with _drawn("filters", columns=2, figsize=(7.2, 3.4)) as (figure, axes, out):
        left, right = axes[0]
        for axis in (left, right):
            axis.grid(visible=False)
        image = left.imshow(
            np.maximum(levels, -40), cmap="viridis", aspect="auto", origin="lower",
            extent=(0, found.frequencies_hz[-1] / 1000, 0, bank.channels), vmin=-40, vmax=0,
        )  # fmt: skip
        left.set(xlabel="frequency, kHz", ylabel="filter, by centre", title="response, dB")
        figure.colorbar(image, ax=left)
        kernels = np.stack([bank.kernel(int(channel)) for channel in order])
        most = float(np.abs(kernels).max()) or 1.0
        image = right.imshow(
            kernels, cmap="RdBu_r", aspect="auto", origin="lower", vmin=-most, vmax=most,
            extent=(0, bank.taps, 0, bank.channels),
        )  # fmt: skip
        right.set(xlabel="tap", title="weights")
        for axis in (left, right):
            axis.yaxis.get_major_locator().set_params(integer=True)
        figure.colorbar(image, ax=right)
    return out[0]


def spectrograms(sounds: Sequence[Sound]) -> str:
    """Some clips as spectrograms, right ones above, wrong ones below."""
    columns = max(1, (len(sounds) + 1) // 2)
    rows = -(-len(sounds) // columns)
    with _drawn("sounds", rows, columns, figsize=(7.2, 2.2 * rows)) as (_, axes, out):
        for axis in axes.flat[len(sounds) :]:
            axis.set_visible(False)
        for axis, one in zip(axes.flat, sounds, strict=False):
            axis.grid(visible=False)
            levels = spectrogram(one.samples_T).decibels(RANGE_DB)
            axis.imshow(
                levels[:, ::2], cmap="magma", aspect="auto", origin="lower",
                extent=(0, CLIP_SAMPLES / SAMPLE_RATE_HZ, 0, SAMPLE_RATE_HZ / 2000),
            )  # fmt: skip
            right = one.actual == one.predicted
            title = one.actual if right else f"{one.actual} → {one.predicted}"
            axis.set_title(shown(f"{title}  {one.probability:.0%}"))
        for axis in axes[:, 0]:
            axis.set_ylabel("kHz")
        for axis in axes[-1]:
            axis.set_xlabel("s")
    return out[0]
