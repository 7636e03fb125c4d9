"""How many mutations of each file the long tests read."""

from __future__ import annotations

import os

MANY = int(os.environ.get("LABBENCH_FUZZ", "100"))
"""`make test-long` leaves it at that, `make fuzz` reads several times as many."""
