"""What a cell of a table is: its settings, not its name.

Two presets are the same cell where they would train the same net in the same way: names, texts,
the device and how often checkpoints are written make no difference. Which clips are trained on is
told by the clips' fingerprint, and the seed by itself, so that one cell can have several.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from labbench.presets.declare import Tree, resolved, to_tree
from labbench.presets.settings import Preset

MEANING = 1
"""Raised when a default comes to mean something else: older runs are then other cells."""

LEFT_OUT: dict[str, tuple[str, ...]] = {
    "": ("name", "about", "published"),
    "data": ("name",),
    "training": ("seed", "device", "checkpoint_every_s"),
}
"""Keys that make no other cell, by section."""


def settings_key(preset: Preset) -> str:
    """16 hexadecimal digits that equal settings share.

    Only what differs from the defaults counts, so a setting that a later version adds leaves the
    keys of older runs as they are.
    """
    changed = _changed(to_tree(resolved(preset)), _defaults())
    for section, keys in LEFT_OUT.items():
        part = changed.get(section, {}) if section else changed
        for key in keys:
            part.pop(key, None)
    kept = {key: value for key, value in changed.items() if value != {}}
    text = json.dumps([MEANING, kept], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@functools.cache
def _defaults() -> Tree:
    return to_tree(Preset())


def _changed(tree: Mapping[str, Any], defaults: Mapping[str, Any]) -> Tree:
    """What of a tree differs from the defaults."""
    changed: Tree = {}
    for key, value in tree.items():
        default = defaults.get(key)
        if isinstance(value, Mapping):
            changed[key] = _changed(value, default if isinstance(default, Mapping) else {})
        elif value != default:
            changed[key] = value
    return changed
