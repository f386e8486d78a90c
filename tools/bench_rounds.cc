// SPDX-License-Identifier: MIT
#include "tools/bench_rounds.h"

#include <iostream>
#include <set>

#include "pipeline/config/utf8.h"
#include "pipeline/counted.h"
#include "pipeline/observe/meter.h"
#include "pipeline/verify/files.h"
#include "tools/bench_cells.h"
#include "tools/bench_compare.h"
#include "tools/command.h"

namespace quadrant {
namespace {

namespace fs = std::filesystem;

class Rounds {
 public:
  Rounds(const RunCommand& command, BenchResult& result, const StopFlag& stop)
      : command_(command), result_(result), stop_(stop) {}

  // Returns 0, or the exit code of a failed run that the benchmark cannot do without.
  int run(const std::function<void(const Cell&)>& before) {
    for (int round = 0; round < result_.warm_up + result_.rounds; ++round) {
      const double began = wall_seconds();
      int position = 0;
      for (std::size_t i : order_of_round(result_.cells.size(), round, result_.seed)) {
        MeasuredCell& cell = result_.cells[i];
        if (given_up_.contains(&cell)) continue;
        if (round >= result_.warm_up) before(cell.cell);
        if (const int code = run(cell, round, ++position); code != all_done) return code;
      }
      tell(round, position, wall_seconds() - began);
    }
    return all_done;
  }

 private:
  bool is_reference(const MeasuredCell& cell) const { return &cell == &result_.cells.front(); }
  void tell(int round, int runs, double seconds) const {
    const bool warm = round < result_.warm_up;
    std::cerr << fmt::format("{} {} of {}: {} in {:.1f} s\n", warm ? "warm-up" : "round",
                             warm ? round + 1 : round + 1 - result_.warm_up,
                             warm ? result_.warm_up : result_.rounds, counted(runs, "run"),
                             seconds);
  }

  int run(MeasuredCell& cell, int round, int position) {
    const bool first = round == 0, makes_reference = first && is_reference(cell);
    const fs::path outputs = scratch_.path() / (makes_reference ? "reference" : "outputs");
    RunOutcome outcome = run_process(command_, cell.cell, outputs, first, scratch_, stop_);
    outcome.run.position = position;
    if (outcome.code != all_done) return failed(cell, outcome);
    if (makes_reference) {
      hashes_ = outcome.hashes;
      result_.plans = outcome.plans;
    } else {
      compare(cell, outcome, outputs, first);
    }
    if (round >= result_.warm_up) cell.runs.push_back(outcome.run);
    return all_done;
  }

  void compare(MeasuredCell& cell, const RunOutcome& outcome, const fs::path& outputs,
               bool with_hashes) const {
    const auto differs = [&](const std::string& where) {
      if (!where.empty() && cell.differences.empty()) cell.differences.push_back(where);
    };
    if (with_hashes) differs(first_difference(hashes_, outcome.hashes));
    differs(first_difference(scratch_.path() / "reference", outputs));
  }

  // A mode that the plan refuses is not an error. Any other failure counts as a difference if the
  // reference did not fail, unless the machine caused it.
  int failed(MeasuredCell& cell, const RunOutcome& outcome) {
    const std::string told = outcome.told.substr(0, outcome.told.find('\n'));
    if (is_reference(cell) || outcome.code == temporary) {
      std::cerr << fmt::format("bench: the run of {} ended with code {}\n", name_of(cell.cell),
                               outcome.code)
                << printable_lines(outcome.told);
      return outcome.code;
    }
    given_up_.insert(&cell);
    cell.runs.clear();
    if (outcome.code == wrong_usage)
      cell.impossible = told;
    else
      cell.differences.push_back(fmt::format("ended with code {}: {}", outcome.code, told));
    return all_done;
  }

  const RunCommand& command_;
  BenchResult& result_;
  const StopFlag& stop_;
  const Scratch scratch_{"bench"};
  std::string hashes_;  // of the reference's frames
  std::set<const MeasuredCell*> given_up_;
};

}  // namespace

int run_rounds(const RunCommand& command, BenchResult& result, const StopFlag& stop,
               const std::function<void(const Cell&)>& before) {
  return Rounds(command, result, stop).run(before);
}

}  // namespace quadrant
