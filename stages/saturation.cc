// SPDX-License-Identifier: MIT
// saturation: moves chroma away from its neutral middle, or towards it. One table for both chroma
// planes; luma and alpha are copied, and gray stays gray. Only the limits of the sample format
// clip, since chroma has excursions like luma.
#include "stages/lookup.h"

namespace quadrant {
namespace {

class Saturation final : public Stage {
 public:
  double amount = 1;

  Format configure(const Format& in) override {
    const int neutral = neutral_chroma(in);
    table_ = LookupTable(in, [&](int v) { return neutral + (v - neutral) * amount; });
    return in;
  }

  void process(const Window& in, const Tile& out, State*) const override {
    for (int p = 0; p < out.planes(); ++p)
      if (is_chroma(p))
        table_.apply(in.now(), out, p);
      else
        copy_plane(in.now(), out, p);
  }

 private:
  LookupTable table_;
};

}  // namespace

StageInfo saturation_stage() {
  return {.name = "saturation",
          .summary = "Strengthen or weaken the colours",
          .kind = "point",
          .params = {param("amount", &Saturation::amount,
                           "factor; 0 leaves no colour, 1 changes nothing")
                         .range(0, 4)
                         .shorthand()},
          .make = make_stage<Saturation>};
}

}  // namespace quadrant
