// SPDX-License-Identifier: MIT
// What an input asks of other processes where its units are isolated: there the input is opened,
// read and written; here it has its names, locks and records.
#include "pipeline/batch/input_work.h"
#include "pipeline/batch/retry.h"
#include "pipeline/batch/unit_process.h"

namespace quadrant {

OpenOrder InputWork::open_order() const {
  return {context_.job.text,     state_.input,       state_.output,
          context_.options.mode, context_.resources, outline_.segments};
}

void InputWork::open_in(UnitProcess& process) {
  outline_ = {};
  if (share_) outline_.segments = share_->segments;
  identity_ = identity(state_.input);
  opening_ = new_attempt();
  const Opened opened = process.open(open_order(), *opening_);
  adopt(opened.outline);
  state_.meter.complain(InputMeter::read, opened.reading);
}

void InputWork::make_in(UnitProcess& process, const Part& part, bool open_first, int cores,
                        std::int64_t memory) {
  std::shared_ptr<Attempt> attempt;
  {
    const std::lock_guard lock(mutex_);
    attempt = begin_attempt(part);
  }
  if (!attempt) return;
  if (open_first) process.open(open_order(), *attempt);
  if (share_) share_->records->began(store_->id(part));
  if (store_) store_->discard(part);
  const bool hashes = context_.options.keep_hashes && part.kind != Part::Kind::rest;
  const Made made = process.make({part.kind, part.segment, store_ ? store_->head(part) : "",
                                  path(part), cores, memory, hashes},
                                 *attempt);
  state_.meter.complain(InputMeter::read, made.reading);
  state_.meter.complain(InputMeter::decode, made.decoding);
  for (const int stream : made.unplanned) state_.meter.saw_unplanned(stream);
  const std::lock_guard lock(mutex_);
  if (hashes) kept_hashes_[part.segment.index] = made.hashes;
}

void InputWork::put_together_isolated() {
  try {
    UnitProcess process(context_);
    Attempt attempt(context_.stop, state_);
    process.open(open_order(), attempt);
    process.stitch({packet_files(), file_->part()}, attempt);
  } catch (const Died& died) {
    throw Died(died.fault(), fmt::format("{}: putting it together: {}", state_.input, died.what()));
  }
}

}  // namespace quadrant
