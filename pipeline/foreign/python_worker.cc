// SPDX-License-Identifier: MIT
#include "pipeline/foreign/python_worker.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "pipeline/observe/helper_processes.h"

namespace quadrant {

extern const std::string_view quadrant_py;

namespace {

using nlohmann::json;

constexpr std::size_t longest_message = 256 << 10;
constexpr double time_to_end = 2;  // seconds

std::string dumped(const json& message) {
  return message.dump(-1, ' ', false, json::error_handler_t::replace);
}

// "sharpen.py:12: ValueError: ..." and below it how the function got there.
std::string message_of(const json& failed, const PythonScript& script) {
  const std::string what = failed.at("what").get<std::string>();
  const json where = failed.value("where", json::array());
  if (!failed.contains("where"))
    return fmt::format("{}: {} {}", script.file, script.function, what);
  if (where.empty()) return fmt::format("{}: {}", script.file, what);
  const auto place = [](const json& at) {
    return fmt::format("{}:{}", at.at("file").get<std::string>(), at.at("line").get<int>());
  };
  std::string text = fmt::format("{}: {}", place(where.back()), what);
  for (const json& at : where)
    text += fmt::format("\n  {}: in {}: {}", place(at), at.at("function").get<std::string>(),
                        at.at("text").get<std::string>());
  return text;
}

}  // namespace

PythonWorker::PythonWorker(PythonScript script)
    : script_(std::move(script)), received_(longest_message, '\0') {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    fail(Fault::temporary, "no process can be started: {}", std::strerror(errno));
  socket_ = Descriptor(ends[0]);
  const Descriptor theirs(ends[1]), program = text_file(quadrant_py);
  // What the script prints goes to our standard error: standard output may be a film.
  helper_ = std::make_unique<Helper>(
      std::vector<std::string>{script_.interpreter, "-u", "-", "worker", "3", script_.file},
      std::vector<int>{program.get(), STDERR_FILENO, STDERR_FILENO, theirs.get()});
}

PythonWorker::~PythonWorker() {
  hang_up();
  if (helper_) helper_->death(time_to_end);
}

void PythonWorker::hang_up() { socket_.reset(); }

void PythonWorker::begin(std::uint64_t stage, const json& about, double timeout) {
  if (begun_ == stage) return;
  begun_ = 0;
  known_.clear();
  ask({{"begin", about}}, {}, timeout);
  begun_ = stage;
}

PythonWorker::Answer PythonWorker::run(const Order& order, double timeout) {
  json memory = json::array(), fresh = json::array(), gone = json::array();
  std::erase_if(known_, [&](const auto& known) {
    if (!known.second.expired()) return false;
    gone.push_back(known.first);
    return true;
  });
  std::vector<int> descriptors;
  for (const auto& frame : order.frames) {
    memory.push_back(frame->number);
    if (!known_.emplace(frame->number, frame->life).second) continue;
    fresh.push_back(frame->number);
    descriptors.push_back(frame->descriptor);
  }
  const json message = {{"frame",
                         {{"memory", memory},
                          {"new", fresh},
                          {"gone", gone},
                          {"current", order.current},
                          {"pts", order.pts},
                          {"seconds", order.seconds}}}};
  const json done = ask(message, descriptors, timeout).at("done");
  Answer answer{done.at("changed").get<bool>(), done.at("kept").get<std::vector<std::uint64_t>>()};
  for (const std::uint64_t number : answer.kept) known_.erase(number);
  return answer;
}

json PythonWorker::ask(const json& message, const std::vector<int>& descriptors, double timeout) {
  const HelperTimer timer(helper_->pid());
  send(dumped(message), descriptors);
  json answer = receive(timeout);
  if (answer.contains("failed")) refuse(answer.at("failed"));
  return answer;
}

void PythonWorker::send(const std::string& text, const std::vector<int>& descriptors) {
  const std::size_t size = descriptors.size() * sizeof(int);
  std::vector<char> control(CMSG_SPACE(size));
  iovec bytes{const_cast<char*>(text.data()), text.size()};
  msghdr header{};
  header.msg_iov = &bytes;
  header.msg_iovlen = 1;
  if (!descriptors.empty()) {
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    cmsghdr* const rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(size);
    std::memcpy(CMSG_DATA(rights), descriptors.data(), size);
  }
  while (sendmsg(socket_.get(), &header, MSG_NOSIGNAL) < 0)
    if (errno != EINTR) lost();
}

json PythonWorker::receive(double timeout) {
  pollfd wait{socket_.get(), POLLIN, 0};
  for (Patience patience; poll(&wait, 1, look_interval_ms) <= 0;)
    if (timeout > 0 && patience.seconds() > timeout) {
      helper_.reset();  // kills it
      socket_.reset();
      throw WorkerLost(Fault::input, fmt::format("{}: {} gave no answer for {:g} s (timeout)",
                                                 script_.file, script_.function, timeout));
    }
  ssize_t got = 0;
  while ((got = recv(socket_.get(), received_.data(), received_.size(), 0)) < 0 && errno == EINTR)
    continue;
  if (got <= 0) lost();
  json answer = json::parse(received_.data(), received_.data() + got, nullptr, false);
  if (!answer.is_object())  // somebody else wrote to its socket
    throw WorkerLost(Fault::input, fmt::format("{}: its process broke the protocol", script_.file));
  return answer;
}

void PythonWorker::lost() {
  const auto death = helper_->death(time_to_end);
  throw WorkerLost(death ? death->fault : Fault::input,
                   fmt::format("{}: its process {}", script_.file,
                               death ? death->what : "closed its connection but did not end"));
}

void PythonWorker::refuse(const json& failed) const {
  fail(Fault::input, "{}", message_of(failed, script_));
}

}  // namespace quadrant
