// SPDX-License-Identifier: MIT
// What the reference tests of stages share: running one stage, and comparing it with a second
// implementation.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <opencv2/core/utility.hpp>
#include <string>

#include "pipeline/error.h"
#include "pipeline/media/log.h"
#include "tests/stage_harness.h"

namespace quadrant::test {

inline const char* const depths[] = {"yuv420p", "yuv422p10le", "yuv444p12le", "gray16le",
                                     "yuva420p"};

// Without messages of libav.
inline Clip applied(const char* name, const Values& values, const Clip& in) {
  keep_libav_log();
  cv::setNumThreads(0);
  const auto stage = make_stage_of(name, values);
  const Format out = stage->configure(in[0].format());
  const auto state = stage->begin(in_turn);
  Clip result;
  for (int i = 0; i < static_cast<int>(in.size()); ++i)
    result.push_back(whole(*stage, out, in, i, state.get()));
  return result;
}

inline Frame applied(const char* name, const Values& values, const Frame& in) {
  return applied(name, values, Clip{in})[0];
}

inline Format configured(const char* name, const Values& values, const Format& in) {
  return make_stage_of(name, values)->configure(in);
}

// Expects every sample of `plane` to be within `tolerance` of wanted(x, y).
template <class Wanted>
void expect_plane(const Frame& frame, int plane, double tolerance, Wanted wanted) {
  const Format& f = frame.format();
  for (int y = 0; y < f.plane_height(plane); ++y)
    for (int x = 0; x < f.plane_width(plane); ++x)
      ASSERT_NEAR(sample(frame, plane, x, y), wanted(x, y), tolerance)
          << f.describe() << " plane " << plane << " at " << x << "," << y;
}

inline void expect_copied(const Frame& in, const Frame& out, std::initializer_list<int> planes) {
  for (int p : planes)
    EXPECT_TRUE(p >= in.format().pixels.planes() || plane_bytes(in, p) == plane_bytes(out, p))
        << "plane " << p;
}

inline int top(const Format& f) { return (1 << f.pixels.depth()) - 1; }

inline int mirrored(int at, int size) {
  if (size == 1) return 0;
  while (at < 0 || at >= size) at = at < 0 ? -at : 2 * (size - 1) - at;
  return at;
}

// The message with which the stage refuses a picture of 64 x 48.
inline std::string refusal(const char* name, const Values& values, const char* pixels = "yuv420p") {
  keep_libav_log();
  try {
    configured(name, values, format(pixels, 64, 48));
  } catch (const Error& error) {
    return error.what();
  }
  return "not refused";
}

}  // namespace quadrant::test
