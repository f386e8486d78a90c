# SPDX-License-Identifier: MIT
"""ThreadSanitizer reports a race inside a stage and inside a lambda that an executor runs, naming the planted line, and
reports nothing for the same code without a race. Without this test, a suppression that hides too much would go unnoticed."""
import os
import subprocess
import sys

EXIT_CODE = 66

for where in ("frames", "tiles", "loop"):
    for kind in ("plain", "atomic"):
        options = os.environ.get("TSAN_OPTIONS", "") + f" exitcode={EXIT_CODE}"
        run = subprocess.run([sys.argv[1], where, kind], env={**os.environ, "TSAN_OPTIONS": options},
                             capture_output=True, text=True, timeout=120)
        reported = "WARNING: ThreadSanitizer: data race" in run.stderr
        if kind == "plain":
            assert reported and "planted_increment" in run.stderr, f"{where}: not reported\n{run.stderr}"
            assert run.returncode == EXIT_CODE, f"{where}: exit code {run.returncode}"
        else:
            assert not reported, f"{where}: reported without a race\n{run.stderr}"
            assert run.returncode == 0, f"{where}: exit code {run.returncode}\n{run.stdout}{run.stderr}"
        print(f"{where}, {kind}: {'reported' if reported else 'silent'}")
