"""All that an analyst can be asked, and how a question crosses to another process."""

from __future__ import annotations

import msgspec

from labbench.decoding import decoded_by
from labbench.interpret.attribution.answer import AskEvidence
from labbench.interpret.channels.answer import AskDead
from labbench.interpret.confusion_pair.answer import AskPair
from labbench.interpret.embedding.answer import AskEmbedding
from labbench.interpret.feature_maps.answer import AskMaps
from labbench.interpret.features.answer import AskFeatures
from labbench.interpret.maximise.answer import AskMaximise
from labbench.interpret.predict.answer import AskPredict
from labbench.interpret.probes.answer import AskProbe

AnyAsk = (
    AskDead
    | AskEmbedding
    | AskEvidence
    | AskFeatures
    | AskMaps
    | AskMaximise
    | AskPair
    | AskPredict
    | AskProbe
)

_decoder: msgspec.json.Decoder[AnyAsk] = msgspec.json.Decoder(AnyAsk)


def encode(ask: AnyAsk) -> bytes:
    """The question as JSON on one line."""
    return msgspec.json.encode(ask)


def decode(line: bytes) -> AnyAsk:
    """The question of a line.

    Raises:
        msgspec.MsgspecError: it is none.
    """
    return decoded_by(_decoder, line)
