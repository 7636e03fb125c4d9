"""labbench: a lab bench for 1-D CNNs on raw audio.

From Python: `open_run`, `list_runs`, `train`, `load_preset` and the `Run` they give (labbench.api).
Importing the package loads none of them before they are used.
"""

from typing import TYPE_CHECKING, Any

from labbench.version import VERSION

__version__ = VERSION
__all__ = ["Run", "list_runs", "load_preset", "open_run", "train"]

if TYPE_CHECKING:
    from labbench.api import Run, list_runs, load_preset, open_run, train


def __getattr__(name: str) -> Any:
    if name in __all__:
        from labbench import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
