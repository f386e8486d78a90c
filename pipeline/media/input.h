// SPDX-License-Identifier: MIT
// An opened input: its contents, and its packets one after another.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/contract/format.h"
#include "pipeline/contract/orientation.h"
#include "pipeline/input_spec.h"
#include "pipeline/media/log.h"
#include "pipeline/media/packet.h"
#include "pipeline/media/stop.h"

struct AVFormatContext;
struct AVFrame;
struct AVIOContext;

namespace quadrant {

struct PacketScan;

enum class StreamKind { video, cover, audio, subtitle, data, attachment };
std::string_view name_of(StreamKind kind);

struct StreamInfo {
  int index = 0;
  StreamKind kind = StreamKind::data;
  std::string codec;  // libavcodec's name, e.g. "h264"
  std::string profile;
  double start_seconds = 0, duration_seconds = 0;  // 0: unknown
  std::int64_t bit_rate = 0;                       // bits per second; 0: unknown
  std::int64_t frames = 0;                         // as the container says; 0: unknown
  std::int64_t indexed = 0;                        // packets in the container's index; 0: unknown
  Format format;                                   // video and cover
  bool variable_rate = false;                      // video, see rate.h
  double rotation = 0;  // degrees clockwise by which players rotate the picture
  // The same with mirroring; empty if there is none to apply, or by no right angle.
  std::optional<Orientation> orientation;
  bool pictures_tell_orientation = true;     // each its own; else the container, for all
  std::vector<std::string> tags_of_picture;  // names of what a photograph tells: EXIF
  bool taken = true;                         // false: the job takes other streams of the input
  std::string undecodable;                   // the video: why it cannot be decoded; empty: it can
  std::string unlike;  // of a joined input: why it cannot be copied, though one part's could
  int sample_rate = 0, channels = 0;            // audio
  std::map<std::string, std::string> metadata;  // language, title, filename ...

  std::string describe() const;  // "#1 audio aac 48000 Hz 2 channels (eng)"
};

struct InputInfo {
  std::string name;                                // as the user gave it
  Selection taken;                                 // of it; all else here is of that part
  double speed = 1;                                // and as it plays at this speed
  std::string container;                           // libavformat's demuxer name
  double start_seconds = 0, duration_seconds = 0;  // 0: unknown
  std::int64_t bit_rate = 0;
  std::vector<StreamInfo> streams;
  int video = -1;  // index of the processed stream; -1: none
  int chapters = 0;
  bool tells_times = true;
  std::map<std::string, std::string> metadata;
  // Of an input that is made of several: what was done to make one of it, and what is not in it.
  std::vector<std::string> notes, losses;

  InputSpec spec() const {
    InputSpec spec{name, taken};
    spec.speed = speed;
    return spec;
  }
  const StreamInfo& video_stream() const { return streams[static_cast<std::size_t>(video)]; }
  // Expected frames, for progress: from the container, or rate times duration; 0: unknown.
  std::int64_t expected_frames() const;
  // When the video is over, in seconds of the input's clock; 0: unknown.
  double end_of_video() const;
  // Single pictures or a sequence of them (libavformat's image2 and the demuxers of image files).
  bool is_of_pictures() const;
  // Does it tell when its pictures are shown? Pictures and raw streams have a rate at most.
  bool has_times() const { return tells_times && !is_of_pictures(); }
  // As far as known before reading: a still image has no stated length.
  bool is_one_picture() const;

 private:
  std::int64_t stated_frames() const;
};

class Input {
 public:
  // `spec` names a file, "-", a URL, an image sequence (frames/%05d.png) or "lavfi:GRAPH". Reads
  // enough to know every stream. Throws Error(input) with the input's name and libav's reason, or
  // if it has not what the spec takes of it.
  Input(const InputSpec& spec, const StopFlag& stop);
  // The same for a file whose bytes come through `bytes`, which must outlive the Input.
  Input(const InputSpec& spec, const StopFlag& stop, AVIOContext* bytes);
  ~Input();
  Input(Input&&) noexcept;

  const InputInfo& info() const;
  // The next packet of any stream, on the input's own clock, which starts at 0 (see timeline.h), or
  // at the part's start if one is taken; what is needed to decode the part has times below 0 then.
  // Empty at the end. Waits for storage or the network. Throws Error(temporary) on an I/O error or
  // a broken connection; other damage ends the input as it does in FFmpeg.
  Packet read();
  // libav's messages about the input since the last call: first those from opening, then from
  // read().
  Diagnostics take_diagnostics();
  AVFormatContext* av() const;  // for media/
  // For media/: properties of the processed stream's first picture, no samples; null if it was not
  // looked at.
  const AVFrame* first_picture() const;
  const StopFlag& stop() const;

  // For media/: what is taken, first <= time < end.
  struct Ticks {
    std::int64_t first = INT64_MIN, end = INT64_MAX;
  };
  Ticks taken_of(int stream) const;  // in its ticks
  // By how much a stream's packets were moved to the clock of the part that is taken, in its ticks;
  // the same for AV_TIME_BASE.
  std::int64_t moved_by(int stream) const;
  std::int64_t moved_by() const;
  // Until when a stream of sound is silent after its last packet, in ticks of AV_TIME_BASE;
  // INT64_MIN: it just ends.
  std::int64_t silent_until(int stream) const;
  // What scan_packets() is to say of an input that is made of several; empty for any other.
  std::optional<PacketScan> scan_parts() const;
  Ticks taken() const;  // in ticks of AV_TIME_BASE
  // Can it be read from any position, and repeatedly? A file can, a pipe cannot.
  bool is_seekable() const;
  // For segments. True once a timestamp of the container jumped and the clock continued without the
  // jump.
  // Seconds per tick of a stream's packets.
  Rational time_base(int stream) const;
  bool clock_jumped() const;
  // Seeks to a keyframe of the video stream at or before `time`, in ticks of the input's clock;
  // INT64_MIN: the start. False if the container cannot find one.
  bool seek(std::int64_t time);
  // From now on read() returns only packets of the video stream, if the container can do that.
  void ignore_other_streams();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quadrant
