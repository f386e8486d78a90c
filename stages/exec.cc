// SPDX-License-Identifier: MIT
// exec: any program that reads raw frames and writes as many, as `ffmpeg -f rawvideo` does.
//
// In order, one program per input (per segment) gets all frames one after another, and may hold
// some back. In any order it must answer each frame before it gets the next, so that several copies
// of it can work at once. How a frame looks to it: pipeline/foreign/foreign_pictures.h.
#include <cstring>
#include <deque>
#include <nlohmann/json.hpp>

#include "pipeline/foreign/foreign_pictures.h"
#include "pipeline/foreign/raw_program.h"
#include "stages/samples.h"

namespace quadrant {
namespace {

class Exec final : public Stage {
 public:
  std::string command = "[]", array_format = "planes", order_name = "in_order", files_read = "[]";
  int warm = -1;
  double timeout = 300;  // seconds; 0: none

  Format configure(const Format& in) override;
  std::vector<std::string> files() const override;
  Processing processing() const override { return Processing::stream; }
  Order order() const override {
    return order_name == "in_order" ? Order::in_order : Order::any_order;
  }
  std::optional<int> warm_up() const override {
    return warm < 0 ? std::nullopt : std::optional(warm);
  }
  std::unique_ptr<State> begin(const ParallelFor&) const override {
    return std::make_unique<Work>(in_, seen_);
  }
  void stream(const Frame& in, State* state, const Emit& emit) const override;

 private:
  struct Work final : State {
    Work(const Format& in, const Format& seen)
        : pictures(in, seen), memory(PictureLayout(seen).bytes + alignment) {}
    static constexpr std::uintptr_t alignment = 64;
    std::uint8_t* picture() {
      const auto address = reinterpret_cast<std::uintptr_t>(memory.data());
      return memory.data() + (alignment - address % alignment) % alignment;
    }
    ForeignPictures pictures;
    std::vector<std::uint8_t> memory;
    std::unique_ptr<RawProgram> program;
    std::deque<Frame> waiting;  // whose answers have not come
  };

  std::vector<std::string> words_for(const Format& in) const;
  std::string packed(const Frame& in, Work& work) const;
  Frame unpacked(const std::string& bytes, const Frame& like, Work& work) const;
  void begin_program(Work& work) const {
    if (!work.program) work.program = std::make_unique<RawProgram>(words_, bytes_, timeout);
  }
  void ask(const Frame& in, Work& work, const Emit& emit) const;

