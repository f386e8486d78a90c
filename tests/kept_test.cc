// SPDX-License-Identifier: MIT
// A written file that lacks what the plan keeps fails its input; one that has it passes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/error.h"
#include "pipeline/media/verify.h"

namespace quadrant {
namespace {

using Kind = KeptProperty::Kind;

// What check_written() says of data/clip.mp4: 75 pictures, sound, two subtitles, a title.
std::string said_of(const KeptProperty& kept) {
  const StopFlag stop;
  Written written{"mp4", 4, 75, {kept}, 0, 74.0 / 25};
  try {
    check_written(QUADRANT_SOURCE_DIR "/data/clip.mp4", written, stop);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::input) << error.what();
    return error.what();
  }
  return "";
}

TEST(Kept, WhatTheFileHasPasses) {
  EXPECT_EQ(said_of({Kind::tag, "metadata title", "Two hills", 0, "", 0}), "");
  EXPECT_EQ(said_of({Kind::language, "language", "deu", 0, "subtitle", 1}), "");
}

TEST(Kept, WhatTheFileLacksFails) {
  using testing::HasSubstr;
  EXPECT_THAT(said_of({Kind::tag, "metadata mood", "calm", 0, "", 0}),
              HasSubstr("does not show metadata mood, which the plan keeps"));
  EXPECT_THAT(said_of({Kind::language, "language", "fra", 0, "subtitle", 2}),
              HasSubstr("language of subtitle 2"));
  EXPECT_THAT(said_of({Kind::role, "role forced", "", 1 << 6, "subtitle", 1}),
              HasSubstr("role forced of subtitle 1"));
  EXPECT_THAT(said_of({Kind::chapters, "9 chapters", "", 9, "", 0}), HasSubstr("9 chapters"));
  EXPECT_THAT(said_of({Kind::side_data, "HDR mastering display", "", 20, "video", 0}),
              HasSubstr("HDR mastering display of video 0"));
}

}  // namespace
}  // namespace quadrant
