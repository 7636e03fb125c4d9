"""Run folders: created, found, followed and read without torch."""

from labbench.runs.folder import RunFolder
from labbench.runs.history import History
from labbench.runs.identity import Clips, Identity, identity
from labbench.runs.log import EventLog, Tail
from labbench.runs.predictions import Predictions
from labbench.runs.root import create, find, list_runs
from labbench.runs.status import Status

__all__ = [
    "Clips",
    "EventLog",
    "History",
    "Identity",
    "Predictions",
    "RunFolder",
    "Status",
    "Tail",
    "create",
    "find",
    "identity",
    "list_runs",
]
