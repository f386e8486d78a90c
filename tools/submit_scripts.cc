// SPDX-License-Identifier: MIT
#include "tools/submit_scripts.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/config/utf8.h"
#include "pipeline/counted.h"
#include "pipeline/error.h"
#include "tools/job_options.h"

namespace quadrant {
namespace {

constexpr std::int64_t mebibyte = 1 << 20;

// Time to end the current work and to notify Slurm before Slurm kills the attempt.
constexpr int warning_seconds = 120;
constexpr int most_requeues = 3;

std::string mebibytes(std::int64_t bytes) {
  return fmt::format("{}M", (bytes + mebibyte - 1) / mebibyte);
}

// Slurm kills what takes more, and a run keeps to its memory by estimates.
std::int64_t with_margin(std::int64_t bytes) { return bytes + bytes / 8; }

std::string allow_words(const Submission& s) {
  std::string words;
  for (const std::string& kind : s.allowed) words += " --allow " + in_shell(kind);
  return words;
}

std::string shard_command(const Submission& s, const std::string& index) {
  return fmt::format("{} run {} --shard {}/{} --cores {} --memory {} --progress none{}",
                     in_shell(s.program), in_shell(s.run), index, s.shards, s.cores,
                     mebibytes(s.cores * s.unit_memory), allow_words(s));
}

std::string merge_command_of(const Submission& s) {
  return fmt::format("{} merge {}{}", in_shell(s.program), in_shell(s.run), allow_words(s));
}

std::string sbatch_lines(const Submission& s, const std::vector<std::string>& ours) {
  std::string text;
  for (const std::string& option : ours) text += "#SBATCH " + option + "\n";
  for (const std::string& option : s.sbatch) {
    if (!option.starts_with('-') || std::ranges::any_of(option, is_control))
      fail(Fault::usage, "run.sbatch: {} is not an sbatch option; write it like --partition=long",
           shortened(option));
    text += "#SBATCH " + option + "\n";
  }
  return text;
}

// `wait` returns early, with a code of its own, when a signal comes. So it is repeated until the
// child has ended, and then once more for the child's code.
std::string wrapper(const Submission& s, const std::string& command, const std::string& job) {
  return fmt::format(R"(cd {} || exit 75
{} &
child=$! cancelled=
trap 'kill -TERM "$child"' USR1
trap 'cancelled=yes; kill -TERM "$child"' TERM
wait "$child"
while kill -0 "$child" 2>/dev/null; do
  wait "$child"
done
wait "$child"
code=$?
trap - USR1 TERM
echo "exit $code on $(hostname), try ${{SLURM_RESTART_COUNT:-0}}"
if [ -z "$cancelled" ] && {{ [ "$code" -eq 75 ] || [ "$code" -ge 128 ]; }} &&
   [ "${{SLURM_RESTART_COUNT:-0}}" -lt {} ]; then
  scontrol requeue "{}" && sleep 600  # Slurm ends this try
fi
exit "$code"
)",
                     in_shell(s.directory), command, most_requeues, job);
}

Script array_script(const Submission& s) {
  const std::string options =
      sbatch_lines(s, {"--job-name=quadrant", fmt::format("--array=1-{}", s.shards),
                       fmt::format("--cpus-per-task={}", s.cores),
                       "--mem=" + mebibytes(with_margin(s.cores * s.unit_memory)), "--requeue",
                       "--open-mode=append", fmt::format("--signal=B:USR1@{}", warning_seconds)});
  return {"array.sh",
          "#!/bin/bash\n# Written by quadrant submit: a shard a task. Again: sbatch --array=I,J "
          "array.sh\n" +
              options +
              wrapper(s, shard_command(s, "\"$SLURM_ARRAY_TASK_ID\""),
                      "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID")};
}

Script merge_script(const Submission& s) {
  const std::string options = sbatch_lines(
      s, {"--job-name=quadrant-merge", "--mem=" + mebibytes(with_margin(s.unit_memory)),
          "--requeue", "--open-mode=append", fmt::format("--signal=B:USR1@{}", warning_seconds)});
  return {"merge.sh",
          "#!/bin/bash\n# Written by quadrant submit: what the shards made, put "
          "together; or what is missing.\n" +
              options + wrapper(s, merge_command_of(s), "$SLURM_JOB_ID")};
}

// Slurm treats a percent sign in the name of a log as a pattern.
std::string log_name(const Submission& s, const std::string& name) {
  std::string directory;
  for (const char c : s.run) directory += c == '%' ? std::string("%%") : std::string(1, c);
  return in_shell(directory + "/submit/" + name);
}

}  // namespace

std::vector<Script> slurm_scripts(const Submission& s) {
  const std::string start = fmt::format(
      R"(#!/bin/bash
# Written by quadrant submit: an array of shards, and a merge when all of them have ended.
set -euo pipefail
cd {}
array=$(sbatch --parsable --output={} {})
array=${{array%%;*}}
merge=$(sbatch --parsable --dependency="afterany:$array" --kill-on-invalid-dep=yes --output={} {})
echo "submitted: array $array of {}, then merge ${{merge%%;*}}"
)",
      in_shell(s.directory), log_name(s, "%A_%a.log"), in_shell(s.run + "/submit/array.sh"),
      log_name(s, "merge_%j.log"), in_shell(s.run + "/submit/merge.sh"),
      counted(s.shards, "shard"));
  return {array_script(s), merge_script(s), {"submit.sh", start}};
}

// One shard at a time on each machine, with the cores it was given. A shard that failed, or whose
// machine was lost, is tried again, on another machine if there is one.
std::vector<Script> parallel_scripts(const Submission& s) {
  const std::string where =
      s.sshlogin.empty()
          ? ""
          : fmt::format(" --sshlogin {} --workdir {}", in_shell(s.sshlogin), in_shell(s.directory));
  return {{"submit.sh", fmt::format(R"(#!/bin/bash
# Written by quadrant submit: the shards by GNU parallel, then the merge.
cd {} || exit 75
seq {} | parallel --jobs 1 --retries {} --joblog {}{} {}
{}
)",
                                    in_shell(s.directory), s.shards, most_requeues,
                                    in_shell(s.run + "/submit/joblog"), where,
                                    in_shell(shard_command(s, "{}")), merge_command_of(s))}};
}

}  // namespace quadrant
