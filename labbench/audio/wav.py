"""Sounds of our own as wav files."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import numpy.typing as npt

from labbench.audio.reading import as_int16
from labbench.errors import DataError
from labbench.outputs import is_plain, write_output
from labbench.units import SAMPLE_RATE_HZ


def save_wav(path: Path, samples_T: npt.NDArray[np.floating], *, replace: bool = False) -> None:
    """Write amplitudes of full scale 1 as 16-bit mono at 16 kHz.

    Raises:
        LabbenchError: the file is there and is not to be replaced, or it cannot be written.
    """
    import soundfile

    if not replace:
        refuse_existing(path, "Name another file.")
    content = io.BytesIO()
    soundfile.write(content, as_int16(samples_T), SAMPLE_RATE_HZ, format="WAV", subtype="PCM_16")
    write_output(path, content.getvalue())


def refuse_existing(path: Path, hint: str) -> None:
    """Go on only if nothing would be replaced.

    Raises:
        LabbenchError: the file is there, or none can be.
    """
    if is_plain(path) and path.exists():
        raise DataError("is there already.", where=str(path), hint=hint)
