#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""README.md and docs/ say what the program does: tools/docs --check passes, and it detects wrong and stale text."""
import os
import shutil
import subprocess
import sys

import quadrant_testing as qt


def check(root, *pages):
    return subprocess.run([sys.executable, os.path.join(root, "tools", "docs"), "--check", *pages], capture_output=True, text=True, timeout=600,
                          env={**os.environ, "QUADRANT": os.path.abspath(qt.QUADRANT)})


class Docs(qt.Case):
    def copy(self):
        """A copy of the pages and what they need, for changes."""
        for name in ("docs", "configs", "data"):
            shutil.copytree(os.path.join(qt.ROOT, name), self.path(name))
        os.mkdir(self.path("tools"))
        for name in ("tools/docs", "tools/docs_reference.py", "tools/docs_containers.py", "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE"):
            shutil.copy(os.path.join(qt.ROOT, name), self.path(name))

    def change(self, page, old, new):
        with open(self.path(page), encoding="utf-8") as f:
            text = f.read()
        self.assertIn(old, text)
        with open(self.path(page), "w", encoding="utf-8") as f:
            f.write(text.replace(old, new, 1))

    def assert_found(self, page, *findings):
        run = check(self.directory, page)
        self.assertEqual(run.returncode, 1, run.stdout + run.stderr)
        for finding in findings:
            self.assertRegex(run.stdout, finding)

    def test_pages_agree_with_the_program(self):
        run = check(qt.ROOT)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_a_wrong_word_in_an_output_is_named(self):
        self.copy()
        self.change("docs/command-line.md", "1 done, 0 up to date", "1 finished, 0 up to date")
        self.assert_found("docs/command-line.md", r"docs/command-line\.md:\d+: \$ quadrant run job\.yaml", r"-# finished, # up to date", r"\+# done, # up to date")

    def test_a_wrong_exit_code_is_named(self):
        self.copy()
        self.change("docs/command-line.md", "$ echo $?\n0\n", "$ echo $?\n1\n")
        self.assert_found("docs/command-line.md", r"docs/command-line\.md:\d+: \$ echo")

    def test_a_stale_reference_is_named(self):
        self.copy()
        self.change("docs/stages.md", "| `amount` | number 0 to 10 |", "| `amount` | number 0 to 11 |")
        self.assert_found("docs/stages.md", r"docs/stages\.md:\d+: the reference is stale", r"number 0 to 11")

    def test_a_dead_link_is_named(self):
        self.copy()
        self.change("docs/commands.md", "(command-line.md)", "(commandline.md)")
        self.assert_found("docs/commands.md", r"docs/commands\.md:\d+: no file commandline\.md")

    def test_a_key_that_no_report_has_is_named(self):
        self.copy()
        self.change("docs/reports.md", "`wall_seconds`, `cpu_seconds`", "`wall_hours`, `cpu_seconds`")
        self.assert_found("docs/reports.md", r"docs/reports\.md:\d+: report\.json has no key wall_hours")

    def test_update_mends_what_differs_and_nothing_else(self):
        self.copy()
        with open(self.path("docs/command-line.md"), encoding="utf-8") as f:
            before = f.read()
        self.change("docs/command-line.md", "failed: missing.mp4: cannot be read: No such file or directory", "failed: missing.mp4: is not there")
        run = subprocess.run([sys.executable, self.path("tools/docs"), "--update", "docs/command-line.md"], capture_output=True, text=True, timeout=600,
                             env={**os.environ, "QUADRANT": os.path.abspath(qt.QUADRANT)})
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        with open(self.path("docs/command-line.md"), encoding="utf-8") as f:
            self.assertEqual(f.read(), before)


if __name__ == "__main__":
    qt.main()
