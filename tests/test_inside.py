"""The methods of Python and the options of the analyses: one name, one default."""

from __future__ import annotations

import inspect

import pytest

from labbench.inside import Inside
from labbench.interpret.analyses import ANALYSES
from labbench.interpret.attribution.options import AttributionOptions
from labbench.interpret.channels.options import DeadOptions
from labbench.interpret.confusion_pair.options import PairOptions
from labbench.interpret.embedding.options import EmbeddingOptions
from labbench.interpret.feature_maps.options import MapsOptions
from labbench.interpret.filters.options import FiltersOptions
from labbench.interpret.maximise.options import MaximiseOptions
from labbench.interpret.options import Options
from labbench.interpret.predict.options import PredictOptions
from labbench.interpret.probes.options import ProbesOptions
from labbench.interpret.weights.options import WeightsOptions

METHODS: dict[str, type[Options]] = {
    "filters": FiltersOptions, "feature_maps": MapsOptions, "evidence": AttributionOptions,
    "dead_channels": DeadOptions, "probe": ProbesOptions, "map_clips": EmbeddingOptions,
    "maximise": MaximiseOptions, "confused": PairOptions, "predict": PredictOptions,
    "weights": WeightsOptions,
}  # fmt: skip

OTHERWISE = {
    ("dead_channels", "most"): "limit", ("confused", "most"): "limit",
    ("confused", "first"): "pair", ("confused", "second"): "pair",
    ("probe", "classifier"): "classifiers", ("predict", "sounds"): "files",
}  # fmt: skip
"""Keywords that are called otherwise than the option."""

OF_ITS_OWN = {("confused", "split"): "test"}
"""Keywords with another default than the option's."""


def test_every_analysis_has_a_method() -> None:
    assert set(METHODS.values()) == set(ANALYSES)


@pytest.mark.parametrize("name", METHODS)
def test_keywords_are_options_with_the_same_default(name: str) -> None:
    fields = {one.field: one.default for one in METHODS[name].declared()}
    parameters = inspect.signature(getattr(Inside, name)).parameters
    for keyword in parameters.keys() - {"self", "report"}:
        default = parameters[keyword].default
        usual = fields[OTHERWISE.get((name, keyword), keyword)]
        # None and an empty name leave it as it is by default.
        if default not in (inspect.Parameter.empty, None, ""):
            assert default == OF_ITS_OWN.get((name, keyword), usual), keyword
