// SPDX-License-Identifier: MIT
// The messages of the process of a unit, as each side would take them.
#include "pipeline/runners/messages.h"

#include <sys/socket.h>

#include <array>

#include "pipeline/runners/message_socket.h"
#include "tests/fuzz/harness.h"

namespace {

template <class T>
void take(const nlohmann::json& message, const char* name) {
  if (!message.is_object() || !message.contains(name)) return;
  try {
    message.at(name).get<T>();
  } catch (const nlohmann::json::exception&) {
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quadrant;
  constexpr std::size_t most = 60'000;  // what a socket takes without a reader
  std::array<int, 2> ends{};
  if (size > most || socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) return 0;
  MessageSocket ours(ends[0]);
  if (write(ends[1], data, size) != static_cast<ssize_t>(size)) std::abort();
  close(ends[1]);
  try {
    while (const auto message = ours.receive(0)) {
      take<OpenOrder>(*message, "open");
      take<UnitOrder>(*message, "unit");
      take<StitchOrder>(*message, "stitch");
      take<Opened>(*message, "opened");
      take<Metrics>(*message, "metrics");
      take<Answer>(*message, "done");
      take<Failed>(*message, "failed");
    }
  } catch (const Error&) {
  }
  return 0;
}
