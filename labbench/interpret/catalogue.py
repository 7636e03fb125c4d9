"""Who answers which question."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labbench.audio.progress import Progress, silent
from labbench.interpret import (
    dead,
    embedding,
    evidence,
    features,
    maps,
    maximise,
    pair,
    predict,
    probes,
)
from labbench.interpret.context import Context
from labbench.results.inside.asks import AnyAsk
from labbench.results.inside.dead import AskDead
from labbench.results.inside.embedding import AskEmbedding
from labbench.results.inside.evidence import AskEvidence
from labbench.results.inside.features import AskFeatures
from labbench.results.inside.maps import AskMaps
from labbench.results.inside.maximise import AskMaximise
from labbench.results.inside.pair import AskPair
from labbench.results.inside.predict import AskPredict
from labbench.results.inside.probes import AskProbe
from labbench.runs.analyses import Analysis

ANSWERS: dict[type[Any], Callable[[Context, Any, Progress], Analysis]] = {
    AskDead: dead.dead_channels,
    AskEmbedding: embedding.embedding,
    AskEvidence: evidence.evidence,
    AskFeatures: features.features,
    AskMaps: maps.feature_maps,
    AskMaximise: maximise.maximise,
    AskPair: pair.pair_means,
    AskPredict: predict.predict,
    AskProbe: probes.probe,
}


def compute(context: Context, ask: AnyAsk, report: Progress = silent) -> Analysis:
    """The answer to a question about a run's net.

    Raises:
        LabbenchError: it cannot be answered, and why.
    """
    return ANSWERS[type(ask)](context, ask, report)
