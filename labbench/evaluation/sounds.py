"""The clips that a run was trained and judged on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from labbench.audio.browse import amplitudes
from labbench.audio.clips import Clips, open_clips
from labbench.errors import DataError
from labbench.runs import RunFolder


def clips_of(run: RunFolder) -> Clips:
    """The run's data set, where the run found it or under its name.

    Raises:
        LabbenchError: it is gone, or holds other clips now.
    """
    about = run.about().get("clips", {})
    clips = _opened(about.get("name", ""), about.get("folder", ""))
    if clips.meta.fingerprint != about.get("fingerprint"):
        raise DataError(
            "was made again since the run: it holds other clips now.",
            where=f"data set {clips.folder.name}",
            hint="Predictions on the old clips are still valid.",
        )
    return clips


def sound_of(run: RunFolder, row: int, name: str) -> NDArray[np.float64]:
    """(T,) amplitudes of a clip by its row and name, full scale 1.

    Raises:
        LabbenchError: the run's clips are gone, or the data set of their name holds others now.
    """
    clips = clips_of(run)
    if row >= len(clips.names) or clips.names[row].decode() != name:
        raise DataError(
            f"has another clip in the place of {name}.", where=f"data set {clips.folder.name}"
        )
    return amplitudes(clips, row)


def _opened(name: str, folder: str) -> Clips:
    if folder and Path(folder).is_dir():
        return open_clips(Path(folder))
    if not name:
        raise DataError("The run does not say which clips it was evaluated on.", where="run.json")
    return open_clips(name)
