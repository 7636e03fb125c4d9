"""What can be chosen of the map of clips."""

from __future__ import annotations

from typing import Annotated, Literal

from labbench.interpret.features.options import FLATTEN, MOST, Layer, Pool
from labbench.interpret.options import Option, Options

Layout = Literal["pca", "tsne"]
"""How a map is laid out."""

LIMIT = 2_000
"""Clips on a map where nobody says how many: more cover one another on a terminal."""


class EmbeddingOptions(Options, frozen=True, kw_only=True):
    """The test clips in two dimensions, a letter a word.

    Near one another where the net finds them alike.
    """

    command = "map"
    title, letter, said = "scatter", "S", "laying clips out"
    about = (
        "The test clips in two dimensions: near one another where the net's flattened features, "
        "or a convolution pooled over time, are alike. A letter is a word; an upper-case, "
        "underlined one is a clip that is taken for another word. PCA keeps distances as far as "
        "two axes can, t-SNE keeps neighbours. The cursor names the clip under it, or the nearest "
        "one. [ and ] go through the layers, the flattened features last."
    )

    method: Annotated[
        Layout,
        Option("pca keeps distances as far as two axes can, tsne neighbours.", key="m",
               label="PCA/t-SNE", does="Lay the clips out by PCA, or by t-SNE"),
    ] = "pca"  # fmt: skip
    layer: Layer = FLATTEN
    pool: Pool = None
    word: Annotated[str, Option("A word that stands out.", drawn=True)] = ""
    limit: Annotated[int, Option(MOST, least=0)] = LIMIT
