"""All tabs of the Inside screen, from left to right."""

from __future__ import annotations

from labbench.interpret.analyses import ANALYSES
from labbench.tui.inside.analysis import tab_of
from labbench.tui.inside.dead import DeadTab
from labbench.tui.inside.evidence import EvidenceTab
from labbench.tui.inside.features import FeaturesTab
from labbench.tui.inside.filters import FiltersTab
from labbench.tui.inside.maps import MapsTab
from labbench.tui.inside.maximise import MaximiseTab
from labbench.tui.inside.pair import PairTab
from labbench.tui.inside.predict import PredictTab
from labbench.tui.inside.scatter import ScatterTab
from labbench.tui.inside.tab import Tab

TABS: tuple[type[Tab], ...] = (
    FiltersTab, MapsTab, EvidenceTab, DeadTab, FeaturesTab, ScatterTab, MaximiseTab,
    PairTab, PredictTab, *(tab_of(kind) for kind in ANALYSES if kind.title),
)  # fmt: skip
