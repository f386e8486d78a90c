// SPDX-License-Identifier: MIT
// A job over its inputs: names settled, every input run in one mode, every result told.
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
  // Settles all names; refuses what can be refused without opening anything: unknown encoders and
  // options, two inputs with one output. Throws Error(usage).
  Batch(const JobSpec& job, const BatchOptions& options, const StopFlag& stop);
  ~Batch();

  void run();
  // Removes what is half-written; for a stop that cannot wait. Thread-safe.
  void abandon() noexcept;
  // Tells into the marks of the outputs that grow how far the run is. Thread-safe.
  void tell(const RunNote& note);
  // The plans as text, opening every input and touching nothing else.
  std::string explain();
  // The plans by input, opening each and touching nothing else; null where `inputs()` tells why.
  // `for_many`: of inputs that other machines can read as well.
  std::vector<std::shared_ptr<const Plan>> plans(bool for_many = false);

  const std::deque<InputState>& inputs() const { return inputs_; }
  const ProgressMeter& meter() const { return meter_; }
  // Of the inputs that were planned: the one of all, or `auto` with what became of it.
  ModeChoice mode() const;
  int cores() const { return context_.resources.cores; }
  const Resources& resources() const { return context_.resources; }
  // In processes of units, now.
  int unit_threads() const { return context_.processes.threads; }
  double unit_cpu_seconds() const { return static_cast<double>(context_.processes.cpu_ns) * 1e-9; }
  std::int64_t unit_rss_bytes() const { return context_.processes.rss_bytes; }
  // Who is under way, and who ended.
  Roster& roster() { return context_.roster; }
  // What was found damaged beside the inputs, a line each.
  std::vector<std::string> diagnostics() const { return context_.journals.diagnostics(); }

 private:
  void add_input(const std::string& input, const InputShare* share);
  void refuse_what_cannot_be_written();
  void refuse_shared_outputs() const;
  Plan plan_of(const InputState& input, bool for_many);
  template <class F>
  void look_at_each(F look, bool for_many = false);  // what it throws is that input's

  BatchContext context_;
  ProgressMeter meter_;
  std::deque<InputState> inputs_;
};

}  // namespace quadrant
