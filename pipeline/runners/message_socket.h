// SPDX-License-Identifier: MIT
// Messages between a job and the child processes that do its units: a length (4 bytes, host byte
// order) and CBOR, which can hold any bytes of a file name.
#pragma once

#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>

namespace quadrant {

class MessageSocket {
 public:
  explicit MessageSocket(int descriptor) : descriptor_(descriptor) {}
  ~MessageSocket();
  MessageSocket(const MessageSocket&) = delete;
  MessageSocket& operator=(const MessageSocket&) = delete;

  // False if the other side is gone. Sends whole messages, from any thread.
  bool send(const nlohmann::json& message);
  // The next message; nothing after `timeout_ms`, or when the other side is gone, which sets
  // closed(). -1 waits without limit. Throws Error(internal) for an invalid message.
  // Single-threaded.
  std::optional<nlohmann::json> receive(int timeout_ms);
  bool closed() const { return closed_; }

 private:
  bool fill(int timeout_ms);
  std::optional<nlohmann::json> take();

  int descriptor_;
  std::mutex sending_;
  std::string received_;
  bool closed_ = false;
};

}  // namespace quadrant
