// SPDX-License-Identifier: MIT
// Times at the ends of 64 bits, which a file may say. Under UndefinedBehaviorSanitizer (preset
// asan) an overflow anywhere below ends the test.
#include "pipeline/media/ticks.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "pipeline/media/rate.h"
#include "pipeline/media/segment.h"
#include "pipeline/media/timeline.h"

namespace quadrant {
namespace {

const std::vector<std::int64_t> extremes = {
    INT64_MAX, INT64_MAX - 1, -INT64_MAX, -INT64_MAX + 1, INT64_MAX / 2 + 1, -INT64_MAX / 2 - 1, 0};

struct FreeContext {
  void operator()(AVFormatContext* context) const { avformat_free_context(context); }
};
using Context = std::unique_ptr<AVFormatContext, FreeContext>;

Context context_of(const char* container, AVRational time_base, std::int64_t start) {
  Context context(avformat_alloc_context());
  context->iformat = av_find_input_format(container);
  context->start_time = start;
  AVStream* stream = avformat_new_stream(context.get(), nullptr);
  stream->codecpar->codec_type = AVMEDIA_TYPE_VIDEO;
  stream->time_base = time_base;
  stream->avg_frame_rate = {25, 1};
  return context;
}

TEST(Ticks, StayWithinTheTimesThereAre) {
  EXPECT_EQ(plus(2, 3), 5);
  EXPECT_EQ(minus(2, 3), -1);
  EXPECT_EQ(plus(INT64_MAX, 1), latest_time);
  EXPECT_EQ(plus(INT64_MAX, 0), latest_time);   // INT64_MAX is after every picture (Segment)
  EXPECT_EQ(plus(-INT64_MAX, -1), -INT64_MAX);  // INT64_MIN says that there is no time
  EXPECT_EQ(plus(-INT64_MAX, -INT64_MAX), -INT64_MAX);
  EXPECT_EQ(minus(INT64_MAX, -1), latest_time);
  EXPECT_EQ(minus(-INT64_MAX, 1), -INT64_MAX);
  EXPECT_EQ(minus(-INT64_MAX, INT64_MAX), -INT64_MAX);
  EXPECT_EQ(rescaled(90'000, {1, 90'000}, {1, 1000}), 1000);
  EXPECT_EQ(rescaled(INT64_MAX, {1, 1}, {1, 1000}), latest_time);
  EXPECT_EQ(rescaled(-INT64_MAX, {1, 1}, {1, 1000}), -INT64_MAX);
}

// Every extreme after every other, in containers whose clock may jump and in others, with ticks
// longer and shorter than the timeline's.
TEST(Ticks, ATimelineKeepsTimes) {
  for (const char* container : {"mpegts", "matroska"})
    for (const AVRational time_base :
         {AVRational{1, 1}, AVRational{1, 90'000}, AVRational{1, INT_MAX}})
      for (const std::int64_t start : extremes) {
        const Context context = context_of(container, time_base, start);
        Timeline timeline(*context);
        for (const std::int64_t from : extremes)
          for (const std::int64_t to : extremes)
            for (const std::int64_t time : {from, to}) {
              const av::PacketPtr packet = av::make_packet();
              packet->pts = packet->dts = time;
              packet->duration = INT64_MAX;
              timeline.move(*packet);
              EXPECT_NE(packet->pts, AV_NOPTS_VALUE);
              EXPECT_TRUE(Segment{}.gives(packet->pts));
              EXPECT_NE(packet->dts, AV_NOPTS_VALUE);
              timeline.in_container(time, *context->streams[0]);
            }
      }
}

TEST(Ticks, AnInputOfExtremesIsCutAtItsKeyframes) {
  PacketScan scan{.pts = {earliest_time, -1, 0, latest_time - 1, latest_time},
                  .bytes = {1, 1, 1, 1, 1}};
  scan.dts = scan.pts;
  scan.time_base = {1, 100};
  scan.is_key = [](std::size_t) { return true; };
  const std::vector<Segment> segments = cut_into_segments(scan, {.seconds = 1, .at_end = 1}, {});
  EXPECT_GT(segments.size(), 1U);
  std::int64_t pictures = 0;
  for (const Segment& segment : segments) pictures += segment.pictures;
  EXPECT_EQ(pictures, 5);
}

TEST(Ticks, ExtremesHaveNoConstantRate) { EXPECT_TRUE(leave_grid(extremes, {1, 100}, {25, 1})); }

}  // namespace
}  // namespace quadrant
