// SPDX-License-Identifier: MIT
// A checked configuration: every key known, every value of the right type and in range. Nothing
// has been opened yet; what depends on an input (formats, what a container can hold) is the plan's.
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
#include "pipeline/config/source.h"
#include "pipeline/contract/catalogue.h"
#include "pipeline/contract/param.h"

namespace quadrant {

// An option of libavcodec, libavformat or an encoder's own, by libav's name, with its value as
// text. Lists of them are in the order of their names, each name once.
struct LibavOption {
  std::string name, value;
  SourceLocation location;  // of the name
};

struct VideoSpec {
  std::string codec = "auto";         // encoder of libavcodec; auto: the container's usual one
  std::string pixel_format = "auto";  // libavutil's name; auto: what loses least
  std::optional<int> threads;         // encoder threads, part of the job; nullopt: from the input
  std::optional<double> segment_seconds;  // 0: none; nullopt: auto
  std::vector<LibavOption> options;       // preset, crf, b, g ...
  SourceLocation location, codec_location, pixel_format_location, segment_location;
};

struct AudioSpec {
  enum class Kind { copy, none, encode } kind = Kind::copy;
  std::string codec;  // encode: encoder of libavcodec
  std::vector<LibavOption> options;
  SourceLocation location;
};

struct OutputSpec {
  std::string path;                // pattern: {dir} {stem} {ext} {name} {index}; empty: not given
  std::string container = "auto";  // libavformat's muxer name; auto: by the extension
  VideoSpec video;
  AudioSpec audio;
  bool subtitles = true;             // copy or none
  bool metadata = true;              // copy or none (tags and chapters)
  std::vector<LibavOption> options;  // the muxer's: movflags ...
  SourceLocation path_location, container_location;
};

struct RunSpec {
  Mode mode = Mode::automatic;
  int cores = 0;                    // 0: all there are for us
  std::int64_t memory = 0;          // bytes for frames in flight; 0: a quarter of what is available
  int retries = 0;                  // of a unit that failed for a reason that may pass
  double timeout = 0;               // seconds without progress until a unit is ended; 0: never
  int max_failures = 0;             // failed inputs until no further one is begun; 0: all are
  bool isolate = false;             // each unit in a process of its own
  std::vector<std::string> sbatch;  // options for Slurm, as "--partition=long"
};

struct StageSpec {
  const StageInfo* info = nullptr;
  std::vector<std::pair<std::string, Value>> values;  // those given, in the declaration's order
  SourceLocation location;                            // of the stage's name

  std::unique_ptr<Stage> make() const;  // with its parameters set, not yet configured
};

struct Override {          // --set KEY=VALUE, e.g. stages.0.blur.sigma=2
  std::string key, value;  // VALUE is YAML: 3, none, [a, b], {codec: aac}
  std::string option;      // "--mode", where an option of its own stands for the key
};

// What read_job() was given, so that another process can read the same.
struct JobText {
  std::string name, yaml;
  std::vector<Override> overrides;
};

struct JobSpec {
  JobText text;                     // no part of the job
  std::vector<std::string> inputs;  // as written: files, globs, URLs, image sequences
  OutputSpec output;
  RunSpec run;
  std::vector<StageSpec> stages;
};

// Bytes from 1048576, 512M, 2G, 64KiB (powers of 1024) or 500MB (of 1000); also for --memory.
std::optional<std::int64_t> to_size(std::string_view text);

// Reads and checks a configuration. Throws Error(usage) with file, line, column, the line, a caret
// and the nearest known key. `name` is for messages: the file's name as the user gave it.
JobSpec read_job(const std::string& name, const std::string& yaml, const Catalogue& catalogue,
                 const std::vector<Override>& overrides = {});
// The same from a file; "-" is not special. Throws Error(usage) if it cannot be read.
JobSpec read_job_file(const std::string& path, const Catalogue& catalogue,
                      const std::vector<Override>& overrides = {});

// The job as canonical YAML: every value that is not a default, keys in a fixed order, so a comment
// or another order of keys changes nothing. Reading it again gives the same job.
std::string to_yaml(const JobSpec& job);

// JSON schema (draft 2020-12) of the configuration, made from the declarations.
std::string json_schema(const Catalogue& catalogue);

}  // namespace quadrant
