// SPDX-License-Identifier: MIT
#include "pipeline/media/described_input.h"

#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

extern "C" {
#include <libavutil/mem.h>
}

#include "pipeline/media/pipe_reader.h"
#include "pipeline/media/ticks.h"

namespace quadrant {
namespace {

// Where the packets of a stretch end, in AV_TIME_BASE ticks: the latest picture or sound.
struct End {
  std::int64_t at = INT64_MIN;
  bool has_video = false;
};

std::int64_t duration_of(const AVPacket& packet, const AVStream& stream, const StreamInfo& info) {
  if (packet.duration > 0) return packet.duration;
  const Rational rate = info.format.frame_rate;
  return info.kind == StreamKind::video && rate.num > 0
             ? av_rescale_q(1, av::to_av({rate.den, rate.num}), stream.time_base)
             : 0;
}

End read_to_end(Input& input) {
  End end;
  const InputInfo& info = input.info();
  while (const Packet packet = input.read()) {
    if (packet.stream() >= static_cast<int>(info.streams.size())) continue;
    const StreamInfo& s = info.streams[static_cast<std::size_t>(packet.stream())];
    const bool is_video = packet.stream() == info.video;
    if (!is_video && s.kind != StreamKind::audio) continue;
    const AVStream& stream = *input.av()->streams[packet.stream()];
    const AVPacket& p = *packet.av();
    const std::int64_t time = p.pts != AV_NOPTS_VALUE ? p.pts : p.dts;
    const Input::Ticks taken = input.taken_of(packet.stream());
    if (time == AV_NOPTS_VALUE || time >= taken.end) continue;
    std::int64_t until = plus(time, duration_of(p, stream, s));
    if (!is_video) until = std::min(until, taken.end);  // sound is cut, a picture lasts
    if (until <= std::max<std::int64_t>(taken.first, 0)) continue;
    end.has_video = end.has_video || is_video;
    end.at = std::max(end.at, rescaled(until, stream.time_base, AV_TIME_BASE_Q));
  }
  return end;
}

// The end of a file whose clock runs on can be read alone.
std::optional<std::int64_t> length_by_its_end(Input& input) {
  constexpr double before_end = 1;  // seconds
  const InputInfo& info = input.info();
  if (!input.is_seekable() || input.av()->iformat->flags & AVFMT_TS_DISCONT) return std::nullopt;
  const double from = info.duration_seconds - before_end;
  if (from <= 0) return std::nullopt;
  const double tick = info.video_stream().format.time_base.value();
  if (!input.seek(std::llround(from / tick))) return std::nullopt;
  const End end = read_to_end(input);
  if (!end.has_video || input.clock_jumped()) return std::nullopt;
  return end.at;
}

std::int64_t length_of(const InputSpec& spec, const StopFlag& stop) {
  Input input(spec, stop);
  if (const auto length = length_by_its_end(input)) return *length;
  Input whole(spec, stop);
  const End end = read_to_end(whole);
  if (end.at <= 0) fail(Fault::input, "{}: nothing can be read of it", spec.name);
  return end.at;
}

void add_chapter(AVFormatContext& context, const AVChapter& chapter) {
  auto* made = static_cast<AVChapter*>(av::not_null(av_mallocz(sizeof(AVChapter))));
  made->id = chapter.id;
  made->time_base = chapter.time_base;
  made->start = chapter.start;
  made->end = chapter.end;
  av_dict_copy(&made->metadata, chapter.metadata, 0);
  int count = static_cast<int>(context.nb_chapters);
  if (av_dynarray_add_nofree(&context.chapters, &count, made) < 0) {
    av_dict_free(&made->metadata);
    av_free(made);
    fail(Fault::temporary, "out of memory");
  }
  context.nb_chapters = static_cast<unsigned>(count);
}

std::shared_ptr<const DescribedInput> look_at(const InputSpec& spec, const StopFlag& stop) {
  if (PipeReader::serves(spec.name))
    fail(Fault::input,
         "{}: is a pipe, and a part of concat is read more than once; copy it to a "
         "file",
         spec.name);
  auto found = std::make_shared<DescribedInput>();
  const Input input(spec, stop);
  found->spec = spec;
  found->info = input.info();
  if (found->info.video < 0) fail(Fault::input, "{}: has no video stream to process", spec.name);
  found->context = make_context("concat", *input.av());
  const AVFormatContext& from = *input.av();
  for (unsigned i = 0; i < from.nb_streams; ++i)
    add_stream_like(*found->context, *from.streams[i], from.streams[i]->time_base);
  av_dict_copy(&found->context->metadata, from.metadata, 0);
  found->context->start_time = from.start_time;
  for (unsigned i = 0; i < from.nb_chapters; ++i) add_chapter(*found->context, *from.chapters[i]);
  found->first_picture = properties_of(input.first_picture());
  found->is_seekable = input.is_seekable();
  found->pictures = input.taken_of(input.info().video);
  found->sound = input.taken();
  found->length = length_of(spec, stop);
  return found;
}

// "" for what is no file.
std::string version_of(const InputSpec& spec) {
  struct stat about {};
  if (stat(spec.name.c_str(), &about) != 0 || !S_ISREG(about.st_mode)) return "";
  return fmt::format("{} {} {} {} {}.{}", spec.name, about.st_dev, about.st_ino, about.st_size,
                     about.st_mtim.tv_sec, about.st_mtim.tv_nsec);
}

class KnownInputs {
 public:
  std::shared_ptr<const DescribedInput> find(const std::string& version, const InputSpec& spec) {
    const std::lock_guard lock(mutex_);
    for (const auto& known : known_[version])
      if (known->spec == spec) return known;
    return nullptr;
  }
  void add(const std::string& version, std::shared_ptr<const DescribedInput> input) {
    constexpr std::size_t most = 4096;
    const std::lock_guard lock(mutex_);
    if (known_.size() > most) known_.clear();
    known_[version].push_back(std::move(input));
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::vector<std::shared_ptr<const DescribedInput>>> known_;
};

}  // namespace

std::shared_ptr<const DescribedInput> describe(const InputSpec& spec, const StopFlag& stop) {
  static KnownInputs known;
  const std::string version = version_of(spec);
  if (version.empty()) return look_at(spec, stop);
  std::shared_ptr<const DescribedInput> found = known.find(version, spec);
  if (!found) {
    found = look_at(spec, stop);
    known.add(version, found);
  }
  return found;
}

}  // namespace quadrant
