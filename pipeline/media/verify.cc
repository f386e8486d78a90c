// SPDX-License-Identifier: MIT
#include "pipeline/media/verify.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>

#include "pipeline/counted.h"
#include "pipeline/media/av.h"
#include "pipeline/media/kept.h"
#include "pipeline/media/log.h"

namespace quadrant {
namespace {

constexpr double clock_tolerance = 0.05;  // seconds: containers that count frames round times

struct CloseInput {
  void operator()(AVFormatContext* context) const { avformat_close_input(&context); }
};
using ContextPtr = std::unique_ptr<AVFormatContext, CloseInput>;

[[noreturn]] void refuse(const std::string& path, const std::string& what) {
  fail(Fault::temporary, "{}: was written, and reading it again shows {}; nothing is kept of it",
       path, what);
}

// Null if there is no demuxer for the container.
ContextPtr open(const std::string& path, const std::string& container) {
  const AVInputFormat* reader = av_find_input_format(container.c_str());
  AVFormatContext* context = nullptr;
  const int code = avformat_open_input(&context, ("file:" + path).c_str(), reader, nullptr);
  ContextPtr owner(code >= 0 ? context : nullptr);
  if (code < 0 && reader) refuse(path, fmt::format("no {}: {}", container, av::error_text(code)));
  if (owner && avformat_find_stream_info(context, nullptr) < 0) refuse(path, "no streams");
  return owner;
}

constexpr double infinity = std::numeric_limits<double>::infinity();

struct Pictures {
  std::int64_t count = 0;
  double first = infinity, last = -infinity;
};

// For each video stream, by index: a container may have reordered them.
std::map<int, Pictures> read_pictures(AVFormatContext& context, const StopFlag& stop) {
  std::map<int, Pictures> all;
  const av::PacketPtr packet = av::make_packet();
  while (av_read_frame(&context, packet.get()) >= 0) {
    stop.got_on();
    const AVStream& stream = *context.streams[packet->stream_index];
    if (stream.codecpar->codec_type == AVMEDIA_TYPE_VIDEO && packet->size > 0) {
      Pictures& found = all[packet->stream_index];
      const double time = static_cast<double>(packet->pts) * av_q2d(stream.time_base);
      ++found.count;
      if (packet->pts != AV_NOPTS_VALUE) found.first = std::min(found.first, time);
      if (packet->pts != AV_NOPTS_VALUE) found.last = std::max(found.last, time);
    }
    av_packet_unref(packet.get());
  }
  return all;
}

std::string text_of(const std::map<int, Pictures>& all) {
  std::string text;
  for (const auto& [stream, found] : all)
    text += fmt::format("{}{} over {:.3f} s", text.empty() ? "" : " and ",
                        counted(found.count, "picture"), found.last - found.first);
  return text.empty() ? "no pictures" : text;
}

}  // namespace

void check_written(const std::string& path, const Written& written, const StopFlag& stop) {
  if (written.pictures == 0) return;
  if (std::filesystem::file_size(path) == 0) refuse(path, "nothing in it");
  const ContextPtr context = open(path, written.container);
  take_libav_error();
  if (!context) return;
  if (static_cast<int>(context->nb_streams) < written.streams)
    refuse(path, fmt::format("{} instead of {}", counted(context->nb_streams, "stream"),
                             written.streams));
  if (const std::string missing = first_missing(*context, written.kept); !missing.empty())
    fail(Fault::input,
         "{}: was written, and reading it again does not show {}, which the plan keeps; nothing is "
         "kept of it; output.metadata: none leaves tags and chapters out",
         path, missing);
  const std::map<int, Pictures> all = read_pictures(*context, stop);
  take_libav_error();
  const double length = written.last_seconds - written.first_seconds;
  const bool found = std::ranges::any_of(all, [&](const auto& stream) {
    const Pictures& p = stream.second;
    return p.count == written.pictures && (!std::isfinite(p.last) ||  // raw streams have no times
                                           std::abs(p.last - p.first - length) < clock_tolerance);
  });
  if (!found)
    refuse(path,
           fmt::format("{} instead of {} over {:.3f} s", text_of(all), written.pictures, length));
}

}  // namespace quadrant
