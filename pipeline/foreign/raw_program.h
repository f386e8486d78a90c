// SPDX-License-Identifier: MIT
// A program that reads raw frames from its standard input and writes as many to its standard
// output, as `ffmpeg -f rawvideo` does: no padding, no headers, planes one after another.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/foreign/helper.h"

namespace quadrant {

// The program is gone, or gave something else than frames.
class ProgramLost : public Error {
 public:
  using Error::Error;
};

class RawProgram {
 public:
  // `bytes`: of a frame. `timeout`: seconds to wait for a frame; 0: without limit.
  RawProgram(std::vector<std::string> words, std::size_t bytes, double timeout);
  ~RawProgram();  // lets it end, for two seconds at most
  RawProgram(const RawProgram&) = delete;
  RawProgram& operator=(const RawProgram&) = delete;

  using Take = std::function<void(const std::string& frame)>;
  // Gives it a frame and takes what it has ready by then. Waits for the answer to this frame,
  // unless the program has shown that it holds some frames back. Throws ProgramLost.
  void give(const std::string& frame, const Take& take);
  // The same, but the answer must come: for programs that hold nothing back.
  void ask(const std::string& frame, const Take& take);
  // No frame follows: takes all that it still has. Throws ProgramLost if it gave another number of
  // frames than it got, or ended with another code than 0.
  void finish(const Take& take);
  int frames_inside() const { return given_ - taken_; }

 private:
  void write_while_reading(const std::string& frame, const Take& take);
  bool read_some(const Take& take, int wait_ms);
  bool is_waiting();
  void look_at(Patience& patience);
  [[noreturn]] void lost(const std::string& why);
  [[noreturn]] void ended();

  std::string name_;
  std::size_t bytes_;
  double timeout_;
  Descriptor in_, out_;  // to it, from it
  std::unique_ptr<Helper> helper_;
  std::string frame_;  // that it writes
  std::size_t filled_ = 0;
  int given_ = 0, taken_ = 0;
  int held_ = 0;  // frames that it holds before it answers, as far as it has shown
  double cpu_ = 0;
  bool at_end_ = false;
};

// The path of a program as the shell finds it; empty: there is none.
std::string program_in_path(const std::string& name);

}  // namespace quadrant
