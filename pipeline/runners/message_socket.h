// SPDX-License-Identifier: MIT
// Messages between a job and the child processes of its units: a length (4 bytes, this machine's
// order) and CBOR, which holds any bytes a file name may have.
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

  // False if the other side is gone. Whole messages, from any thread.
  bool send(const nlohmann::json& message);
  // The next message. Nothing after `timeout_ms`, or when the other side is gone, which closed()
  // then tells; -1 waits without end. Throws Error(internal) for what is no message. For one
  // thread.
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
