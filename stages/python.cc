// SPDX-License-Identifier: MIT
// python: a function of the user's on numpy arrays, in worker processes: several cores in spite of
// Python's lock, and a crash there is no crash here. docs/python.md is for those who use it.
//
// The thread that has a frame waits in the call until a worker did it. So the executors' own limits
// hold: as many workers compute at once as a mode has cores, and one in `concurrent`; the thread
// that waits holds the core that its worker uses. Workers that nobody needs at the moment wait for
// the next frame, of this input or another. In order, the memory is the worker's own, so each input
// (each segment) has a fresh one.
//
// A frame is written once into memory that the worker sees, as it is or converted. With `planes`
// the frame that goes on is that memory. A function may keep an array, though: then the frame that
// goes on is a copy, and the memory is never used again.
#include <algorithm>
#include <atomic>
#include <nlohmann/json.hpp>

#include "pipeline/foreign/foreign_pictures.h"
#include "pipeline/foreign/python_worker.h"
#include "stages/samples.h"

namespace quadrant {
namespace {

using nlohmann::json;

constexpr int protocol_version = 1;
constexpr std::size_t longest_params = 32 << 10;  // bytes: they are sent in one message
constexpr int most_neighbours = 16;
constexpr int tries = 2;  // of a frame whose worker is lost

class Python final : public Stage {
 public:
  std::string file, function = "process", params = "{}", interpreter = "python3";
  std::string array_format = "planes", order_name = "any_order", files_read = "[]";
  int past = 0, future = 0, warm = -1, workers = 0;
  double timeout = 300;  // seconds; 0: none

  Format configure(const Format& in) override;
  std::vector<std::string> files() const override;
  std::vector<std::string> environment() const override;
  std::vector<std::string> notes() const override;
  Processing processing() const override {
    return past + future > 0 ? Processing::tile : Processing::stream;
  }
  Order order() const override {
    return order_name == "in_order" ? Order::in_order : Order::any_order;
  }
  Reach reach() const override {
    return {.space = Reach::Space::frame, .past = past, .future = future};
  }
  std::optional<int> warm_up() const override {
    return warm < 0 ? std::nullopt : std::optional(warm);
  }
  std::unique_ptr<State> begin(const ParallelFor&) const override {
    return std::make_unique<Work>(in_, seen_);
  }
  void stream(const Frame& in, State* state, const Emit& emit) const override;
  void process(const Window& in, const Tile& out, State* state) const override;

 private:
  struct Work final : State {
    Work(const Format& in, const Format& seen) : pictures(in, seen) {}
    ForeignPictures pictures;
    std::unique_ptr<PythonWorker> own;  // in order
    bool has_memory = false;            // it has done a frame
  };
  struct Done {
    std::shared_ptr<SharedMemory> memory;  // of the current frame
    bool changed = false, kept = false;
  };

  PythonScript script() const { return {interpreter, file, function, params}; }
  void refuse_contradictions() const;
  json about() const;
  Done run(const Window& in, Work& work) const;
  Done run_in_own(const Window& in, Work& work) const;
  Done run_in_any(const Window& in, Work& work) const;
  Done run_in(PythonWorker& worker, const Window& in, Work& work) const;

