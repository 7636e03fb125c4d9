"""What can be asked of a run's net from Python: the methods that `labbench.api.Run` has of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from labbench.arguments import checked
from labbench.audio.progress import Progress, silent
from labbench.errors import LabbenchError
from labbench.interpret.analyses import find
from labbench.interpret.attribution.options import AttributionOptions
from labbench.interpret.channels.options import DeadOptions
from labbench.interpret.confusion_pair.options import PairOptions
from labbench.interpret.embedding.options import EmbeddingOptions
from labbench.interpret.feature_maps.options import MapsOptions
from labbench.interpret.filters.options import FiltersOptions
from labbench.interpret.maximise.options import MaximiseOptions
from labbench.interpret.options import Options
from labbench.interpret.probes.options import ProbesOptions
from labbench.interpret.weights.options import WeightsOptions
from labbench.runs import RunFolder

if TYPE_CHECKING:
    from labbench.audio.meta import SplitName
    from labbench.interpret.attribution.answer import Attribution, Evidence
    from labbench.interpret.attribution.options import Method
    from labbench.interpret.channels.answer import Dead
    from labbench.interpret.confusion_pair.answer import Confused, Means, Pair
    from labbench.interpret.embedding.answer import Embedding
    from labbench.interpret.embedding.options import Layout
    from labbench.interpret.feature_maps.answer import Maps
    from labbench.interpret.features.answer import Features
    from labbench.interpret.filters.answer import FilterBank, RunFilters
    from labbench.interpret.maximise.answer import Climbed, Maximised
    from labbench.interpret.predict.answer import Predicted
    from labbench.interpret.probes.answer import Probe
    from labbench.interpret.question import A, Question
    from labbench.interpret.weights.answer import Weights

Opts = TypeVar("Opts", bound=Options)


@dataclass(frozen=True, slots=True)
class Inside:
    """A run whose net is looked into. Answers are kept in the run folder."""

    folder: RunFolder

    @checked
    def predict(self, *sounds: str | Path | int, stride_ms: int = 250) -> list[Predicted]:
        """What the best net takes sounds for; long ones by a sliding window of one second.

        Args:
            sounds: files of any rate and length, folders of them, or clips of the run's data set
                (a name, a row, or a word: its first test clip).
            stride_ms: from one window to the next.

        Raises:
            LabbenchError: one cannot be read, or there is no checkpoint yet.
        """
        from labbench.interpret.predict.answer import PredictQuestion, meant

        heard = [one for text in sounds for one in meant(self.folder, str(text))]
        found = []
        for one in heard:
            if isinstance(one, LabbenchError):
                raise one
            ask = PredictQuestion(clip=one, stride_ms=stride_ms)
            found.append(self._ask(ask))
        return found

    @checked
    def evidence(
        self, clip: str | Path | int, word: str = "", method: Method = "grad-cam", *,
        layer: str = "", window_ms: float = 50.0, stride_ms: float = 12.5,
        report: Progress = silent,
    ) -> Evidence:  # fmt: skip
        """Which moments of a clip speak for a class.

        Args:
            clip: a sound file, or a clip of the run's data set by name, row or word.
            word: the class; empty: the one that the net takes the clip for.
            method: 'grad-cam', 'cam', 'ig' (integrated gradients) or 'occlusion'.
            layer: of Grad-CAM, a convolution's name or number; empty: the last.
            window_ms, stride_ms: of occlusion.
            report: told of progress.

        Raises:
            LabbenchError: there is no such clip, class or layer, no checkpoint yet, or the head
                allows no class activation map.
        """
        attribution: Attribution = self._find(
            AttributionOptions, report, clip=str(clip), word=word, method=method, layer=layer,
            window_ms=window_ms, stride_ms=stride_ms,
        )  # fmt: skip
        return attribution.found[0]

    @checked
    def dead_channels(
        self, split: SplitName = "test", most: int = 0, *, report: Progress = silent
    ) -> Dead:
        """Which clips of a split wake which channels of each convolution, label by label.

        Args:
            most: listen to so many clips, the same share of each label; 0: to all.
            report: told of progress.

        Raises:
            LabbenchError: the run has no checkpoint yet, or its clips are gone.
        """
        dead: Dead = self._find(DeadOptions, report, split=split, limit=most)
        return dead

    @checked
    def feature_maps(self, clip: str | Path | int, layer: str) -> Maps:
        """What every channel of a convolution gives for a clip, before and after its activation.

        Args:
            clip: a sound file, or a clip of the run's data set (a name, a row, or a word).
            layer: a convolution's name or number; empty: the last.

        Raises:
            LabbenchError: there is no such clip or layer, or no checkpoint yet.
        """
        maps: Maps = self._find(MapsOptions, clip=str(clip), layer=layer)
        return maps

    @checked
    def confused(
        self, first: str, second: str, split: str = "test", *, layer: str = "", most: int = 24,
        report: Progress = silent,
    ) -> tuple[Pair, Means]:  # fmt: skip
        """The clips of two words that are taken for each other, and what they have in common.

        Args:
            layer: of Grad-CAM, `conv8`; empty: the last.
            most: clips of each cell that are averaged.
            report: told of progress.

        Raises:
            LabbenchError: there is no such word or layer, no results yet, or the clips are gone.
        """
        found: Confused = self._find(
            PairOptions, report, pair=(first, second), split=split, layer=layer, limit=most
        )
        return found.pair, found.means

    @checked
    def weights(self, *, report: Progress = silent) -> Weights:
        """How large the weights of each layer are, and how far training moved them.

        Those at the start are made anew from the preset and its seed.

        Raises:
            LabbenchError: there is no checkpoint yet, or its weights are not finite.
        """
        weights: Weights = self._find(WeightsOptions, report)
        return weights

    @checked
    def filters(self, layer: str = "conv1", *, folded: bool = False) -> FilterBank:
        """The filters of a convolution ('conv1', 'conv2', ...) of the best net, without torch.

        `kernels_OIK` (O output channels, I input channels, K taps) as torch holds them, `rate_hz`
        their sample rate, and `responses()` magnitude responses with each filter's centre frequency
        and bandwidth in Hz and its gain in dB.

        Args:
            folded: with the batch norm behind the layer folded in.

        Raises:
            RunError: there is no checkpoint or no such layer.
            ValueError: `folded`, and there is no batch norm.
        """
        found: tuple[RunFilters, ...] = self._find(FiltersOptions, layer=layer)
        return found[0].bank.fold() if folded else found[0].bank

    @checked
    def features(
        self,
        layer: str = "flatten",
        pool: str = "",
        *,
        split: SplitName = "test",
        limit: int | None = None,
        report: Progress = silent,
    ) -> Features:
        """What the net turns the clips of a split into: numbers for other classifiers.

        Args:
            layer: `flatten` (what goes into the first dense layer), or a convolution's name.
            pool: of a convolution over time: mean (where none is named) or max.
            limit: at most so many clips, each class by its share; 0: as many as memory allows.
            report: told of progress.

        Raises:
            LabbenchError: there is no such layer, no checkpoint yet, or the clips are gone.
        """
        from labbench.interpret.features.answer import features_question
        from labbench.interpret.features.options import LIMIT

        most = LIMIT if limit is None else limit
        ask = features_question(self.folder.preset().plan, layer, pool, split=split, limit=most)
        return self._ask(ask, report)

    @checked
    def probe(
        self,
        classifier: str,
        layer: str = "flatten",
        pool: str = "",
        *,
        limit: int | None = None,
        report: Progress = silent,
    ) -> Probe:
        """How well a classifier of scikit-learn does on a layer's features.

        Fitted on train, its setting chosen on validation, judged on test.

        Args:
            classifier: logistic, linear-svm, rbf-svm, knn, forest or lda.

        Raises:
            LabbenchError: as `features`, or there is no such classifier.
        """
        from labbench.interpret.probes.answer import classifiers_named, questions

        [name] = classifiers_named([classifier])
        options = _given(
            ProbesOptions, classifiers=name, layer=layer, pool=pool or None, limit=limit
        )
        return self._ask(questions(self.folder, options)[name], report)

    @checked
    def map_clips(
        self,
        method: Layout = "pca",
        layer: str = "flatten",
        pool: str = "",
        *,
        limit: int | None = None,
        report: Progress = silent,
    ) -> Embedding:
        """The test clips laid out in two dimensions by what a layer gives: `xy_N2`.

        Args:
            method: pca, or tsne (from principal components; fixed seed).
            layer, pool, limit: as of `features`.

        Raises:
            LabbenchError: as `features`.
        """
        laid_out: Embedding = self._find(
            EmbeddingOptions, report, method=method, layer=layer, pool=pool or None, limit=limit
        )
        return laid_out

    @checked
    def maximise(
        self,
        target: str,
        *,
        steps: int | None = None,
        seeds: int | None = None,
        report: Progress = silent,
    ) -> Maximised:
        """Sounds that a class or a channel answers to most, by gradient ascent from noise.

        Args:
            target: a word, or `layer:channel` (`conv3:17`).
            steps: of the ascent.
            seeds: so many sounds (`samples_ST`, within [-1, 1)), each from noise of its own.
            report: told of progress, with the score reached so far.

        Raises:
            LabbenchError: there is no such target, no checkpoint yet, or the clips are gone.
        """
        climbed: Climbed = self._find(
            MaximiseOptions, report, target=target, steps=steps, seeds=seeds
        )
        assert climbed.found is not None
        return climbed.found

    def _find(self, kind: type[Options], report: Progress = silent, **values: object) -> Any:
        """What the options ask for."""
        return find(self.folder, _given(kind, **values), partial(self._ask, report=report))

    def _ask(self, question: Question[A], report: Progress = silent) -> A:
        """What is kept, or what torch finds out in this process; kept then, where it can be."""
        from labbench.interpret.question import kept

        if (found := kept(self.folder, question)) is not None:
            return found
        from labbench.interpret import context

        return context.load(self.folder).ask(question, report)


def _given(kind: type[Opts], **values: object) -> Opts:
    """Options of these values; those that are None are as they are where nobody says."""
    return kind(**{name: value for name, value in values.items() if value is not None})
