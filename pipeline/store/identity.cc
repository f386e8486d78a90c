// SPDX-License-Identifier: MIT
#include "pipeline/store/identity.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <vector>

#include "pipeline/contract/stage.h"
#include "pipeline/media/filter_chain.h"
#include "pipeline/media/sequence.h"
#include "pipeline/media/versions.h"
#include "pipeline/store/paths.h"

namespace quadrant {
namespace {

constexpr std::uint64_t block_size = 64 << 10, most_blocks = 64;

// Offsets of the blocks to read in a file of `size` bytes.
std::vector<std::uint64_t> places(std::uint64_t size, std::uint64_t wanted) {
  std::vector<std::uint64_t> found;
  const std::uint64_t there = (size + block_size - 1) / block_size;
  const std::uint64_t count = std::min(there, wanted);
  for (std::uint64_t i = 0; i < count; ++i)
    found.push_back(there <= wanted
                        ? i * block_size
                        : i * (size - block_size) / std::max<std::uint64_t>(1, count - 1));
  return found;
}

std::string content_of_file(const std::string& path, std::uint64_t wanted) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return "";  // opening a pipe would wait for a writer
  const std::uint64_t size = fs::file_size(path, error);
  std::ifstream in(path, std::ios::binary);
  if (error || !in) return "";
  std::string all = fmt::format("{}\n", size), piece(block_size, '\0');
  for (const std::uint64_t place : places(size, wanted)) {
    in.clear();
    in.seekg(static_cast<std::streamoff>(place));
    in.read(piece.data(), static_cast<std::streamsize>(block_size));
    all.append(piece, 0, static_cast<std::size_t>(in.gcount()));
  }
  return md5_hex(all);
}

std::string identity_of_file(const std::string& path) {
  struct stat about {};
  if (stat(path.c_str(), &about) != 0 || !S_ISREG(about.st_mode)) return "";
  return fmt::format("{} {}.{:09}", about.st_size, about.st_mtim.tv_sec, about.st_mtim.tv_nsec);
}

// "" for all of it.
std::string what_is_taken(const InputSpec& input) {
  return input.taken == Selection{} ? "" : "\n" + to_text({"", input.taken});
}

}  // namespace

std::string identity(const std::string& path) {
  if (!is_sequence(path) || is_there(path)) return identity_of_file(path);
  std::string all;
  for (const std::string& picture : files_of(path))
    all += fs::path(picture).filename().string() + " " + identity_of_file(picture) + "\n";
  return all.empty() ? "" : md5_hex(all);
}

std::string content_of(const std::string& input) {
  if (input.starts_with("lavfi:")) return md5_hex(input);
  if (!is_sequence(input) || is_there(input)) return content_of_file(input, most_blocks);
  std::string all;
  for (const std::string& picture : files_of(input))
    all += fs::path(picture).filename().string() + " " + content_of_file(picture, 1) + "\n";
  return all.empty() ? "" : md5_hex(all);
}

// What `tell` says of all parts or pictures of an input that is made of several; "" if it says
// nothing of one.
template <class Tell>
static std::string of_all(const InputSpec& input, Tell tell) {
  std::string all;
  for (const InputSpec& part : input.taken.joined) {
    const std::string told = tell(part);
    if (told.empty()) return "";
    all += to_text(part) + " " + told + "\n";
  }
  if (input.taken.is_sequence)
    for (const std::string& picture : files_of(input)) all += picture + " " + tell(picture) + "\n";
  return all.empty() ? "" : md5_hex(all);
}

std::string identity(const InputSpec& input) {
  const bool is_of_several = !input.taken.joined.empty() || input.taken.is_sequence;
  if (!is_of_several) return identity(input.name);
  return of_all(input, [](const InputSpec& part) { return identity(part); });
}

std::string content_of(const InputSpec& input) {
  const bool is_of_several = !input.taken.joined.empty() || input.taken.is_sequence;
  if (!is_of_several) return content_of(input.name);
  return of_all(input, [](const InputSpec& part) { return content_of(part); });
}

std::string canonical_job(JobSpec job, std::string (*identify)(const std::string& path)) {
  job.inputs.clear();
  job.output.path.clear();
  job.run = {};
  std::vector<std::string> files = files_named_in(job.output.audio.filter), versions;
  for (const StageSpec& spec : job.stages) {
    const std::unique_ptr<Stage> stage = spec.make();
    for (std::string& file : stage->files()) files.push_back(std::move(file));
    for (std::string& version : stage->environment()) versions.push_back(std::move(version));
  }
  std::string text = to_yaml(job);
  for (const std::string& file : files) text += fmt::format("# {}: {}\n", file, identify(file));
  for (const std::string& version : versions) text += fmt::format("#! {}\n", version);
  return text;
}

JobKey job_key(const std::string& canonical_job, const InputSpec& input) {
  const bool is_graph = input.name.starts_with("lavfi:") && input.taken.joined.empty();
  std::string source = is_graph ? input.name : "";
  if (source.empty()) {
    const std::string id = identity(input);
    if (!id.empty()) source = absolute_name(input.name) + " " + id;
  }
  if (!source.empty()) source += what_is_taken(input);
  return {md5_hex(canonical_job), source.empty() ? "" : md5_hex(source),
          md5_hex(library_versions())};
}

JobKey shared_key(const std::string& canonical, const InputSpec& input, const std::string& output) {
  const std::string content = content_of(input);
  return {md5_hex(canonical),
          content.empty() ? "" : md5_hex(to_text(input) + "\n" + output + "\n" + content),
          md5_hex(library_versions())};
}

}  // namespace quadrant
