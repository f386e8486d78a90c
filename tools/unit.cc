// SPDX-License-Identifier: MIT
// quadrant unit: one unit of one input, alone, in this process, and nothing of it is kept. What a
// run says of a unit that crashed or hung is such a command, for a debugger or a bug report.
#include <charconv>
#include <filesystem>
#include <iostream>

#include "pipeline/batch/input_work.h"
#include "pipeline/batch/unit_host.h"
#include "pipeline/config/utf8.h"
#include "stages/stages.h"
#include "tools/job_options.h"
#include "tools/scratch.h"

namespace quadrant {
namespace {

namespace fs = std::filesystem;

struct UnitOptions {
  JobOptions job;
  std::string part;
};

const Segment& segment_named(const std::string& number, const Outline& outline) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), index);
  const bool read = error == std::errc() && end == number.data() + number.size();
  if (!outline.is_cut())
    fail(Fault::usage, "--part {}: the input is not cut; leave it out for all of it", number);
  if (!read || index == 0 || index > outline.segments.size())
    fail(Fault::usage, "--part must be rest or between 1 and {}, not {}", outline.segments.size(),
         number);
  return outline.segments[index - 1];
}

PartOrder order_of(const std::string& part, const Outline& outline, const std::string& output,
                   const Scratch& scratch) {
  if (part.empty() && outline.is_cut())
    fail(Fault::usage, "the input is cut: give --part rest or between 1 and {}",
         outline.segments.size());
  if (part.empty()) return {.path = scratch.file(fs::path(output).filename().string())};
  PartOrder order{.kind = part == "rest" ? Part::Kind::rest : Part::Kind::segment,
                  .path = scratch.file("packets")};
  if (part != "rest") order.segment = segment_named(part, outline);
  return order;
}

int do_unit(const UnitOptions& options) {
  const JobSpec job = options.job.read();
  const StopFlag never;
  const BatchOptions batch_options = options.job.batch_options(job);
  const Batch batch(job, batch_options, never);
  if (batch.inputs().size() != 1) fail(Fault::usage, "one input is wanted");
  const InputState& input = batch.inputs().front();
  const Resources resources = batch.resources();
  UnitHost host(all_stages(), never);
  const Opened opened =
      host.open({job.text, input.input, input.output, batch_options.mode, resources, {}});
  const Scratch scratch("unit");
  PartOrder order = order_of(options.part, opened.outline, input.output, scratch);
  order.cores = resources.cores;
  order.memory = resources.memory;
  const Made made = host.make(order);
  std::cerr << printable(fmt::format("{}: {}: {} frames; nothing is kept of them", input.input,
                                     name_of(Part{order.kind, order.segment, {}, {}}),
                                     made.figures.frames_out))
            << '\n';
  return all_done;
}

}  // namespace

Command unit_command() {
  auto options = std::make_shared<UnitOptions>();
  std::vector<Option> declared = options->job.declared();
  declared.push_back({"--part", &options->part,
                      "of an input that is cut: a segment's number from 1, or rest", "PART"});
  return {"unit", "do one unit of an input alone and keep nothing, to see it fail",
          std::move(declared), [options] { return do_unit(*options); }};
}

}  // namespace quadrant
