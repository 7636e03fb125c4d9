"""Who answers which question."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labbench.audio.progress import Progress, silent
from labbench.interpret.attribution.answer import AskEvidence
from labbench.interpret.attribution.compute import evidence
from labbench.interpret.channels.answer import AskDead
from labbench.interpret.channels.compute import dead_channels
from labbench.interpret.confusion_pair.answer import AskPair
from labbench.interpret.confusion_pair.compute import pair_means
from labbench.interpret.context import Context
from labbench.interpret.embedding.answer import AskEmbedding
from labbench.interpret.embedding.compute import embedding
from labbench.interpret.feature_maps.answer import AskMaps
from labbench.interpret.feature_maps.compute import feature_maps
from labbench.interpret.features.answer import AskFeatures
from labbench.interpret.features.compute import features
from labbench.interpret.maximise.answer import AskMaximise
from labbench.interpret.maximise.compute import maximise
from labbench.interpret.predict.answer import AskPredict
from labbench.interpret.predict.compute import predict
from labbench.interpret.probes.answer import AskProbe
from labbench.interpret.probes.compute import probe
from labbench.interpret.questions import AnyAsk
from labbench.runs.analyses import Analysis

ANSWERS: dict[type[Any], Callable[[Context, Any, Progress], Analysis]] = {
    AskDead: dead_channels,
    AskEmbedding: embedding,
    AskEvidence: evidence,
    AskFeatures: features,
    AskMaps: feature_maps,
    AskMaximise: maximise,
    AskPair: pair_means,
    AskPredict: predict,
    AskProbe: probe,
}


def compute(context: Context, ask: AnyAsk, report: Progress = silent) -> Analysis:
    """The answer to a question about a run's net.

    Raises:
        LabbenchError: it cannot be answered, and why.
    """
    return ANSWERS[type(ask)](context, ask, report)
