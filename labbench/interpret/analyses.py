"""All analyses whose options are declared (`labbench.interpret.options`): a command each, and a
tab of the Inside screen. Only msgspec is loaded."""

from __future__ import annotations

from labbench.interpret.attribution.options import AttributionOptions
from labbench.interpret.channels.options import DeadOptions
from labbench.interpret.feature_maps.options import MapsOptions
from labbench.interpret.options import Options
from labbench.interpret.weights.options import WeightsOptions

ANALYSES: tuple[type[Options], ...] = (
    DeadOptions, AttributionOptions, MapsOptions, WeightsOptions,
)  # fmt: skip