  Format in_, seen_;
  std::vector<std::string> words_;
  std::size_t bytes_ = 0;
  std::unique_ptr<FramePool> frames_;
};

Format Exec::configure(const Format& in) {
  if (order() == Order::any_order && warm >= 0)
    fail(Fault::usage, "warm_up is for order: in_order; in any order nothing is kept");
  in_ = in;
  seen_ = foreign_format(in, array_format);
  words_ = words_for(in);
  if (program_in_path(words_.front()).empty())
    fail(Fault::input, "{}: there is no such program, or it is not executable", words_.front());
  [[maybe_unused]] const ForeignPictures tried(in_, seen_);  // throws now, not later
  bytes_ = static_cast<std::size_t>(seen_.bytes());
  frames_ = std::make_unique<FramePool>(in_);
  return in;
}

// The program itself, and what else is named.
std::vector<std::string> Exec::files() const {
  std::vector<std::string> all;
  for (const auto& each : nlohmann::json::parse(files_read)) all.push_back(each);
  const auto words = nlohmann::json::parse(command);
  if (words.empty()) return all;
  if (const std::string program = program_in_path(words[0]); !program.empty())
    all.push_back(program);
  return all;
}

// {width}, {height}, {rate} and {pixels} in the words are the frame's.
std::vector<std::string> Exec::words_for(const Format& in) const {
  const Rational rate = in.frame_rate.num > 0 ? in.frame_rate : Rational{25, 1};
  const std::pair<std::string, std::string> known[] = {
      {"{width}", std::to_string(in.width)},
      {"{height}", std::to_string(in.height)},
      {"{rate}", fmt::format("{}/{}", rate.num, rate.den)},
      {"{pixels}", seen_.pixels.name()}};
  std::vector<std::string> words;
  for (const auto& each : nlohmann::json::parse(command)) {
    std::string word = each;
    for (const auto& [name, value] : known)
      for (std::size_t at = 0; (at = word.find(name, at)) != std::string::npos; at += value.size())
        word.replace(at, name.size(), value);
    words.push_back(std::move(word));
  }
  return words;
}

std::string Exec::packed(const Frame& in, Work& work) const {
  work.pictures.give(View(in), work.picture());
  const PictureLayout layout(seen_);
  const std::array<Plane, 4> planes = layout.planes(work.picture());
  std::string bytes;
  bytes.reserve(bytes_);
  for (int p = 0; p < layout.count; ++p) {
    const Plane& plane = planes[static_cast<std::size_t>(p)];
    const auto row = static_cast<std::size_t>(seen_.pixels.row_bytes(p, seen_.width));
    for (int y = 0; y < seen_.plane_height(p); ++y)
      bytes.append(reinterpret_cast<const char*>(plane.data + plane.stride * y), row);
  }
  return bytes;
}

Frame Exec::unpacked(const std::string& bytes, const Frame& like, Work& work) const {
  const PictureLayout layout(seen_);
  const std::array<Plane, 4> planes = layout.planes(work.picture());
  const char* next = bytes.data();
  const bool is_limited = seen_.pixels.bytes_per_sample() == 2 && seen_.pixels.depth() < 16;
  const auto highest = static_cast<std::uint16_t>(peak(seen_));
  for (int p = 0; p < layout.count; ++p) {
    const Plane& plane = planes[static_cast<std::size_t>(p)];
    const auto row = static_cast<std::size_t>(seen_.pixels.row_bytes(p, seen_.width));
    for (int y = 0; y < seen_.plane_height(p); ++y, next += row) {
      std::uint8_t* const to = plane.data + plane.stride * y;
      std::memcpy(to, next, row);
      auto* const samples = reinterpret_cast<std::uint16_t*>(to);
      if (is_limited)
        for (std::size_t x = 0; x < row / 2; ++x) samples[x] = std::min(samples[x], highest);
    }
  }
  const Frame out = frames_->make(like);
  work.pictures.take(work.picture(), View(like), View(out));
  return out;
}

// A program that is lost is begun again, and the frame given to it once more.
void Exec::ask(const Frame& in, Work& work, const Emit& emit) const {
  const std::string frame = packed(in, work);
  for (int tries_left = 1;; --tries_left) try {
      begin_program(work);
      work.program->ask(frame, [&](const std::string& made) { emit(unpacked(made, in, work)); });
      return;
    } catch (const ProgramLost&) {
      work.program.reset();
      if (tries_left == 0) throw;
    }
}

void Exec::stream(const Frame& in, State* state, const Emit& emit) const {
  auto& work = static_cast<Work&>(*state);
  if (order() == Order::any_order) {
    if (in) ask(in, work, emit);
    return;
  }
  const auto take = [&](const std::string& made) {
    const Frame like = std::move(work.waiting.front());
    work.waiting.pop_front();
    emit(unpacked(made, like, work));
  };
  if (!in) {
    if (work.program) work.program->finish(take);
    return;
  }
  begin_program(work);
  const std::string frame = packed(in, work);
  work.waiting.push_back(in);
  work.program->give(frame, take);
}

}  // namespace

StageInfo exec_stage() {
  return {.name = "exec",
          .summary = "Run a program that reads raw frames and writes as many",
          .kind = "own code",
          .params = {param("command", &Exec::command,
                           "the program and its arguments, [\"my-filter\", \"--level\", \"3\"]; "
                           "{width}, {height}, {rate} and {pixels} in it are the frames'")
                         .list_of_texts()
                         .required()
                         .shorthand(),
                     param("format", &Exec::array_format,
                           "planes: the frame's own, one after another; rgb, bgr, gray: converted "
                           "by the frame's own matrix and back")
                         .one_of(foreign_formats()),
                     param("order", &Exec::order_name,
                           "any_order: it answers each frame before the next, and several copies "
                           "run at once")
                         .one_of({"in_order", "any_order"}),
                     param_or_word("warm_up", &Exec::warm, "none", -1,
                                   "in_order: after so many frames nothing of earlier ones is "
                                   "left, so the input may be cut into segments")
                         .range(0, 10000)
                         .unit("frames"),
                     param_or_word("timeout", &Exec::timeout, "none", 0.0,
                                   "the longest that a frame may take; then the program is killed")
                         .range(0.01, 86400)
                         .unit("seconds"),
                     param("files", &Exec::files_read,
                           "files that the program reads, such as a script; part of the job, as "
                           "the program's own file is")
                         .list_of_texts()},
          .make = make_stage<Exec>};
}

}  // namespace quadrant
