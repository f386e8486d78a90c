// SPDX-License-Identifier: MIT
// A checked configuration: every key known, every value of the right type and in range. Nothing has
// been opened yet; the plan checks what depends on an input (formats, what a container can hold).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/config/mode.h"
#include "pipeline/config/picture_rules.h"
#include "pipeline/config/source.h"
#include "pipeline/contract/catalogue.h"
#include "pipeline/contract/param.h"
#include "pipeline/input_spec.h"

namespace quadrant {

// An option of libavcodec, libavformat or an encoder, with libav's name and its value as text.
// Lists of options are sorted by name, each name once.
struct LibavOption {
  std::string name, value;
  SourceLocation location;  // of the name
};

struct VideoSpec {
  std::string codec = "auto";         // encoder in libavcodec; auto: the container's default
  std::string pixel_format = "auto";  // libavutil's name; auto: the format that loses the least
  std::string tag = "auto";           // four characters; auto: the container's usual one
  std::optional<int> threads;  // encoder threads, part of the job; nullopt: the input decides
  std::optional<double> segment_seconds;  // 0: none; nullopt: auto
  std::vector<LibavOption> options;       // preset, crf, b, g ...
  SourceLocation location, codec_location, pixel_format_location, tag_location, segment_location;
};

struct AudioSpec {
  // automatic: copied where the container holds it, else encoded by the container's usual encoder
  enum class Kind { copy, none, encode, automatic } kind = Kind::copy;
  std::string codec;   // when encoding: encoder in libavcodec
  std::string filter;  // a chain of libavfilter that the sound goes through before
  std::vector<LibavOption> options;
  SourceLocation location, filter_location;
};

enum class SubtitleRule {
  automatic,  // text that the container cannot hold is converted to its kind of text
  copy,
  none
};
inline constexpr std::array all_subtitle_rules{SubtitleRule::automatic, SubtitleRule::copy,
                                               SubtitleRule::none};
std::string_view name_of(SubtitleRule rule);

struct OutputSpec {
  std::string path;                // pattern: {dir} {stem} {ext} {name} {index}; empty: not given
  std::string container = "auto";  // libavformat's muxer name; auto: by the extension
  VideoSpec video;
  AudioSpec audio;
  SubtitleRule subtitles = SubtitleRule::automatic;
  bool metadata = true;              // copy or none (tags and chapters)
  std::vector<LibavOption> options;  // the muxer's: movflags ...
  SourceLocation path_location, container_location;
};

struct RunSpec {
  Mode mode = Mode::automatic;
  int cores = 0;            // 0: all available
  std::int64_t memory = 0;  // bytes for frames in progress; 0: a quarter of what is available
  int retries = 0;          // of a unit that failed temporarily
  double timeout = 0;       // seconds without progress until a unit is stopped; 0: never
  int max_failures = 0;     // failed inputs until no more are started; 0: no limit
  bool isolate = false;     // each unit in its own process
  bool fail_on_damage = false;
  std::optional<double> max_damage;  // percent of an input's frames; nullopt: 10 of lost ones
  std::vector<std::string> sbatch;   // options for Slurm, as "--partition=long"
};

struct StageSpec {
  const StageInfo* info = nullptr;
  std::vector<std::pair<std::string, Value>> values;  // the given ones, in declaration order
  SourceLocation location;                            // of the stage's name

  std::unique_ptr<Stage> make() const;  // with its parameters set, not yet configured
};

struct Override {          // --set KEY=VALUE, e.g. stages.0.blur.sigma=2
  std::string key, value;  // VALUE is YAML: 3, none, [a, b], {codec: aac}
  std::string option;      // e.g. "--mode", if such an option was used instead of --set
};

// The arguments of read_job(), so that another process can read the same job.
struct JobText {
  std::string name, yaml;
  std::vector<Override> overrides;
};

// Stages that `orientation: apply` puts before the job's own; null where the catalogue has none.
struct TurningStages {
  const StageInfo *flip = nullptr, *rotate = nullptr;
};

struct JobSpec {
  JobText text;                   // not part of the job
  std::vector<InputSpec> inputs;  // as written
  OnChange on_change = OnChange::fit;
  OrientationRule orientation = OrientationRule::automatic;
  double speed = 1;  // of picture and sound
  OutputSpec output;
  RunSpec run;
  std::vector<StageSpec> stages;
  TurningStages turning;  // not part of the job

  // The input as this job plays it.
  InputSpec played(InputSpec input) const {
    input.speed = speed;
    return input;
  }
};

// One input as a job or the command line names it: its name alone, or a map such as
// {path: "a.mp4", start: 10, end: 20}. A file that is really called so is taken as it is. Throws
// Error(usage).
InputSpec read_input(const std::string& text);
// The same as text: read_input() gives it back.
std::string to_text(const InputSpec& input);

// Bytes from 1048576, 512M, 2G, 64KiB (powers of 1024) or 500MB (of 1000); also for --memory.
std::optional<std::int64_t> to_size(std::string_view text);

// Reads and checks a configuration. Throws Error(usage) with file, line, column, the line, a caret
// and the nearest known key. `name` is for messages: the file's name as the user gave it.
JobSpec read_job(const std::string& name, const std::string& yaml, const Catalogue& catalogue,
                 const std::vector<Override>& overrides = {});
// The same from a file; "-" has no special meaning. Throws Error(usage) if it cannot be read.
JobSpec read_job_file(const std::string& path, const Catalogue& catalogue,
                      const std::vector<Override>& overrides = {});

// The job as canonical YAML: every value that is not a default, with keys in a fixed order, so
// comments and key order make no difference. Reading it gives the same job.
std::string to_yaml(const JobSpec& job);

// JSON schema (draft 2020-12) of the configuration, made from the declarations.
std::string json_schema(const Catalogue& catalogue);

}  // namespace quadrant
