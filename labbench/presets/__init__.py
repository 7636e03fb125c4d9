"""Frozen declarations of runs, where they come from, and the report's tables of them."""

from labbench.presets.declare import edited, from_tree, load_file, resolved, to_toml, to_tree
from labbench.presets.identity import settings_key
from labbench.presets.library import Library, Listed
from labbench.presets.published import Figure, published
from labbench.presets.settings import (
    SECTIONS,
    WORDS,
    Augmentation,
    Data,
    Optimizer,
    Preset,
    Published,
    Schedule,
    Training,
)

__all__ = [
    "SECTIONS",
    "WORDS",
    "Augmentation",
    "Data",
    "Figure",
    "Library",
    "Listed",
    "Optimizer",
    "Preset",
    "Published",
    "Schedule",
    "Training",
    "edited",
    "from_tree",
    "load_file",
    "published",
    "resolved",
    "settings_key",
    "to_toml",
    "to_tree",
]
