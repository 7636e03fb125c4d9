"""How many runs may share a device: LABBENCH_SLOTS, or `slots` in the user's settings file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from labbench import paths
from labbench.decoding import toml_tree
from labbench.errors import LabbenchError

VARIABLE = "LABBENCH_SLOTS"
SETTINGS_FILE = "settings.toml"
HINT = 'A number for every device, or by device: "2", "cpu=1,cuda=2,cuda:1=0".'


@dataclass(frozen=True, slots=True)
class Slots:
    """Runs at once, by device (cuda:1), by kind (cuda), and for all others."""

    by_name: dict[str, int]
    others: int = 1

    @classmethod
    def parse(cls, text: str, where: str = VARIABLE) -> Slots:
        """The slots of a text as in LABBENCH_SLOTS; "" gives every device one.

        Raises:
            LabbenchError: it is no such text.
        """
        by_name: dict[str, int] = {}
        for part in filter(None, (part.strip() for part in text.split(","))):
            name, _, count = part.rpartition("=")
            if not count.strip().isdecimal():
                raise LabbenchError(f"{part!r} is no number of slots.", where=where, hint=HINT)
            by_name[name.strip()] = int(count)
        return cls(by_name, by_name.get("", 1))

    def of(self, device: str) -> int:
        """The slots of a device: the nearest that was said about it."""
        kind = device.partition(":")[0]
        return self.by_name.get(device, self.by_name.get(kind, self.others))


def slots_text() -> str:
    """What this process' user set, in the words of LABBENCH_SLOTS.

    Raises:
        LabbenchError: the variable or the settings file says nothing that could be meant.
    """
    if VARIABLE in os.environ:
        text, where = os.environ[VARIABLE], VARIABLE
    else:
        path = paths.config_dir() / SETTINGS_FILE
        text, where = _from_file(path), f"{path}: slots"
    Slots.parse(text, where)
    return text


def _from_file(path: Path) -> str:
    try:
        said = toml_tree(paths.read(path).decode()).get("slots", "")
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        raise LabbenchError(f"cannot be read: {error}.", where=str(path)) from None
    if isinstance(said, dict):
        return ",".join(f"{name}={count}" for name, count in said.items())
    return str(said)
