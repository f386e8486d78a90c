#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Errors in the command line say what is wrong and suggest what was meant; help, manual pages and completions come from one table."""
import os
import re
import shutil
import subprocess

import quadrant_testing as qt


class Usage(qt.Case):
    def refused(self, *words):
        run = self.quadrant(*words)
        self.assertEqual((run.returncode, run.stdout), (2, ""), run.stderr)
        return run.stderr

    def commands(self):
        listed = self.quadrant("--help").stdout.partition("Subcommands:\n")[2].partition("\n\n")[0]
        return re.findall(r"^  ([\w-]+)", listed, re.M)

    def test_a_mistyped_command(self):
        for typed, meant in (("runn", "run"), ("expalin", "explain"), ("stage", "stages")):
            self.assertEqual(self.refused(typed), f"quadrant: there is no command '{typed}', did you mean '{meant}'?\n")
        self.assertEqual(self.refused("transmogrify"), "quadrant: there is no command 'transmogrify'; see quadrant --help\n")

    def test_a_mistyped_option(self):
        self.assertEqual(self.refused("run", "job.yaml", "--overwite"), "quadrant: quadrant run has no option '--overwite', did you mean '--overwrite'?\n")
        self.assertEqual(self.refused("run", "job.yaml", "--otput=x"), "quadrant: quadrant run has no option '--otput', did you mean '--output'?\n")
        self.assertEqual(self.refused("schema", "--zzz"), "quadrant: quadrant schema has no option '--zzz'; see quadrant schema --help\n")

    def test_what_follows_two_dashes_is_no_option(self):
        self.assertIn("--overwite: cannot be read", self.refused("explain", "--", "--overwite"))

    def test_a_file_in_the_place_of_a_command(self):
        job = self.job("out/{stem}.mp4")
        self.assertEqual(self.refused(job), f"quadrant: '{job}' is a file, not a command; to run a job: quadrant run JOB [INPUT...]\n")

    def test_a_video_in_the_place_of_a_job(self):
        self.clip("film.mp4", "-c:v", "mpeg4", length=1)
        self.assertEqual(self.refused("run", "film.mp4"),
                         "quadrant: film.mp4: is a video or another binary file, not a job; the job comes first: quadrant run JOB film.mp4\n")

    def test_a_number_that_is_out_of_range(self):
        for value in ("0", "10001", "many", "1e9"):
            self.assertIn(f"--runs: must be 1 to 10000, not {value}", self.refused("bench", "job.yaml", "--runs", value))

    def test_a_pattern_without_a_match(self):
        run = self.quadrant("run", self.job("out/{stem}.mp4"), "none*.mp4", "--progress", "none")
        self.assertEqual((run.returncode, run.stderr), (1, "failed: none*.mp4: no file matches this pattern\n"))

    def test_help_names_what_a_user_knows(self):
        for command in self.commands():
            text = self.quadrant(command, "--help").stdout
            self.assertNotRegex(text, r"FLOAT in|INT in|e\+0", command)
            self.assertTrue(all(line.strip() for line in text.splitlines()[:1]), command)

    def test_one_word_changes_a_run_into_its_plan(self):
        self.clip("film.mp4", "-c:v", "mpeg4", length=1)
        words = [self.job("out/{stem}.mp4"), "film.mp4", "--overwrite", "--fail-fast", "--retries", "1", "--timeout", "10", "--max-failures", "2"]
        plan = self.quadrant("explain", *words)
        self.assertEqual((plan.returncode, plan.stderr), (0, ""))
        self.assertIn("output out/film.mp4", plan.stdout)

    def test_only_options_that_a_command_uses(self):
        for command in ("explain", "unit", "verify"):
            self.assertNotRegex(self.quadrant(command, "--help").stdout, "--overwrite|--fail-fast|--retries", command)

    def test_manual_pages(self):
        pages = {"": self.quadrant("manual").stdout, **{command: self.quadrant("manual", command).stdout for command in self.commands()}}
        for command, page in pages.items():
            name = "quadrant" + ("-" + command if command else "")
            self.assertTrue(page.startswith(f".TH {name} 1 "), name)
            self.assertNotIn("--", re.sub(r"\\-", "", page), name)
            for option in re.findall(r"--([\w-]+)", self.quadrant(*([command] if command else []), "--help").stdout):
                if command and option != "help":
                    self.assertIn(option.replace("-", "\\-"), page, name)
            if shutil.which("groff"):
                made = subprocess.run(["groff", "-man", "-Tutf8", "-wall"], input=page, capture_output=True, text=True)
                self.assertEqual((made.returncode, made.stderr), (0, ""), name)
        self.assertEqual(set(re.findall(r"^\.BR quadrant\\-(\S+) ", pages[""], re.M)), {c.replace("-", "\\-") for c in self.commands()})

    def test_the_version_is_the_changelog_s(self):
        version = re.fullmatch(r"quadrant (\d+\.\d+\.\d+)( .*)?", self.quadrant("--version").stdout.strip().split("\n")[0])[1]
        released = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d$", qt.content(os.path.join(qt.ROOT, "CHANGELOG.md")).decode(), re.M)
        self.assertEqual(version, released[0])
        tagged = subprocess.run(["git", "-C", qt.ROOT, "tag", "--list", "v*", "--sort=-v:refname", "--merged"], capture_output=True, text=True).stdout.split()
        if not tagged:
            self.skipTest("this checkout has no tags")
        self.assertEqual(f"v{version}", tagged[0])

    def test_every_command_has_a_manual_page_that_is_installed(self):
        path = os.path.join(qt.ROOT, "packaging.cmake")
        listed = re.search(r"set\(commands (.*)\)", qt.content(path).decode())[1].split()
        self.assertEqual(sorted(listed), sorted(self.commands()))

    def complete(self, *words):
        script = self.quadrant("completion", "bash").stdout
        call = f'{script}\nCOMP_WORDS=({" ".join(words)}); COMP_CWORD={len(words) - 1}; _quadrant; printf "%s\\n" "${{COMPREPLY[@]}}"'
        run = subprocess.run(["bash", "-c", call], cwd=self.directory, capture_output=True, text=True)
        self.assertEqual(run.stderr, "")
        return run.stdout.split()

    def test_completion_in_bash(self):
        self.assertEqual(self.complete("quadrant", "ex"), ["explain"])
        self.assertEqual(self.complete("quadrant", "run", "--ov"), ["--overwrite"])
        self.assertEqual(self.complete("quadrant", "run", "--mode", "s"), ["sequential", "segments"])
        self.assertEqual(self.complete("quadrant", "run", "-m", "f"), ["frames"])
        self.assertEqual(self.complete("quadrant", "run", "--progress", "j"), ["json"])
        self.assertEqual(self.complete("quadrant", "stages", "sh"), ["sharpen"])
        with open(self.path("job.yaml"), "w") as f:
            f.write("version: 1\n")
        self.assertEqual(self.complete("quadrant", "run", "jo"), ["job.yaml"])
        self.assertEqual(self.complete("quadrant", "run", "--report", "jo"), ["job.yaml"])
        for option in ("--cores", "-c", "--memory", "--set", "--retries"):
            self.assertEqual(self.complete("quadrant", "run", option, "jo"), [])

    def test_completion_in_other_shells(self):
        for shell, arguments in (("zsh", ["-n"]), ("fish", ["--no-execute"])):
            script = self.quadrant("completion", shell).stdout
            for command in self.commands():
                self.assertIn(command, script)
            self.assertIn("overwrite", script)
            if shutil.which(shell):
                with open(self.path("script"), "w") as f:
                    f.write(script)
                run = subprocess.run([shell, *arguments, self.path("script")], capture_output=True, text=True)
                self.assertEqual((run.returncode, run.stderr), (0, ""), shell)
        self.assertIn("SHELL: csh not in {bash,zsh,fish}", self.refused("completion", "csh"))


if __name__ == "__main__":
    qt.main()
