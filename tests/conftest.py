"""Properties are tried with the same examples every time: a run that was green stays green until somebody changes code.

To look for new examples instead: `HYPOTHESIS_PROFILE=explore pytest tests/core` (and `PROPERTY_EXAMPLES=2000` for the
properties of reconciliation).
"""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("steady", derandomize=True, database=None, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
