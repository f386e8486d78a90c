// SPDX-License-Identifier: MIT
// What is known of a script before its first frame, and the workers that are kept for the next one.
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <mutex>

#include "pipeline/foreign/python_worker.h"

namespace quadrant {

extern const std::string_view quadrant_py;

namespace {

constexpr double longest_check = 60;  // seconds: a loaded machine needs some for numpy

std::string read_all(const Descriptor& from) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (Patience patience; patience.seconds() < longest_check;) {
    pollfd wait{from.get(), POLLIN, 0};
    if (poll(&wait, 1, look_interval_ms) <= 0) continue;
    const ssize_t got = read(from.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return text;
}

PythonCheck ask_interpreter(const PythonScript& script) try {
  Pipe answer;
  const Descriptor program = text_file(quadrant_py);
  const Helper helper({script.interpreter, "-", "check", "3", script.file, script.function},
                      {program.get(), STDERR_FILENO, STDERR_FILENO, answer.in.get()});
  answer.in.reset();
  const auto told = nlohmann::json::parse(read_all(answer.out), nullptr, false);
  if (!told.is_object())
    return {.problem = fmt::format(
                "{} cannot run Quadrant's module for Python; is it Python 3.9 or newer?",
                script.interpreter)};
  return {told.value("python", ""), told.value("numpy", ""), told.value("problem", "")};
} catch (const Error& error) {
  if (error.fault() == Fault::temporary) throw;
  return {.problem = fmt::format("{}; install python3 and python3-numpy, or name another "
                                 "Python by interpreter:",
                                 error.what())};
}

std::string version_of_file(const std::string& path) {
  struct stat about {};
  if (stat(path.c_str(), &about) != 0) return "";
  return fmt::format("{} {}.{}", about.st_size, about.st_mtim.tv_sec, about.st_mtim.tv_nsec);
}

}  // namespace

PythonCheck check_python(const PythonScript& script) {
  static std::mutex mutex;
  static std::map<std::array<std::string, 4>, PythonCheck> known;
  const std::array<std::string, 4> key{script.interpreter, script.file, script.function,
                                       version_of_file(script.file)};
  const std::lock_guard lock(mutex);
  if (const auto found = known.find(key); found != known.end()) return found->second;
  return known.emplace(key, ask_interpreter(script)).first->second;
}

PythonWorkers& PythonWorkers::all() {
  static PythonWorkers workers;
  return workers;
}

// All end at the same time.
PythonWorkers::~PythonWorkers() {
  for (auto& [script, workers] : workers_)
    for (auto& worker : workers.idle) worker->hang_up();
}

std::unique_ptr<PythonWorker> PythonWorkers::take(const PythonScript& script, std::uint64_t stage,
                                                  int most) {
  std::unique_lock lock(mutex_);
  Workers& workers = workers_[script];
  changed_.wait(lock, [&] { return most == 0 || workers.in_use < most; });
  ++workers.in_use;
  auto& idle = workers.idle;
  if (idle.empty()) return nullptr;
  const auto begun = std::ranges::find(idle, stage, [](const auto& w) { return w->begun(); });
  if (begun != idle.end()) std::swap(*begun, idle.back());
  std::unique_ptr<PythonWorker> worker = std::move(idle.back());
  idle.pop_back();
  return worker;
}

void PythonWorkers::give_back(const PythonScript& script,
                              std::unique_ptr<PythonWorker> worker) noexcept {
  const std::lock_guard lock(mutex_);
  Workers& workers = workers_[script];
  --workers.in_use;
  if (worker) workers.idle.push_back(std::move(worker));
  changed_.notify_all();
}

PythonWorkers::Lease::Lease(const PythonScript& script, std::uint64_t stage, int most)
    : script_(script), worker_(all().take(script, stage, most)) {
  if (!worker_) try {
      worker_ = std::make_unique<PythonWorker>(script);
    } catch (...) {
      all().give_back(script, nullptr);
      throw;
    }
}

PythonWorkers::Lease::~Lease() {
  if (!is_good_) worker_.reset();
  all().give_back(script_, std::move(worker_));
}

}  // namespace quadrant
