"""Which clips a run of a preset gets. Loads no numpy: front ends may call it."""

from __future__ import annotations

from labbench.audio.library import AUTO, auto_name, fingerprint_of
from labbench.presets import Preset
from labbench.runs.identity import Clips


def clips_of(preset: Preset) -> Clips:
    """The clips that a new run of a preset gets.

    Raises:
        DataError: several could be meant.
    """
    name = preset.data.name
    if name == AUTO:
        name = auto_name(preset.data.words)
    return Clips(name, fingerprint_of(name))
