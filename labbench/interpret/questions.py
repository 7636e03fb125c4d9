"""All that an analyst can be asked."""

from __future__ import annotations

from labbench.interpret.attribution.answer import EvidenceQuestion
from labbench.interpret.channels.answer import DeadQuestion
from labbench.interpret.confusion_pair.answer import PairQuestion
from labbench.interpret.embedding.answer import EmbeddingQuestion
from labbench.interpret.feature_maps.answer import MapsQuestion
from labbench.interpret.features.answer import FeaturesQuestion
from labbench.interpret.maximise.answer import MaximiseQuestion
from labbench.interpret.predict.answer import PredictQuestion
from labbench.interpret.probes.answer import ProbeQuestion

AnyQuestion = (
    DeadQuestion
    | EmbeddingQuestion
    | EvidenceQuestion
    | FeaturesQuestion
    | MapsQuestion
    | MaximiseQuestion
    | PairQuestion
    | PredictQuestion
    | ProbeQuestion
)
