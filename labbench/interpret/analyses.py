"""All analyses (`labbench.interpret.options`): a command and a tab of the Inside screen each.

Here only msgspec is loaded; what finds an answer and draws it, when it is called.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from labbench.interpret.question import Ask
    from labbench.runs import RunFolder

ANALYSES: tuple[type[Options], ...] = (
    FiltersOptions, MapsOptions, AttributionOptions, DeadOptions, ProbesOptions, EmbeddingOptions,
    MaximiseOptions, PairOptions, PredictOptions, WeightsOptions,
)  # fmt: skip
"""In the order of the tabs."""


def find(run: RunFolder, options: Options, ask: Ask, *of: Any) -> Any:
    """What the options ask for, by the function `find` of the analysis.

    Args:
        of: what it is told beside: the clip, in the place of the one that the options name.

    Raises:
        LabbenchError: it cannot be answered, and why.
    """
    return _module(options, "answer").find(run, options, ask, *of)


def view(run: RunFolder, options: Options, found: Any) -> Any:
    """The picture of what was found out, by the function `view` of the analysis.

    It is a view of `labbench.interpret.picture`.

    Raises:
        LabbenchError: the options name something that is not there.
    """
    return _module(options, "picture").view(run, options, found)


def _module(options: Options, name: str) -> Any:
    return import_module(f"{type(options).__module__.rpartition('.')[0]}.{name}")
