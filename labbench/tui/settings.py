"""What the app remembers of its user: `settings.toml` in the config folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from labbench import paths
from labbench.decoding import toml_tree
from labbench.errors import LabbenchError

FILE = "settings.toml"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The app's own settings; keys of others in the file are left alone."""

    theme: Literal["dark", "light"] = "dark"
    runs_sort: Literal[
        "newest", "oldest", "state", "preset", "best", "difference", "left"
    ] = "newest"  # fmt: skip
    curves_by: Literal["step", "epoch", "time"] = "step"
    curves_smooth: Annotated[float, msgspec.Meta(ge=0, lt=1)] = 0.0
    curves_log: bool = False
    spectrogram_scale: Literal["linear", "log", "mel"] = "linear"
    spectrogram_range_db: Annotated[float, msgspec.Meta(ge=1, le=200)] = 70.0
    spectrogram_window: Annotated[int, msgspec.Meta(ge=8, le=16_000)] = 512
    tables_tolerance: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.01
    """How far a figure may be from the published one."""


def path() -> Path:
    """Where the settings are kept."""
    return paths.config_dir() / FILE


def load() -> Settings:
    """The settings kept; defaults where there are none or what is there cannot be used."""
    try:
        return msgspec.convert(_tree(), Settings, strict=False)
    except (OSError, ValueError):
        return Settings()


def save(settings: Settings) -> None:
    """Keep the settings; keys that are not ours stay as they are.

    Raises:
        LabbenchError: the folder cannot be written, or what is there is no settings file.
    """
    import tomli_w

    from labbench.outputs import write_output
    from labbench.runs.files import write_error

    try:
        path().parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_error(path(), error) from error
    try:
        tree = {**_tree(), **msgspec.to_builtins(settings)}
    except (OSError, ValueError) as error:
        raise LabbenchError(
            f"is left as it is: {error}.", where=str(path()), hint="Mend it, or delete it."
        ) from None
    write_output(path(), tomli_w.dumps(tree))


def _tree() -> dict[str, Any]:
    try:
        return toml_tree(paths.read(path()).decode())
    except FileNotFoundError:
        return {}
