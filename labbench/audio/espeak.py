"""eSpeak NG through ctypes: text to samples.

The library comes with the package espeakng-loader, and under the GPL, version 3: it is loaded when
speech is made, and by nothing else. It keeps its state in C globals: one `Espeak` a
process, used by one thread. The samples depend on what the process said before (the phase of the
voice's flutter goes on from word to word) and on the library's random numbers (breath and noise of
some voices), which it seeds by the clock and `Espeak` seeds anew: so the same words in the same
order in a fresh process give the same samples.

Source: espeak-ng's `speak_lib.h`, API revision 12.
"""

from __future__ import annotations

import ctypes
from pathlib import Path

import numpy as np
import numpy.typing as npt

from labbench.distribution import repair_command
from labbench.errors import DataError

_SYNCHRONOUS = 2
_DONT_EXIT = 0x8000
_RATE, _PITCH, _RANGE = 1, 3, 4
_UTF8 = 1
_RANDOM_SEED = 1
_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


class Espeak:
    """The synthesiser, ready to speak.

    Attributes:
        rate_hz: sample rate of what it says (22,050).

    Raises:
        DataError: the package is missing, or the library or its voices cannot be loaded.
    """

    def __init__(self) -> None:
        self._library, data = _load()
        self._pieces: list[bytes] = []
        self._callback = _CALLBACK(self._take)  # kept: C holds only its address
        self.rate_hz: int = self._library.espeak_Initialize(
            _SYNCHRONOUS, 0, str(data).encode(), _DONT_EXIT
        )
        if self.rate_hz <= 0:
            raise _unusable(f"its voices in {data} cannot be loaded")
        self._library.espeak_ng_SetRandSeed(_RANDOM_SEED)
        self._library.espeak_SetSynthCallback(self._callback)

    def set_voice(self, voice: str) -> None:
        """Choose a voice such as `en-gb-scotland+f3`: an accent, `+`, a variant.

        Raises:
            DataError: there is no such voice.
        """
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise _unusable(f"it has no voice {voice!r}")

    def say(
        self, text: str, *, words_per_minute: int, pitch: int, pitch_range: int
    ) -> npt.NDArray[np.int16]:
        """Speak `text`.

        Args:
            words_per_minute: 80 to 450; 175 is normal.
            pitch: base pitch, 0 to 99; 50 is normal.
            pitch_range: 0 (monotone) to 99; 50 is normal.

        Returns:
            (T,) int16 at `rate_hz`, with the silence the synthesiser puts around a word.
        """
        for parameter, value in (
            (_RATE, words_per_minute), (_PITCH, pitch), (_RANGE, pitch_range),
        ):  # fmt: skip
            self._library.espeak_SetParameter(parameter, value, 0)
        self._pieces.clear()
        data = text.encode()
        status = self._library.espeak_Synth(data, len(data) + 1, 0, 0, 0, _UTF8, None, None)
        if status != 0:
            raise _unusable(f"it failed to speak {text!r} (status {status})")
        return np.frombuffer(b"".join(self._pieces), "<i2")

    def _take(self, samples: ctypes._Pointer[ctypes.c_short], count: int, _events: int) -> int:
        if samples and count > 0:
            self._pieces.append(ctypes.string_at(samples, 2 * count))
        return 0


def _load() -> tuple[ctypes.CDLL, Path]:
    try:
        import espeakng_loader

        data = Path(espeakng_loader.get_data_path())
        library = ctypes.CDLL(espeakng_loader.get_library_path())
    except (ImportError, OSError, RuntimeError) as error:
        raise _unusable(str(error)) from error
    library.espeak_Synth.argtypes = [
        ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int,
        ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p,
    ]  # fmt: skip
    library.espeak_Initialize.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_int]
    library.espeak_SetSynthCallback.argtypes = [_CALLBACK]
    library.espeak_SetSynthCallback.restype = None
    library.espeak_ng_SetRandSeed.argtypes = [ctypes.c_long]
    library.espeak_SetVoiceByName.argtypes = [ctypes.c_char_p]
    library.espeak_SetParameter.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int]
    return library, data


def _unusable(why: str) -> DataError:
    return DataError(
        f"The speech synthesiser eSpeak NG cannot be used: {why}.",
        hint=f"Install it again: {repair_command('espeakng-loader')}. Or use recorded speech: "
        "labbench data add NAME PATH, or labbench data fetch.",
    )
