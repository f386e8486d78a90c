// SPDX-License-Identifier: MIT
// An opened input: what is in it, and its packets one after another.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/contract/format.h"
#include "pipeline/media/log.h"
#include "pipeline/media/packet.h"
#include "pipeline/media/stop.h"

struct AVFormatContext;
struct AVIOContext;

namespace quadrant {

enum class StreamKind { video, cover, audio, subtitle, data, attachment };
std::string_view name_of(StreamKind kind);

struct StreamInfo {
  int index = 0;
  StreamKind kind = StreamKind::data;
  std::string codec;  // libavcodec's name of the codec, e.g. "h264"
  std::string profile;
  double start_seconds = 0, duration_seconds = 0;  // 0: unknown
  std::int64_t bit_rate = 0;                       // bits per second; 0: unknown
  std::int64_t frames = 0;                         // what the container says; 0: unknown
  std::int64_t indexed = 0;                        // packets its index promises; 0: unknown
  Format format;                                   // video and cover
  bool variable_rate = false;                      // video, see rate.h
  double rotation = 0;                          // degrees clockwise that a player turns the picture
  int sample_rate = 0, channels = 0;            // audio
  std::map<std::string, std::string> metadata;  // language, title, filename ...

  std::string describe() const;  // "#1 audio aac 48000 Hz 2 channels (eng)"
};

struct InputInfo {
  std::string name;                                // as the user gave it
  std::string container;                           // libavformat's demuxer name
  double start_seconds = 0, duration_seconds = 0;  // 0: unknown
  std::int64_t bit_rate = 0;
  std::vector<StreamInfo> streams;
  int video = -1;  // index of the stream that is processed; -1: there is none
  int chapters = 0;
  std::map<std::string, std::string> metadata;

  const StreamInfo& video_stream() const { return streams[static_cast<std::size_t>(video)]; }
  // Frames to expect, for progress: from the container or rate times duration; 0: unknown.
  std::int64_t expected_frames() const;
  // As far as can be told before it is read: a still image tells no length.
  bool is_one_picture() const;
};

class Input {
 public:
  // A file, "-", a URL, an image sequence (frames/%05d.png) or "lavfi:GRAPH". Reads enough to know
  // every stream. Throws Error(input) naming the input and libav's reason.
  Input(const std::string& name, const StopFlag& stop);
  // The same of a file whose bytes come through `bytes`, which must outlive it.
  Input(const std::string& name, const StopFlag& stop, AVIOContext* bytes);
  ~Input();
  Input(Input&&) noexcept;

  const InputInfo& info() const;
  // The next packet of any stream, on the input's own clock, which begins at 0 (see timeline.h);
  // empty at the end. Waits for storage or the network. Throws
  // Error(temporary) on an I/O error, a broken connection included; other damage ends the input as
  // FFmpeg ends it.
  Packet read();
  // What libav said of the input since the last call: first while it was opened, then in read().
  Diagnostics take_diagnostics();
  AVFormatContext* av() const;  // for media/
  const StopFlag& stop() const;

  // Can it be read from anywhere, and more than once? A file can, a pipe cannot.
  bool is_seekable() const;
  // For segments. False until a timestamp of the container jumped and the clock went on without.
  bool clock_jumped() const;
  // Goes to a keyframe of the video stream at or before `time`, if the container can tell where one
  // is; ticks of the input's clock, INT64_MIN: the beginning. False if it cannot.
  bool seek(std::int64_t time);
  // From now on read() gives packets of the video stream, and of no other if the container can.
  void ignore_other_streams();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quadrant
