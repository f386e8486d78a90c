// SPDX-License-Identifier: MIT
// What becomes of every stream of an input in an output: decided, and tried on the installed libav,
// before the first packet is written. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/contract/format.h"
#include "pipeline/media/input.h"

namespace quadrant {

using Options = std::vector<std::pair<std::string, std::string>>;  // libav's names and values

// What the job requires of an output; container and encoders are resolved.
struct OutputRequest {
  std::string container;      // libavformat's muxer name, see container_for()
  std::string video_encoder;  // libavcodec's encoder name, see encoder_named()
  std::string pixel_format = "auto";
  bool pixels_named = false;         // by the last stage
  unsigned video_tag = 0;            // see codec_tag_named(); 0: the usual one
  std::optional<int> video_threads;  // nullopt: from the picture's size
  Options video_options;
  bool copy_audio = true, copy_subtitles = true, keep_metadata = true;
  // May what is copied, and the container cannot hold, be encoded instead?
  bool convert_audio = false, convert_subtitles = true;
  std::string audio_encoder;  // empty: audio is copied (or left out)
  Options audio_options;
  std::string audio_filter;  // see check_audio_filter(); empty: none
  Options muxer_options;
  bool sequence = false;  // the pictures are numbered

  // The matrix that the output's pictures have whatever the input's is; 2: theirs.
  int matrix() const;
};

struct VideoEncoding {
  std::string encoder;
  Format format;  // the encoder's input format; time_base is the encoder's
  int threads = 1;
  Options options;
  unsigned tag = 0;  // for the container; 0: the usual one
};

struct StreamPlan {
  enum class Action { encode, copy, leave_out };
  int input_stream = 0;
  Action action = Action::copy;
  std::string what;             // StreamInfo::describe()
  std::string reason;           // why it is left out, or encoded without being asked to
  std::string encoder;          // of audio and subtitles that are encoded; libavcodec's name
  std::string codec;            // that it makes
  Options options;              // for it
  std::string filter;           // of libavfilter, before it; empty: none
  bool is_other_video = false;  // not the one that the stages see
  bool is_lost = false;  // left out for the container, not on request nor kept in another way
};

// One thing besides packets that the output keeps, as the trial of its muxer says; the written file
// is asked for it again.
struct KeptProperty {
  enum class Kind { tag, language, role, side_data, colour_tags, sample_aspect, chapters };
  Kind kind = Kind::tag;
  std::string what;         // for people: "title", "role forced"
  std::string text;         // a tag's value
  int number = 0;           // AV_DISPOSITION_*, AVPacketSideDataType, or how many chapters
  std::string stream_kind;  // name_of() its stream's kind; empty: the file's
  int nth = 0;              // of the output's streams of that kind, from 0
  static constexpr int of_file = -1;
  int stream = of_file;    // of the input
  bool is_checked = true;  // false: libavformat's reader does not tell it, or in other words
};

struct OutputPlan {
  std::string container;
  VideoEncoding video;
  Options muxer_options;
  bool keep_metadata = true;
  bool keep_chapters = true;
  bool keep_rotation = true;        // false: a stage rotated the picture
  bool loses_orientation = false;   // the output cannot tell it, and no stage applied it
  bool from_start = true;           // false: of a part of the input that begins later
  bool sequence = false;            // of numbered pictures
  bool images = false;              // the muxer writes single pictures (image2), no container
  std::vector<StreamPlan> streams;  // in the input's order
  std::vector<KeptProperty> kept;
  std::vector<int> carried;         // AVFrameSideDataType that the first picture carries
  std::vector<std::string> losses;  // what the output cannot keep, and why; one line each
  std::vector<std::string> notes;   // worth knowing, but not losses

  bool keeps(int stream) const;  // stream of the input; encoded or copied
};

// libavformat's muxer: `wanted`, or from the extension of `path` if that is "auto". Throws
// Error(usage) with the known names.
std::string container_for(const std::string& path, const std::string& wanted);
// libavcodec's encoder for `wanted`, the name of an encoder or a codec; "auto": the container's
// default for `path`. Throws Error(usage).
std::string encoder_named(const std::string& wanted, StreamKind kind, const std::string& container,
                          const std::string& path);
// The tag of four characters by which `container` marks the codec of `encoder`. Throws Error(usage)
// if it does not know this one.
unsigned codec_tag_named(const std::string& name, const std::string& container,
                         const std::string& encoder);
// libavcodec's name for an option: the AVCodecContext field `bit_rate` is option "b".
std::string libav_option_name(const std::string& name);
// Throws Error(usage) if the option does not exist or does not take this value.
void check_encoder_option(const std::string& encoder, const std::string& name,
                          const std::string& value);
// Throws Error(usage) if libavfilter has no such chain of audio filters, with one input and one
// output.
void check_audio_filter(const std::string& chain);
// Throws Error(usage) with the formats that the encoder takes.
void check_pixel_format(const std::string& encoder, const std::string& name);
void check_muxer_option(const std::string& container, const std::string& name,
                        const std::string& value);

// `result` is the output format of the last stage. Opens encoder and muxer once, into memory, so
// that whatever libav would refuse is refused here. Throws Error(input) with libav's reason.
OutputPlan plan_output(const Input& input, const OutputRequest& request, const Format& result,
                       const std::string& path);

// Encoder threads if the job sets none: from the picture alone, never from the machine.
int automatic_threads(const Format& format);

}  // namespace quadrant