  PythonScript script_;
  Format in_, seen_;
  json about_;
  std::uint64_t number_ = 0;  // of this stage among all of the process
  std::unique_ptr<SharedPool> memory_;
  std::unique_ptr<FramePool> frames_;
};

std::uint64_t next_stage() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

Format Python::configure(const Format& in) {
  refuse_contradictions();
  if (const PythonCheck told = check_python(script()); !told.problem.empty())
    fail(Fault::input, "{}", told.problem);
  script_ = script();
  in_ = in;
  seen_ = foreign_format(in, array_format);
  [[maybe_unused]] const ForeignPictures tried(in_, seen_);  // throws now, not later
  number_ = next_stage();
  about_ = about();
  memory_ = std::make_unique<SharedPool>(PictureLayout(seen_).bytes);
  frames_ = std::make_unique<FramePool>(in_);
  return in;
}

void Python::refuse_contradictions() const {
  if (order() == Order::in_order && past + future > 0)
    fail(Fault::usage,
         "past and future give neighbours in any order; a function that is called in order keeps "
         "what it needs itself");
  if (order() == Order::in_order && workers > 0)
    fail(Fault::usage, "workers is for order: any_order; in order each input has one");
  if (order() == Order::any_order && warm >= 0)
    fail(Fault::usage, "warm_up is for order: in_order; in any order nothing is kept");
  if (params.size() > longest_params)
    fail(Fault::usage, "params are {} bytes, and at most {} can be given; put them into a file",
         params.size(), longest_params);
}

json Python::about() const {
  const PictureLayout layout(seen_);
  json planes = json::array();
  const bool many = seen_.pixels.is_rgb();
  const int sample = seen_.pixels.bytes_per_sample();
  for (int p = 0; p < layout.count; ++p) {
    const auto i = static_cast<std::size_t>(p);
    json shape = {seen_.plane_height(p), seen_.plane_width(p)};
    json strides = {layout.strides[i], many ? 3 * sample : sample};
    if (many) shape.push_back(3), strides.push_back(sample);
    planes.push_back({{"shape", shape}, {"strides", strides}, {"offset", layout.offsets[i]}});
  }
  return {{"version", protocol_version},
          {"file", file},
          {"function", function},
          {"params", json::parse(params)},
          {"format", array_format},
          {"pixels", in_.pixels.name()},
          {"width", in_.width},
          {"height", in_.height},
          {"depth", seen_.pixels.depth()},
          {"frame_rate", in_.frame_rate.value()},
          {"planes", planes},
          {"bytes", layout.bytes}};
}

std::vector<std::string> Python::files() const {
  std::vector<std::string> all{file};
  for (const json& each : json::parse(files_read)) all.push_back(each.get<std::string>());
  return all;
}

std::vector<std::string> Python::environment() const {
  const PythonCheck told = check_python(script());
  if (told.python.empty()) return {};
  return {"python " + told.python, "numpy " + (told.numpy.empty() ? "none" : told.numpy)};
}

std::vector<std::string> Python::notes() const {
  const PythonCheck told = check_python(script());
  return {fmt::format("{}: {} in workers with Python {} and numpy {}, {}", file, function,
                      told.python, told.numpy,
                      order() == Order::in_order ? "one for each input"
                      : workers > 0              ? fmt::format("at most {}", workers)
                                                 : "as many as cores")};
}

Python::Done Python::run_in(PythonWorker& worker, const Window& in, Work& work) const {
  worker.begin(number_, about_, timeout);
  PythonWorker::Order order{{}, in.past(), in.pts(), in.seconds()};
  for (int i = -in.past(); i <= in.future(); ++i) {
    order.frames.push_back(memory_->take());
    work.pictures.give(in.at(i), order.frames.back()->data);
  }
  const PythonWorker::Answer answer = worker.run(order, timeout);
  const auto is_kept = [&](const SharedMemory& memory) {
    return std::ranges::find(answer.kept, memory.number) != answer.kept.end();
  };
  for (const auto& frame : order.frames)
    if (is_kept(*frame)) memory_->retire(*frame);
  const auto& now = order.frames[static_cast<std::size_t>(order.current)];
  return {now, answer.changed, is_kept(*now)};
}

Python::Done Python::run_in_own(const Window& in, Work& work) const {
  if (!work.own) work.own = std::make_unique<PythonWorker>(script_);
  try {
    Done done = run_in(*work.own, in, work);
    work.has_memory = true;
    return done;
  } catch (...) {
    work.own.reset();
    throw;
  }
}

Python::Done Python::run_in_any(const Window& in, Work& work) const {
  PythonWorkers::Lease lease(script_, number_, workers);
  Done done = run_in(lease.worker(), in, work);
  lease.keep();
  return done;
}

Python::Done Python::run(const Window& in, Work& work) const {
  const bool in_order = order() == Order::in_order;
  for (int tried = 1;; ++tried) try {
      return in_order ? run_in_own(in, work) : run_in_any(in, work);
    } catch (const WorkerLost& lost) {
      if (in_order && work.has_memory)
        throw Error(lost.fault(), fmt::format("{}, at {:.3f} s, and what it kept in order with it",
                                              lost.what(), in.seconds()));
      if (tried == tries)
        throw Error(lost.fault(), fmt::format("{}, twice at {:.3f} s", lost.what(), in.seconds()));
    }
}

void Python::stream(const Frame& in, State* state, const Emit& emit) const {
  if (!in) return;  // it holds no frames
  auto& work = static_cast<Work&>(*state);
  const View view(in);
  const Done done = run(Window(view, in.pts()), work);
  const bool same_samples = work.pictures.shows_samples();
  if (same_samples && !done.kept) return emit(frame_over(in_, in, done.memory->data, done.memory));
  if (!done.changed && !same_samples && work.pictures.is_unchanged(view, done.memory->data))
    return emit(in);
  const Frame out = frames_->make(in);
  work.pictures.take(done.memory->data, view, View(out));
  emit(out);
}

void Python::process(const Window& in, const Tile& out, State* state) const {
  auto& work = static_cast<Work&>(*state);
  const Done done = run(in, work);
  if (!done.changed && !work.pictures.shows_samples() &&
      work.pictures.is_unchanged(in.now(), done.memory->data)) {
    for (int p = 0; p < out.planes(); ++p) copy_plane(in.now(), out, p);
    return;
  }
  work.pictures.take(done.memory->data, in.now(), out);
}

}  // namespace

StageInfo python_stage() {
  return {
      .name = "python",
      .summary = "Run a Python function on numpy arrays, in worker processes",
      .kind = "own code",
      .params =
          {param("file", &Python::file,
                 "a script, \"sharpen.py\"; part of the job: another content makes outputs anew")
               .required()
               .shorthand(),
           param("function", &Python::function, "function(frame, params) -> array or None"),
           param("params", &Python::params, "anything, for the function and for setup(config)")
               .map(),
           param(
               "format", &Python::array_format,
               "planes: a list of the frame's own planes; rgb, bgr, gray: one array, converted by "
               "the frame's own matrix and back")
               .one_of(foreign_formats()),
           param("order", &Python::order_name,
                 "in_order: frame after frame in one worker, which may keep what it likes")
               .one_of({"any_order", "in_order"}),
           param("past", &Python::past, "frames before the current one that the function sees too")
               .range(0, most_neighbours)
               .unit("frames"),
           param("future", &Python::future, "the same after it")
               .range(0, most_neighbours)
               .unit("frames"),
           param_or_word("warm_up", &Python::warm, "none", -1,
                         "in_order: after so many frames nothing of earlier ones is left, so the "
                         "input may be cut into segments")
               .range(0, 10000)
               .unit("frames"),
           param_or_word("workers", &Python::workers, "auto", 0,
                         "processes that compute at once; auto: as many as cores")
               .range(1, 1024),
           param_or_word("timeout", &Python::timeout, "none", 0.0,
                         "the longest that a frame may take; then its worker is killed")
               .range(0.01, 86400)
               .unit("seconds"),
           param("files", &Python::files_read,
                 "other files that the script reads; part of the job as the script is")
               .list_of_texts(),
           param("interpreter", &Python::interpreter, "a Python with numpy, by name or path")},
      .make = make_stage<Python>};
}

}  // namespace quadrant
