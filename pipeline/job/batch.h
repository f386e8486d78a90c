// SPDX-License-Identifier: MIT
// A job applied to all its inputs: names the outputs, runs every input and keeps every result.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/job/context.h"
#include "pipeline/plan/choose.h"

namespace quadrant {

class Batch {
 public:
  // Settles all names. Refuses whatever can be refused without opening anything: unknown encoders
  // and options, two inputs with one output. Throws Error(usage).
  Batch(const JobSpec& job, const BatchOptions& options, const StopFlag& stop);
  ~Batch();

  void run();
  // Removes half-written outputs, for a stop that cannot wait. Thread-safe.
  void abandon() noexcept;
  // Writes the run's progress into the marks of all growing outputs. Thread-safe.
  void tell(const RunNote& note);
  // The plans as text. Opens every input and changes nothing.
  std::string explain();
  // The plans, by input. Opens each input and changes nothing; null where `inputs()` holds the
  // reason. `for_many`: refuses inputs that other machines cannot read.
  std::vector<std::shared_ptr<const Plan>> plans(bool for_many = false);

  const std::deque<InputState>& inputs() const { return inputs_; }
  const ProgressMeter& meter() const { return meter_; }
  // The mode of all planned inputs, or `auto` with the modes that it chose.
  ModeChoice mode() const;
  int cores() const { return context_.resources.cores; }
  const Resources& resources() const { return context_.resources; }
  // Totals over the child processes of units, now.
  int unit_threads() const { return context_.processes.threads; }
  double unit_cpu_seconds() const { return static_cast<double>(context_.processes.cpu_ns) * 1e-9; }
  std::int64_t unit_rss_bytes() const { return context_.processes.rss_bytes; }
  // The inputs in progress and those that ended.
  Roster& roster() { return context_.roster; }
  // One line per damaged file found next to the outputs.
  std::vector<std::string> diagnostics() const { return context_.journals.diagnostics(); }

 private:
  void add_input(const InputSpec& input, const InputShare* share);
  void refuse_what_cannot_be_written();
  void refuse_standard_output() const;
  void refuse_shared_outputs() const;
  Plan plan_of(const InputState& input, bool for_many);
  template <class F>
  void look_at_each(F look, bool for_many = false);  // a thrown Error is that input's

  BatchContext context_;
  ProgressMeter meter_;
  std::deque<InputState> inputs_;
};

}  // namespace quadrant
