"""All tabs of the Inside screen, from left to right: one an analysis."""

from __future__ import annotations

from labbench.interpret.analyses import ANALYSES
from labbench.tui.inside.clips import EvidenceTab, MapsTab, PredictTab
from labbench.tui.inside.dead import DeadTab
from labbench.tui.inside.features import FeaturesTab
from labbench.tui.inside.filters import FiltersTab
from labbench.tui.inside.maximise import MaximiseTab
from labbench.tui.inside.moving import tab_of
from labbench.tui.inside.pair import PairTab
from labbench.tui.inside.scatter import ScatterTab
from labbench.tui.inside.tab import Tab

OWN: tuple[type[Tab], ...] = (
    DeadTab, EvidenceTab, FeaturesTab, FiltersTab, MapsTab, MaximiseTab, PairTab, PredictTab,
    ScatterTab,
)  # fmt: skip
"""Those with keys of their own."""

_BY_KIND = {tab.kind: tab for tab in OWN}

TABS: tuple[type[Tab], ...] = tuple(_BY_KIND.get(kind) or tab_of(kind) for kind in ANALYSES)
