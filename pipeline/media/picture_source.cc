// SPDX-License-Identifier: MIT
// Pictures of any names as one film. The bytes of a file are one packet, read when its turn comes,
// so a film of many large photographs takes no more memory than a few of them. What a file holds is
// found out by its first bytes, as libavformat does it; pictures of one kind are one part.
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>

#include "pipeline/media/compound.h"
#include "pipeline/media/picture_list.h"
#include "pipeline/media/sequence.h"
#include "pipeline/media/url.h"

namespace quadrant {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t bytes_to_probe = 4096;

std::int64_t size_of(const std::string& file) {
  struct stat about {};
  return stat(file.c_str(), &about) == 0 ? about.st_size : -1;
}

// The pictures of one kind have one name: that of the demuxer which knows them by their first
// bytes, or the extension by which libavformat knows the others.
std::string kind_of(const std::string& file, const AVPacket& packet) {
  std::string begin(reinterpret_cast<const char*>(packet.data),
                    std::min(bytes_to_probe, static_cast<std::size_t>(packet.size)));
  const int size = static_cast<int>(begin.size());
  begin.append(AVPROBE_PADDING_SIZE, '\0');
  const AVProbeData data{file.c_str(), reinterpret_cast<unsigned char*>(begin.data()), size,
                         nullptr};
  int score = 0;
  const AVInputFormat* demuxer = av_probe_input_format3(&data, 1, &score);
  if (demuxer && std::string_view(demuxer->name).ends_with("_pipe")) return demuxer->name;
  std::string extension = fs::path(file).extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension;
}

// Forced upon a file that libavformat would read as a film (GIF).
InputSpec as_picture(const std::string& file) {
  Selection one;
  one.format = "image2";
  return {file, one};
}

// A file that holds one picture, as an input of its own.
Input open_picture(const std::string& file, const StopFlag& stop) {
  const auto checked = [&file](Input input) {
    if (input.info().video < 0 || !input.info().is_of_pictures())
      fail(Fault::input, "{}: is no picture", file);
    return input;
  };
  Input input(file, stop);
  return checked(input.info().is_of_pictures() ? std::move(input) : Input(as_picture(file), stop));
}

class PictureSource final : public Compound {
 public:
  PictureSource(const InputSpec& spec, const StopFlag& stop) : stop_(stop) {
    PictureList list = list_pictures(spec);
    files_ = std::move(list.files);
    rate_ = {25, 1};
    if (const auto rate = to_rate(spec.taken.rate)) rate_ = {rate->first, rate->second};
    describe(spec, open_first());
    info.notes = std::move(list.notes);
  }

  bool read(AVPacket& packet) override {
    for (; next_ < files_.size(); ++next_) {
      if (stop_.raised()) fail(Fault::stopped, "{}: stopped", info.name);
      const std::string& file = files_[next_];
      if (!read_file(file, packet)) {
        diagnostics.add({1, file + ": the picture is empty"});
        continue;
      }
      packet.pts = packet.dts = static_cast<std::int64_t>(next_++);
      packet.duration = 1;
      packet.flags |= AV_PKT_FLAG_KEY;
      packet.stream_index = 0;
      mark(packet, part_of_kind(file, packet), false);
      stop_.got_on();
      return true;
    }
    return false;
  }

  bool seek(std::int64_t time) override {
    next_ = static_cast<std::size_t>(
        std::clamp<std::int64_t>(time, 0, static_cast<std::int64_t>(files_.size())));
    return true;
  }
  bool is_seekable() const override { return true; }
  std::int64_t silent_until(int) const override { return INT64_MIN; }

  PacketScan scan() const override {
    PacketScan scan;
    scan.time_base = info.video_stream().format.time_base;
    for (std::size_t i = 0; i < files_.size(); ++i) {
      const std::int64_t bytes = size_of(files_[i]);
      if (bytes <= 0) scan.obstacle = "the file is damaged";
      scan.pts.push_back(static_cast<std::int64_t>(i));
      scan.bytes.push_back(std::max<std::int64_t>(bytes, 0));
    }
    scan.dts = scan.pts;
    scan.is_key = [](std::size_t) { return true; };
    return scan;
  }

 private:
  // The film looks like its first picture; like the next, where that one cannot be read.
  Input open_first() {
    std::optional<Error> first;
    for (const std::string& file : files_) {
      if (stop_.raised()) break;
      try {
        Input input = open_picture(file, stop_);
        if (input.info().video_stream().format.width > 0) {
          first_file_ = file;
          return input;
        }
      } catch (const Error& error) {
        if (error.fault() != Fault::input) throw;
        if (!first) first = error;
      }
    }
    if (first) throw Error(*first);
    fail(Fault::input, "{}: no picture can be read", files_.front());
  }

