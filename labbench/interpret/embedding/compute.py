"""Maps of clips in two dimensions, by scikit-learn.

N clips, D features.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from labbench.audio.progress import Progress
from labbench.errors import RunError
from labbench.evaluation.sounds import clips_of
from labbench.interpret.context import Context
from labbench.interpret.embedding.answer import Embedding, EmbeddingQuestion
from labbench.interpret.features.answer import features_question

SEED = 0

START = 50
"""Principal components that t-SNE starts from (van der Maaten and Hinton, "Visualizing data using
t-SNE", JMLR 9 (2008): 30)."""

PERPLEXITY = 30.0

FEWEST = 4
"""Clips of which a map tells anything."""


def compute(context: Context, question: EmbeddingQuestion, report: Progress) -> Embedding:
    """Test clips laid out by their features, which are scaled to unit variance.

    Raises:
        LabbenchError: there are no features, or too few clips.
    """
    from sklearn.preprocessing import StandardScaler

    of = features_question(context.plan, question.layer, question.pool, limit=question.limit)
    test = context.ask(of, report)
    if len(test.rows_N) < FEWEST:
        raise RunError(f"{len(test.rows_N)} test clips make no map.", where=context.run.id)
    report(0, 1, "PCA" if question.method == "pca" else "t-SNE")
    scaled_ND = StandardScaler().fit_transform(test.features_ND)
    xy_N2, about = _pca(scaled_ND) if question.method == "pca" else _tsne(scaled_ND)
    names = clips_of(context.run).names[test.rows_N]
    return Embedding(
        layer=question.layer, pool=question.pool, method=question.method,
        xy_N2=xy_N2.astype(np.float32), rows_N=test.rows_N, labels_N=test.labels_N,
        logits_NK=test.logits_NK, names=tuple(name.decode() for name in names), words=test.words,
        total=test.total, size=test.size, **about,
    )  # fmt: skip


def _components(scaled_ND: NDArray[np.float32], most: int) -> tuple[NDArray[np.float64], Any]:
    """(N, most) principal components, and the shares of the variance they hold.

    Always as many as asked for: those beyond the data's rank are zeros.
    """
    from sklearn.decomposition import PCA

    count = min(most, *scaled_ND.shape)
    pca = PCA(count, random_state=SEED)
    found_NC, shares_C = np.zeros((len(scaled_ND), most)), np.zeros(most)
    # Features that are all the same have no variance to hold a share of.
    with np.errstate(invalid="ignore"):
        found_NC[:, :count] = pca.fit_transform(scaled_ND.astype(np.float64))
    shares_C[:count] = np.nan_to_num(pca.explained_variance_ratio_)
    return found_NC, shares_C


def _pca(scaled_ND: NDArray[np.float32]) -> tuple[NDArray[np.float64], dict[str, Any]]:
    xy_N2, shares = _components(scaled_ND, 2)
    about = {"explained": tuple(shares.tolist()), "components": 2}
    return xy_N2, {**about, "perplexity": None, "divergence": None}


def _tsne(scaled_ND: NDArray[np.float32]) -> tuple[NDArray[np.float64], dict[str, Any]]:
    from sklearn.manifold import TSNE

    count = max(min(START, *scaled_ND.shape), 2)
    found_NC, shares = _components(scaled_ND, count)
    perplexity = min(PERPLEXITY, (len(scaled_ND) - 1) / 3)
    tsne = TSNE(perplexity=perplexity, init="pca", random_state=SEED)
    xy_N2 = tsne.fit_transform(found_NC)
    about = {
        "explained": (float(shares.sum()),), "components": count, "perplexity": perplexity,
        "divergence": float(tsne.kl_divergence_),
    }  # fmt: skip
    return xy_N2, about
