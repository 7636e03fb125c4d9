"""What can be done with a clip in view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labbench.tui.commands import AnyCommand, Command

if TYPE_CHECKING:
    from labbench.tui.clip.screen import ClipScreen

SPECTROGRAM = "Spectrogram"


class PreviousClip(Command["ClipScreen"]):
    """The clip before this one in the list."""

    key, label = "left_square_bracket,k,up", "previous"

    @classmethod
    def act(cls, screen: ClipScreen) -> None:
        screen.other_clip(-1)

    @classmethod
    def ready(cls, screen: ClipScreen) -> bool:
        return screen.index > 0

    @classmethod
    def sign(cls) -> str:
        return "["


class NextClip(Command["ClipScreen"]):
    """The clip after this one in the list."""

    key, label = "right_square_bracket,j,down", "next"

    @classmethod
    def act(cls, screen: ClipScreen) -> None:
        screen.other_clip(1)

    @classmethod
    def ready(cls, screen: ClipScreen) -> bool:
        return screen.index < len(screen.source) - 1

    @classmethod
    def sign(cls) -> str:
        return "]"


class NextScale(Command["ClipScreen"]):
    """Frequencies on a linear, a logarithmic or the mel scale."""

    key, label, group = "s", "scale", SPECTROGRAM

    @classmethod
    def act(cls, screen: ClipScreen) -> None:
        screen.next_scale()


class NextWindow(Command["ClipScreen"]):
    """Another window of the STFT: longer tells pitches apart, shorter tells times apart."""

    key, label, group = "w", "window", SPECTROGRAM

    @classmethod
    def act(cls, screen: ClipScreen) -> None:
        screen.next_window()


class MoreRange(Command["ClipScreen"]):
    """Show what is softer, too: 10 dB more from bright to dark."""

    key, label, group = "plus,equals_sign", "softer", SPECTROGRAM

    @classmethod
    def act(cls, screen: ClipScreen) -> None:
        screen.change_range(1)

    @classmethod
    def ready(cls, screen: ClipScreen) -> bool:
        return screen.can_change_range(1)


class LessRange(Command["ClipScreen"]):
    """Show only what is louder: 10 dB less from bright to dark."""

    key, label, group = "minus", "louder", SPECTROGRAM

    @classmethod
    def act(cls, screen: ClipScreen) -> None:
        screen.change_range(-1)

    @classmethod
    def ready(cls, screen: ClipScreen) -> bool:
        return screen.can_change_range(-1)


COMMANDS: tuple[AnyCommand, ...] = (
    PreviousClip, NextClip, NextScale, NextWindow, MoreRange, LessRange,
)  # fmt: skip
