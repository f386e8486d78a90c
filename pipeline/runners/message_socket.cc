// SPDX-License-Identifier: MIT
#include "pipeline/runners/message_socket.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "pipeline/error.h"
#include "pipeline/foreign_json.h"

namespace quadrant {
namespace {

using nlohmann::json;

std::string framed(const json& message) {
  std::string body;
  json::to_cbor(message, body);
  const auto size = static_cast<std::uint32_t>(body.size());
  std::string text(sizeof size, '\0');
  std::memcpy(text.data(), &size, sizeof size);
  return text + body;
}

}  // namespace

MessageSocket::~MessageSocket() { close(descriptor_); }

bool MessageSocket::send(const json& message) {
  const std::string text = framed(message);
  const std::lock_guard lock(sending_);
  for (std::size_t sent = 0; sent < text.size();) {
    const auto more = ::send(descriptor_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (more < 0 && errno == EINTR) continue;
    if (more <= 0) return false;
    sent += static_cast<std::size_t>(more);
  }
  return true;
}

std::optional<json> MessageSocket::receive(int timeout_ms) {
  for (;;) {
    if (std::optional<json> message = take()) return message;
    if (closed_ || !fill(timeout_ms)) return std::nullopt;
  }
}

// Reads the available bytes; false if none came in time.
bool MessageSocket::fill(int timeout_ms) {
  pollfd wait{descriptor_, POLLIN, 0};
  if (poll(&wait, 1, timeout_ms) <= 0) return false;
  std::array<char, 65536> buffer{};
  const auto got = recv(descriptor_, buffer.data(), buffer.size(), 0);
  if (got < 0 && errno == EINTR) return true;
  closed_ = got <= 0;
  if (got > 0) received_.append(buffer.data(), static_cast<std::size_t>(got));
  return true;
}

std::optional<json> MessageSocket::take() {
  std::uint32_t size = 0;
  if (received_.size() < sizeof size) return std::nullopt;
  std::memcpy(&size, received_.data(), sizeof size);
  if (received_.size() - sizeof size < size) return std::nullopt;
  const char* const body = received_.data() + sizeof size;
  const json message = from_cbor(body, body + size);
  received_.erase(0, sizeof size + size);
  if (!message.is_object()) fail(Fault::internal, "a message between processes is damaged");
  return message;
}

}  // namespace quadrant
