// SPDX-License-Identifier: MIT
#include "pipeline/foreign/raw_program.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sstream>

#include "pipeline/observe/helper_processes.h"

namespace quadrant {
namespace {

constexpr double time_for_end = 2;  // seconds
constexpr int most_held = 64;       // frames: memory is bounded
constexpr int pipe_bytes = 1 << 20;
constexpr int short_look_ms = 20;
// A program that uses less CPU between two short looks waits for the next frame.
constexpr double idle_seconds = 0.001;

void prepare(const Descriptor& descriptor) {
  fcntl(descriptor.get(), F_SETPIPE_SZ, pipe_bytes);  // fewer switches; the least is allowed too
  fcntl(descriptor.get(), F_SETFL, fcntl(descriptor.get(), F_GETFL) | O_NONBLOCK);
}

}  // namespace

RawProgram::RawProgram(std::vector<std::string> words, std::size_t bytes, double timeout)
    : name_(words.front()), bytes_(bytes), timeout_(timeout), frame_(bytes, '\0') {
  Pipe to, from;
  helper_ =
      std::make_unique<Helper>(words, std::vector<int>{to.out.get(), from.in.get(), STDERR_FILENO});
  in_ = std::move(to.in);
  out_ = std::move(from.out);
  prepare(in_);
  prepare(out_);
}

RawProgram::~RawProgram() {
  in_.reset();
  out_.reset();
  if (helper_) helper_->death(time_for_end);
}

void RawProgram::give(const std::string& frame, const Take& take) {
  const HelperTimer timer(helper_->pid());
  write_while_reading(frame, take);
  is_waiting();
  for (Patience patience; frames_inside() > held_;) {
    if (at_end_) ended();
    if (read_some(take, short_look_ms)) continue;
    if (held_ < most_held && is_waiting())
      ++held_;
    else
      look_at(patience);
  }
}

void RawProgram::ask(const std::string& frame, const Take& take) {
  const HelperTimer timer(helper_->pid());
  write_while_reading(frame, take);
  for (Patience patience; frames_inside() > 0;) {
    if (at_end_) ended();
    if (!read_some(take, look_interval_ms)) look_at(patience);
  }
}

void RawProgram::finish(const Take& take) {
  const HelperTimer timer(helper_->pid());
  in_.reset();
  for (Patience patience; !at_end_;)
    if (!read_some(take, look_interval_ms)) look_at(patience);
  if (filled_ > 0 || frames_inside() != 0) ended();
  const auto death = helper_->death(time_for_end);
  if (death && death->what != "ended with code 0") lost(death->what);
}

void RawProgram::write_while_reading(const std::string& frame, const Take& take) {
  ++given_;
  Patience patience;
  for (std::size_t written = 0; written < frame.size();) {
    std::array<pollfd, 2> wait{{{in_.get(), POLLOUT, 0}, {out_.get(), POLLIN, 0}}};
    if (poll(wait.data(), at_end_ ? 1 : 2, look_interval_ms) <= 0) {
      look_at(patience);
      continue;
    }
    if (wait[1].revents != 0) read_some(take, 0);
    if (wait[0].revents == 0) continue;
    const ssize_t more = write(in_.get(), frame.data() + written, frame.size() - written);
    if (more > 0) written += static_cast<std::size_t>(more), patience = {};
    if (more < 0 && errno != EAGAIN && errno != EINTR) ended();
  }
}

// False if nothing came within `wait_ms`.
bool RawProgram::read_some(const Take& take, int wait_ms) {
  pollfd wait{out_.get(), POLLIN, 0};
  if (at_end_ || poll(&wait, 1, wait_ms) <= 0) return at_end_;
  const ssize_t got = read(out_.get(), frame_.data() + filled_, bytes_ - filled_);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return true;
  at_end_ = got <= 0;
  filled_ += static_cast<std::size_t>(std::max<ssize_t>(got, 0));
  if (filled_ < bytes_) return true;
  if (++taken_ > given_) lost(fmt::format("gave more frames than the {} that it got", given_));
  filled_ = 0;
  take(frame_);
  return true;
}

bool RawProgram::is_waiting() {
  const double now = cpu_seconds_of_process(helper_->pid());
  const bool idle = now - cpu_ < idle_seconds;
  cpu_ = now;
  return idle;
}

void RawProgram::look_at(Patience& patience) {
  if (timeout_ > 0 && patience.seconds() > timeout_) {
    helper_.reset();  // kills it
    lost(fmt::format("gave no frame for {:g} s (timeout)", timeout_));
  }
}

void RawProgram::ended() {
  const auto death = helper_->death(time_for_end);
  const std::string how = death ? death->what : "closed its output";
  lost(fmt::format(
      "{} after {} of {} frames{}", how, taken_, given_,
      filled_ == 0 ? "" : fmt::format(" and {} bytes of the {} of another", filled_, bytes_)));
}

void RawProgram::lost(const std::string& why) {
  throw ProgramLost(Fault::input, fmt::format("{}: {}", name_, why));
}

std::string program_in_path(const std::string& name) {
  const auto is_program = [](const std::string& path) {
    std::error_code ignored;
    return access(path.c_str(), X_OK) == 0 && std::filesystem::is_regular_file(path, ignored);
  };
  if (name.find('/') != std::string::npos) return is_program(name) ? name : "";
  const char* const path = std::getenv("PATH");
  std::istringstream directories(path ? path : "/usr/bin:/bin");
  for (std::string directory; std::getline(directories, directory, ':');) {
    const std::string found = (directory.empty() ? "." : directory) + "/" + name;
    if (is_program(found)) return found;
  }
  return "";
}

}  // namespace quadrant
