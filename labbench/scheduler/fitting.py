"""Whether this machine has the memory to train a preset at all, asked before a run is made."""

from __future__ import annotations

from collections.abc import Sequence

from labbench.audio.chosen import clips_of, epoch_clips
from labbench.presets import Preset, memory
from labbench.runs.status import Waiting
from labbench.scheduler.devices import Device, probe
from labbench.scheduler.placing import choices


def check_fits(preset: Preset, wanted: Waiting, here: Sequence[Device] | None = None) -> None:
    """Refuse a preset that none of the devices it could have can train.

    Args:
        here: the devices of this machine, where the caller knows them.

    Raises:
        DeviceError: it takes more memory than the roomiest of them has.
        LabbenchError: LABBENCH_SLOTS is no number of slots, or several data sets could be meant.
    """
    found = [device for device, _ in choices(wanted, here or probe())]
    sizes = [device.memory_bytes for device in found if device.memory_bytes is not None]
    if len(sizes) < len(found):
        return
    roomiest = max(found, key=lambda device: device.memory_bytes or 0)
    known = epoch_clips(preset, clips_of(preset).name)
    clips = round(known.train) if known else preset.training.batch
    memory.check(preset, clips, max(sizes), roomiest.name, roomiest.kind)
