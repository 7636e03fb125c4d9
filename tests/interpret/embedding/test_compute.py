"""Maps of clips against scikit-learn and a plain singular value decomposition."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from labbench.errors import RunError
from labbench.interpret import context
from labbench.interpret.context import Context
from labbench.interpret.embedding.answer import Embedding, EmbeddingQuestion
from labbench.interpret.embedding.compute import _pca, _tsne
from labbench.interpret.features.answer import features_question
from tests.opened import MODELS, opened


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """A net whose features are computed once for all tests here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LABBENCH_HOME", str(tmp_path_factory.mktemp("home")))
        yield context.load(opened(MODELS["base"]))


def laid(found: Context, **ask: object) -> Embedding:
    question = EmbeddingQuestion(**ask)  # type: ignore[arg-type]
    return context.compute(found, question)


def test_pca_against_singular_values_in_float64(found: Context) -> None:
    one = laid(found)
    test = found.ask(features_question(found.plan, limit=2_000))
    x = test.features_ND.astype(np.float64)
    spread = x.std(axis=0)
    x = (x - x.mean(axis=0)) / np.where(spread, spread, 1)
    u, s, _ = np.linalg.svd(x, full_matrices=False)
    for axis in range(2):
        np.testing.assert_allclose(
            np.abs(one.xy_N2[:, axis]), np.abs(u[:, axis] * s[axis]), rtol=1e-3, atol=1e-3
        )
    np.testing.assert_allclose(one.explained, s[:2] ** 2 / (s**2).sum(), rtol=1e-4)
    assert one.names[0].startswith(one.words[one.labels_N[0]])
    assert one.in_words().startswith("PCA: x holds ")


def test_tsne_keeps_neighbours_and_is_the_same_every_time() -> None:
    rng = np.random.default_rng(0)
    centres = rng.normal(0, 8, (4, 60))
    points = np.repeat(centres, 20, axis=0) + rng.normal(0, 1, (80, 60))
    xy, about = _tsne(points.astype(np.float32))
    again, _ = _tsne(points.astype(np.float32))
    np.testing.assert_array_equal(xy, again)
    assert trustworthiness(points, xy, n_neighbors=10) > 0.9
    assert (about["components"], about["perplexity"]) == (50, pytest.approx(79 / 3))
    assert 0.9 < about["explained"][0] <= 1
    group = np.repeat(np.arange(4), 20)
    apart = np.linalg.norm(xy[:, None] - xy[None], axis=2) + 1e9 * np.eye(80)
    assert (group[apart.argmin(axis=1)] == group).mean() == 1


def test_every_clip_has_a_place(found: Context) -> None:
    one = laid(found, layer="conv1")
    assert one.xy_N2.shape == (15, 2)
    assert np.isfinite(one.xy_N2).all()
    assert one.places.min() == 0
    assert one.places.max() == 1
    assert (one.wrong == (one.logits_NK.argmax(axis=1) != one.labels_N)).all()
    np.testing.assert_allclose(one.probabilities.sum(axis=1), 1)


def test_a_single_feature_and_features_that_are_all_the_same() -> None:
    xy, about = _pca(np.arange(6, dtype=np.float32)[:, None])
    assert not xy[:, 1].any()
    assert about["explained"] == (1.0, 0.0)
    xy, about = _pca(np.zeros((6, 4), np.float32))
    assert about["explained"] == (0.0, 0.0)


def test_too_few_clips(found: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labbench.interpret.embedding.compute.FEWEST", 16)
    with pytest.raises(RunError, match="15 test clips make no map"):
        laid(found)
