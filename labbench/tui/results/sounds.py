"""The sound of a clip that a run was judged on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from labbench.audio.clips import Clips, open_clips
from labbench.errors import DataError
from labbench.results.clips import Taken
from labbench.runs import RunFolder

FULL_SCALE = 32_768.0


def sound_of(run: RunFolder, clip: Taken) -> NDArray[np.float64]:
    """(T,) amplitudes of a clip, full scale 1.

    Raises:
        LabbenchError: the run's clips are gone, or the data set of their name holds others now.
    """
    about = run.about().get("clips", {})
    clips = _opened(about.get("name", ""), about.get("folder", ""))
    if clips.meta.fingerprint != about.get("fingerprint"):
        raise DataError(
            "was made anew since the run: it holds other clips now.",
            where=f"data set {clips.folder.name}",
            hint="Their names and probabilities are still right.",
        )
    if clip.row >= len(clips.names) or clips.names[clip.row].decode() != clip.name:
        raise DataError(
            f"has another clip in the place of {clip.name}.", where=f"data set {clips.folder.name}"
        )
    samples: NDArray[np.float64] = np.asarray(clips.clips[clip.row], np.float64) / FULL_SCALE
    return samples


def _opened(name: str, folder: str) -> Clips:
    """The data set where the run found it, or that of its name."""
    if folder and Path(folder).is_dir():
        return open_clips(Path(folder))
    if not name:
        raise DataError("The run does not say which clips it was judged on.", where="run.json")
    return open_clips(name)
