// SPDX-License-Identifier: MIT
// A Python interpreter that runs a user's function on frames: tools/python/quadrant.py, which this
// program has inside, and the messages to it. docs/python.md describes them.
//
// A message is one datagram of a local socket: JSON, with the descriptors of memory that the other
// side has not seen yet. One answer comes for each.
#pragma once

#include <compare>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "pipeline/foreign/helper.h"
#include "pipeline/foreign/shared_memory.h"

namespace quadrant {

struct PythonScript {
  std::string interpreter, file, function;
  std::string params;  // JSON, for the function
  friend auto operator<=>(const PythonScript&, const PythonScript&) = default;
};

// What an interpreter tells about itself and a script, without running the script.
struct PythonCheck {
  std::string python, numpy;  // versions; empty: unknown
  std::string problem;        // why frames cannot be given to it; empty: none known
};
// Runs the interpreter once for each content of the file; later calls only remember. Thread-safe.
PythonCheck check_python(const PythonScript& script);

// The worker is gone or does not answer; the same frame may do with another worker.
class WorkerLost : public Error {
 public:
  using Error::Error;
};

class PythonWorker {
 public:
  // Begins the interpreter; what it needs to know of the frames comes with begin(). Errors as those
  // of spawn_helper().
  explicit PythonWorker(PythonScript script);
  ~PythonWorker();  // lets it end, for two seconds at most
  PythonWorker(const PythonWorker&) = delete;
  PythonWorker& operator=(const PythonWorker&) = delete;

  // Tells it what frames come next, unless `stage` told that last. `about` is the message. Seconds
  // to wait for the answer: 0 waits without limit. Throws Error(input) with the user's file and
  // line if the script fails, WorkerLost.
  void begin(std::uint64_t stage, const nlohmann::json& about, double timeout);

  struct Order {
    std::vector<std::shared_ptr<SharedMemory>> frames;  // in order of time
    int current = 0;
    std::int64_t pts = 0;  // ticks
    double seconds = 0;
  };
  struct Answer {
    bool changed = false;             // the function returned something
    std::vector<std::uint64_t> kept;  // numbers of memory that it goes on to read
  };
  // Errors as those of begin().
  Answer run(const Order& order, double timeout);

  void hang_up();                                 // nothing more comes, so it ends
  std::uint64_t begun() const { return begun_; }  // the last `stage`; 0: none
  const PythonScript& script() const { return script_; }

 private:
  nlohmann::json ask(const nlohmann::json& message, const std::vector<int>& descriptors,
                     double timeout);
  void send(const std::string& text, const std::vector<int>& descriptors);
  nlohmann::json receive(double timeout);
  [[noreturn]] void lost();
  [[noreturn]] void refuse(const nlohmann::json& failed) const;

  PythonScript script_;
  Descriptor socket_;
  std::unique_ptr<Helper> helper_;
  std::string received_;     // the last answer, in memory that is used again
  std::uint64_t begun_ = 0;  // the last `stage`
  std::map<std::uint64_t, std::weak_ptr<const int>> known_;  // memory that it has mapped
};

// The workers of this process for scripts whose frames may come in any order, of whatever input. As
// many are begun as frames are worked on at once; one that is not needed waits for the next frame.
// Thread-safe.
class PythonWorkers {
 public:
  static PythonWorkers& all();
  ~PythonWorkers();

  // A worker, for as long as this lives.
  class Lease {
   public:
    // One that was begun for `stage`, if there is one. Waits while `most` are in use; 0: never.
    Lease(const PythonScript& script, std::uint64_t stage, int most);
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    PythonWorker& worker() { return *worker_; }
    void keep() { is_good_ = true; }  // others may use it after this; else it ends

   private:
    const PythonScript& script_;
    std::unique_ptr<PythonWorker> worker_;
    bool is_good_ = false;
  };

 private:
  struct Workers {
    std::vector<std::unique_ptr<PythonWorker>> idle;
    int in_use = 0;
  };
  PythonWorkers() = default;
  std::unique_ptr<PythonWorker> take(const PythonScript& script, std::uint64_t stage, int most);
  void give_back(const PythonScript& script, std::unique_ptr<PythonWorker> worker) noexcept;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<PythonScript, Workers> workers_;
};

}  // namespace quadrant
