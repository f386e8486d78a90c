// SPDX-License-Identifier: MIT
#include "pipeline/contract/stage.h"

#include <algorithm>

#include "pipeline/error.h"

namespace quadrant {

// A stage overrides the function that its processing() names; the others are never called.
void Stage::process(const Window&, const Tile&, State*) const {
  fail(Fault::internal, "stage does not fill tiles");
}
void Stage::stream(const Frame&, State*, const Emit&) const {
  fail(Fault::internal, "stage is not a stream");
}
void Stage::start(Frame, Done) const { fail(Fault::internal, "stage does not wait"); }

void stream_all(const Stage& stage, const Frame& in, Stage::State* state, const Emit& emit) {
  stage.stream(in, state, emit);
  while (Frame more = stage.next(state)) emit(std::move(more));
}

ParallelFor one_after_another() {
  return [](int count, const std::function<void(int)>& body) {
    for (int i = 0; i < count; ++i) body(i);
  };
}

const StageInfo* find_stage(const Catalogue& catalogue, std::string_view name) {
  const auto found = std::ranges::find(catalogue, name, &StageInfo::name);
  return found == catalogue.end() ? nullptr : &*found;
}

}  // namespace quadrant
