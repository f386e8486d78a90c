// SPDX-License-Identifier: MIT
#include "pipeline/media/index_scan.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>

#include "pipeline/media/av.h"
#include "pipeline/media/key_probe.h"
#include "pipeline/media/skipping_reader.h"
#include "pipeline/media/stream_info.h"
#include "pipeline/media/ticks.h"

namespace quadrant {
namespace {

constexpr std::size_t samples = 256;
constexpr std::int64_t avi_chunk_header = 8;  // an AVI index points to this header, before the data

struct Sample {
  ByteRange place;
  std::int64_t time = 0;
};

bool is_mov(const Input& input) { return input.info().container.starts_with("mov,"); }

std::vector<Sample> index_of(const Input& input, AVStream& stream) {
  std::vector<Sample> index;
  const std::int64_t header = is_mov(input) ? 0 : avi_chunk_header;
  const int count = avformat_index_get_entries_count(&stream);
  for (int i = 0; i < count; ++i) {
    const AVIndexEntry& entry = *avformat_index_get_entry(&stream, i);
    const std::int64_t begin = entry.pos + header;
    index.push_back({{begin, begin + entry.size}, entry.timestamp});
  }
  return index;
}

// Every packet has a valid position and is not empty: a parser drops empty packets.
bool is_whole(const std::vector<Sample>& index, std::int64_t file_bytes) {
  return !index.empty() && std::ranges::all_of(index, [file_bytes](const Sample& sample) {
    const auto [begin, end] = sample.place;
    return begin > 0 && begin < end && end <= file_bytes;
  });
}

// For all streams: the other streams' data is not needed either.
void skip_media_data(SkippingReader& file, const Input& input) {
  AVFormatContext& context = *input.av();
  std::vector<ByteRange> ranges;
  for (unsigned i = 0; i < context.nb_streams; ++i)
    for (const Sample& sample : index_of(input, *context.streams[i]))
      if (sample.place.begin < sample.place.end) ranges.push_back(sample.place);
  file.skip(std::move(ranges));
}

class IndexScan {
 public:
  IndexScan(const InputSpec& spec, const StopFlag& stop)
      : file_(std::make_shared<SkippingReader>(spec.name)), input_(spec, stop, file_->context()) {}

  std::optional<PacketScan> scan() {
    index_ = index_of(input_, stream());
    if (!is_whole(index_, file_->size()) || !settle_parser()) return std::nullopt;
    input_.ignore_other_streams();
    skip_media_data(*file_, input_);
    if (!input_.seek(INT64_MIN)) return std::nullopt;  // restarts, now without a parser
    scan_.time_base = input_.info().video_stream().format.time_base;
    if (!read_packets() || input_.take_diagnostics().lines > 0) return std::nullopt;
    if (!probes_) {
      scan_.is_key = [keys = std::move(keys_)](std::size_t packet) { return keys[packet]; };
      return std::move(scan_);
    }
    scan_.is_key = probe();
    if (file_->has_holes() || !has_pictures()) return std::nullopt;
    return std::move(scan_);
  }

 private:
  AVStream& stream() const { return *input_.av()->streams[input_.info().video]; }

  // False if the parser's findings are needed for all packets. When it probes a file, libavformat
  // may use a parser that it does not use later; after a seek, the first packet of a stream makes a
  // new parser only if it is used.
  bool settle_parser() {
    if (!input_.seek(INT64_MIN)) return false;
    Packet packet;
    do packet = input_.read();
    while (packet && packet.stream() != input_.info().video);
    const AVCodecParserContext* parser = av_stream_get_parser(&stream());
    const AVCodecID codec = stream().codecpar->codec_id;
    if (parser && !(parser->flags & PARSER_FLAG_COMPLETE_FRAMES)) return false;
    probes_ = parser && codec != AV_CODEC_ID_MJPEG;
    if (probes_ && !(is_mov(input_) && KeyProbe::serves(codec))) return false;
    input_.av()->flags |= AVFMT_FLAG_NOPARSE;
    // With a parser, times that the container itself does not store may come from it.
    if (probes_) input_.av()->flags |= AVFMT_FLAG_NOFILLIN;
    return true;
  }

  bool read_packets() {
    while (const Packet packet = input_.read()) {
      if (packet.stream() != input_.info().video) continue;
      const AVPacket& p = *packet.av();
      if (!agrees(p)) return false;
      scan_.pts.push_back(p.pts);
      scan_.dts.push_back(p.dts);
      scan_.bytes.push_back(p.size);
      keys_.push_back(p.flags & AV_PKT_FLAG_KEY);
    }
    return scan_.pts.size() == index_.size() &&
           avformat_index_get_entries_count(&stream()) == std::ssize(index_);
  }

  // Is this the next packet in the index, with times that libavformat would not change?
  bool agrees(const AVPacket& p) const {
    const std::size_t i = scan_.pts.size();
    if (i >= index_.size() || p.flags & AV_PKT_FLAG_CORRUPT) return false;
    if (p.pts == AV_NOPTS_VALUE || p.dts == AV_NOPTS_VALUE || (probes_ && p.pts < p.dts))
      return false;
    const Sample& sample = index_[i];
    if (p.size != sample.place.end - sample.place.begin) return false;
    if (i == 0) return true;
    return p.dts >= scan_.dts[i - 1] &&
           minus(p.dts, scan_.dts[0]) == minus(sample.time, index_[0].time);
  }

  std::function<bool(std::size_t)> probe() {
    auto probe = std::make_shared<KeyProbe>(*file_, stream());
    return [file = file_, probe, index = std::move(index_), name = input_.info().name,
            &stop = input_.stop()](std::size_t packet) {
      if (stop.raised()) fail(Fault::stopped, "{}: stopped", name);
      stop.got_on();
      return probe->is_key(index[packet].place);
    };
  }

  bool has_pictures() const {
    const std::size_t count = scan_.pts.size(), step = std::max<std::size_t>(1, count / samples);
    try {
      for (std::size_t packet = 0; packet < count; packet += step) scan_.is_key(packet);
    } catch (const IndexDoubt&) {
      return false;
    }
    return true;
  }

  std::shared_ptr<SkippingReader> file_;
  Input input_;
  std::vector<Sample> index_;
  bool probes_ = false;
  std::vector<bool> keys_;
  PacketScan scan_;
};

}  // namespace

std::optional<PacketScan> scan_index(const Input& opened) {
  const std::string& name = opened.info().name;
  std::error_code ignored;
  if (!is_mov(opened) && opened.info().container != "avi") return std::nullopt;
  if (!std::filesystem::is_regular_file(name, ignored)) return std::nullopt;
  if (opened.info().taken.is_trimmed()) return std::nullopt;  // its packets are read sooner
  return IndexScan(opened.info().spec(), opened.stop()).scan();
}

std::optional<PacketScan> scan_raw(const Input& opened) {
  const InputInfo& info = opened.info();
  const std::int64_t picture = bytes_of_raw_picture(*opened.av(), info);
  std::error_code error;
  if (picture <= 0 || info.taken.is_trimmed() ||
      !std::filesystem::is_regular_file(info.name, error))
    return std::nullopt;
  const auto size = static_cast<std::int64_t>(std::filesystem::file_size(info.name, error));
  if (error || size % picture != 0) return std::nullopt;
  PacketScan scan;
  scan.time_base = info.video_stream().format.time_base;
  for (std::int64_t i = 0; i < size / picture; ++i) scan.pts.push_back(i);
  scan.dts = scan.pts;
  scan.bytes.assign(scan.pts.size(), picture);
  scan.is_key = [](std::size_t) { return true; };
  return scan;
}

}  // namespace quadrant
