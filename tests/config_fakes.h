// SPDX-License-Identifier: MIT
// Stages with every kind of parameter and no picture work: what the configuration's tests need, and
// what does not change when the real stages do.
#pragma once

#include <string>

#include "pipeline/contract/stage.h"

namespace quadrant::fakes {

struct Fake : Stage {
  Format configure(const Format& in) override { return in; }
};

struct Blur final : Fake {
  double sigma = 1.5;
  int radius = 2;
  bool chroma = false;
  std::string border = "mirror";
};

struct Filter final : Fake {
  std::string filter;
  int threads = 1;
};

struct Turn final : Fake {
  std::string degrees = "90";
};

struct Odd final
    : Fake {  // parameters without any range, one of them narrower than a Value, and steps
  int small = 0, quarter = 90, window = 5;
  std::int64_t large = 0;
  double real = 0.1;
};

struct Outside final : Fake {  // what only it understands, as JSON
  std::string command = "[]", values = "{}";
  int workers = 0;
};

struct Nothing final : Fake {};

inline const Catalogue& catalogue() {
  static const Catalogue stages{
      {.name = "blur",
       .summary = "Average samples with their neighbours",
       .kind = "halo",
       .params = {param("sigma", &Blur::sigma, "standard deviation").range(0.1, 20).unit("samples"),
                  param("radius", &Blur::radius, "samples to each side").range(1, 64),
                  param("chroma", &Blur::chroma, "blur the colour planes too"),
                  param("border", &Blur::border, "beyond the edge").one_of({"mirror", "repeat"})},
       .make = make_stage<Blur>},
      {.name = "filter",
       .summary = "Run a chain of filters",
       .kind = "frame",
       .params = {param("filter", &Filter::filter, "the chain").required().shorthand(),
                  param("threads", &Filter::threads, "how many").range(1, 4)},
       .make = make_stage<Filter>},
      {.name = "turn",
       .summary = "Turn the picture",
       .kind = "geometry",
       .params = {param("degrees", &Turn::degrees, "clockwise").one_of({"90", "180", "270"})},
       .make = make_stage<Turn>},
      {.name = "odd",
       .summary = "Hold parameters without a range",
       .kind = "point",
       .params = {param("small", &Odd::small, "an int"), param("large", &Odd::large, "64 bits"),
                  param("quarter", &Odd::quarter, "few").range(90, 270).steps_of(90),
                  param("window", &Odd::window, "many").range(5, 31).steps_of(2),
                  param("real", &Odd::real, "a double")},
       .make = make_stage<Odd>},
      {.name = "outside",
       .summary = "Run something else",
       .kind = "own",
       .params =
           {param("command", &Outside::command, "words").list_of_texts().required().shorthand(),
            param("values", &Outside::values, "anything").map(),
            param_or_word("workers", &Outside::workers, "auto", 0, "how many").range(1, 9)},
       .make = make_stage<Outside>},
      {.name = "nothing",
       .summary = "Do nothing",
       .kind = "point",
       .params = {},
       .make = make_stage<Nothing>},
  };
  return stages;
}

}  // namespace quadrant::fakes