  void describe(const InputSpec& spec, const Input& one) {
    const auto count = static_cast<std::int64_t>(files_.size());
    const double length = static_cast<double>(count * rate_.den) / rate_.num;
    info = one.info();
    info.name = spec.name;
    info.container = "image2";
    info.bit_rate = 0;
    info.start_seconds = 0;
    info.duration_seconds = length;
    StreamInfo video = one.info().video_stream();
    video.index = info.video = 0;
    video.bit_rate = 0;
    video.frames = count;
    video.start_seconds = 0;
    video.duration_seconds = length;
    video.format.frame_rate = av::from_av(rate_);
    video.format.time_base = av::from_av(av_inv_q(rate_));
    info.streams = {std::move(video)};
    context = like(one);
    context->duration = av_rescale_q(count, av_inv_q(rate_), AV_TIME_BASE_Q);
    context->streams[0]->duration = context->streams[0]->nb_frames = count;
    first_picture = properties_of(one.first_picture());
  }

  MadeContext like(const Input& one) const {
    MadeContext made = make_context("image2", *one.av());
    AVStream& stream =
        add_stream_like(*made, *one.av()->streams[one.info().video], av_inv_q(rate_));
    stream.avg_frame_rate = stream.r_frame_rate = rate_;
    stream.start_time = 0;
    return made;
  }

  // False if there is nothing in it.
  bool read_file(const std::string& file, AVPacket& packet) const {
    const std::int64_t size = size_of(file);
    if (size < 0)
      fail(Fault::input, "{}: was there when the input was opened, and is not any more", file);
    if (size == 0) return false;
    constexpr std::int64_t most = std::numeric_limits<int>::max() - AV_INPUT_BUFFER_PADDING_SIZE;
    if (size > most) fail(Fault::input, "{}: is too large for a picture: {} bytes", file, size);
    av::check(av_new_packet(&packet, static_cast<int>(size)), file);
    std::ifstream in(file, std::ios::binary);
    in.read(reinterpret_cast<char*>(packet.data), size);
    const auto got = static_cast<int>(std::max<std::streamsize>(in.gcount(), 0));
    if (in.bad() || !in.is_open() || (got == 0 && size > 0))
      fail(Fault::temporary, "{}: cannot be read", file);
    if (got < size) av_shrink_packet(&packet, got);
    return true;
  }

  std::shared_ptr<const Part> part_of_kind(const std::string& file, const AVPacket& packet) {
    const std::string kind = kind_of(file, packet);
    const auto found = parts_.find(kind);
    if (found != parts_.end()) return found->second;
    return parts_.emplace(kind, make_part(file)).first->second;
  }

  // What cannot be opened is left to the first picture's decoder, which will say so.
  std::shared_ptr<const Part> make_part(const std::string& file) const {
    auto part = std::make_shared<Part>();
    part->number = static_cast<int>(parts_.size());
    part->name = file;
    try {
      part->context = like(open_picture(file, stop_));
    } catch (const Error& error) {
      if (error.fault() != Fault::input) throw;
      part->context = like(open_picture(first_file_, stop_));
    }
    return part;
  }

  const StopFlag& stop_;
  std::vector<std::string> files_;
  std::string first_file_;  // that can be read
  AVRational rate_{};
  std::size_t next_ = 0;
  std::map<std::string, std::shared_ptr<const Part>> parts_;  // by kind
};

// A URL or a filter may have a percent sign, too: my%20dog.mp4.
bool names_pictures(const InputSpec& spec) {
  std::error_code ignored;
  return spec.taken.is_sequence ||
         (spec.taken.format.empty() && is_sequence(spec.name) && path_of(spec.name) == spec.name &&
          !fs::exists(spec.name, ignored));
}

}  // namespace

std::unique_ptr<Compound> open_pictures(const InputSpec& spec, const StopFlag& stop) {
  return std::make_unique<PictureSource>(spec, stop);
}

std::unique_ptr<Compound> open_compound(const InputSpec& spec, const StopFlag& stop) {
  if (!spec.taken.joined.empty()) return open_joined(spec, stop);
  return names_pictures(spec) ? open_pictures(spec, stop) : nullptr;
}

}  // namespace quadrant
