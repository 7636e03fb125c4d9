"""All that an analyst can be asked, and how a question crosses to another process."""

from __future__ import annotations

import msgspec

from labbench.decoding import decoded_by
from labbench.results.inside.dead import AskDead
from labbench.results.inside.embedding import AskEmbedding
from labbench.results.inside.evidence import AskEvidence
from labbench.results.inside.features import AskFeatures
from labbench.results.inside.maps import AskMaps
from labbench.results.inside.maximise import AskMaximise
from labbench.results.inside.pair import AskPair
from labbench.results.inside.predict import AskPredict
from labbench.results.inside.probes import AskProbe

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
