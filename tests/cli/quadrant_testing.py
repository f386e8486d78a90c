# SPDX-License-Identifier: MIT
"""What the command line tests share: where the program and the real clips are, and small helpers."""
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
QUADRANT = os.environ.get("QUADRANT", os.path.join(ROOT, "build", "release", "quadrant"))
CLIPS = os.environ.get("QUADRANT_CLIPS", os.path.join(ROOT, "..", "shared", "clips"))
SKIPPED = 77  # ctest's SKIP_RETURN_CODE for these tests


def clips():
    """All real clips; leaves the test as skipped, and says so, where they are not there."""
    if not os.path.isdir(CLIPS):
        print(f"SKIPPED: no real clips at {CLIPS}; set QUADRANT_CLIPS")
        sys.exit(SKIPPED)
    return sorted(os.path.join(CLIPS, name) for name in os.listdir(CLIPS) if name != "MANIFEST.tsv")
