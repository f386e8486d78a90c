// SPDX-License-Identifier: MIT
#include "pipeline/job/run_job.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <opencv2/core/utility.hpp>
#include <thread>

#include "pipeline/begin_thread.h"
#include "pipeline/execute/budget.h"
#include "pipeline/execute/cpu_limit.h"
#include "pipeline/execute/idle_workers.h"
#include "pipeline/free_memory.h"
#include "pipeline/job/input_run.h"
#include "pipeline/job/unit_queue.h"
#include "pipeline/observe/report.h"
#include "pipeline/observe/threads.h"
#include "pipeline/plan/bounds.h"
#include "pipeline/plan/choose.h"
#include "pipeline/plan/memory.h"
#include "pipeline/runners/thread_runner.h"

namespace quadrant {
namespace {

bool merges(const BatchContext& context) {
  const auto& shares = context.options.shares;
  return !shares.empty() && shares.front()->merges;
}

bool is_isolated(const BatchContext& context) {
  return context.options.isolate && !merges(context);
}

// The requested memory bounds everything, the program too. Without a request, frames may use a
// quarter of what is available, and frames and codecs together three quarters.
std::int64_t memory_of(const BatchContext& context) {
  const std::int64_t memory = context.resources.memory;
  return context.resources.holds_all ? std::max<std::int64_t>(0, memory - program_memory)
                                     : 3 * memory;
}

// How many units run at once, in threads here or in child processes.
Scheduler::Setup setup_of(const BatchContext& context) {
  const int cores = context.resources.cores;
  const auto threads = [cores](Mode mode) {
    const int units = units_at_once(mode, cores);
    return Scheduler::Slots{units, is_graph(mode) ? encoder_thread_limit(cores, units) : 0};
  };
  const auto processes = [cores](Mode mode) {
    return Scheduler::Slots{processes_at_once(mode, cores)};
  };
  Scheduler::Setup setup{
      .inputs = context.options.inputs.size(),
      .first = first_mode(context.options.mode, cores),
      .cores = cores,
      .memory = memory_of(context),
      .frame_memory = context.resources.holds_all ? memory_of(context) : context.resources.memory,
      .unit_memory = is_isolated(context) ? program_memory : 0,
      .slots = threads,
      .divides_cores = is_isolated(context),
      .retries = context.options.retries,
      .max_failures = context.options.max_failures};
  if (setup.divides_cores) setup.slots = processes;
  return setup;
}

int worker_count(const BatchContext& context, const Scheduler::Setup& setup) {
  int most = setup.slots(setup.first).units;
  if (context.options.mode != Mode::automatic || setup.divides_cores) return most;
  return std::max(most, setup.slots(Mode::frames).units);
}

// The name of a worker's thread: with child processes it watches a unit, in graph modes it reads
// and writes an input; otherwise it does everything.
const char* worker_name(const Scheduler::Setup& setup) {
  return setup.divides_cores ? "unit" : is_graph(setup.first) ? "input" : nullptr;
}

// Takes tasks until none is left. An input's InputRun lives from its opening to its end.
class Workers {
 public:
  Workers(BatchContext& context, std::deque<InputState>& inputs, UnitQueue& queue, Runner& runner,
          IdleWorkers& idle)
      : context_(context), inputs_(inputs), queue_(queue), runner_(runner), idle_(idle) {}

  // Returns when all tasks have ended: a child process dies with the thread that started it.
  // Threads begin as there is work for them, at most `most`; where the system gives no more (its
  // limit of processes), those that there are do all of it.
  void run(int most, const char* name) {
    most_ = most;
    name_ = name;
    if (most == 1 || !begin_thread()) work();
    for (std::size_t i = 0;; ++i) {
      std::unique_lock lock(threads_mutex_);
      if (i == threads_.size()) return;
      std::thread& next = threads_[i];
      lock.unlock();
      next.join();
    }
  }

  // Ends the inputs that were started and will not be completed.
  void stop_all() {
    for (auto& [index, run] : runs_) run->stop();
    runs_.clear();
  }

 private:
  bool begin_thread() {
    const std::lock_guard lock(threads_mutex_);
    if (static_cast<int>(threads_.size()) >= most_) return false;
    std::optional<std::thread> begun = try_thread([this] {
      if (name_) call_this_thread(name_);
      work();
    });
    if (begun)
      threads_.push_back(std::move(*begun));
    else
      most_ = static_cast<int>(threads_.size());
    return begun.has_value();
  }

  std::optional<Task> next_task() {
    ++waiting_;
    std::optional<Task> task = queue_.next();
    if (--waiting_ == 0 && task && most_ > 1) begin_thread();
    return task;
  }

  void work() {
    while (const std::optional<Task> task = next_task()) {
      idle_.work_begins();
      InputRun& run = run_of(task->input);
      if (attempt(*task, run)) {
        run.finish();
        forget(task->input);
      }
      idle_.work_ends();
    }
  }

  // True: this was the input's last task.
  bool attempt(const Task& task, InputRun& run) {
    try {
      if (task.unit) {
        run.run(task);
        // The next unit may run in another thread, which has another heap.
        if (context_.resources.holds_all) give_back_free_memory();
        return queue_.done(task, is_isolated(context_) ? 0 : peak_rss_bytes() - began_with_);
      }
      std::vector<Unit> units = run.open();
      if (!units.empty() && queue_.is_for_later(run.mode())) run.park();
      return queue_.opened(task, run.mode(), std::move(units));
    } catch (...) {
      return failed(task, run, std::current_exception());
    }
  }

  bool failed(const Task& task, InputRun& run, std::exception_ptr met) {
    const InputRun::Failure failure = run.failed(task, met);
    if (failure.may_pass && queue_.may_try_again(task)) {
      run.tries_again(task, failure);
      return queue_.again(task, failure.pause_seconds);
    }
    run.gives_up(task, failure);
    return queue_.failed(task);
  }

  InputRun& run_of(std::size_t index) {
    const std::lock_guard lock(mutex_);
    std::unique_ptr<InputRun>& run = runs_[index];
    if (!run) {
      const auto& shares = context_.options.shares;
      run = std::make_unique<InputRun>(context_, inputs_[index],
                                       shares.empty() ? nullptr : shares[index].get(), runner_);
    }
    return *run;
  }

  void forget(std::size_t index) {
    {
      const std::lock_guard lock(mutex_);
      runs_.erase(index);
    }
    queue_.closed(index, inputs_[index].status == Status::failed);
    give_back_free_memory_at_times();
  }

  BatchContext& context_;
  std::deque<InputState>& inputs_;
  UnitQueue& queue_;
  Runner& runner_;
  IdleWorkers& idle_;
  std::atomic<int> most_{1}, waiting_{0};
  const char* name_ = nullptr;
  const std::int64_t began_with_ = rss_bytes();
  std::mutex threads_mutex_;
  std::deque<std::thread> threads_;  // never moved: one is joined while others are added
  std::mutex mutex_;
  std::map<std::size_t, std::unique_ptr<InputRun>> runs_;  // started and not ended
};

// `auto` may measure before it chooses; not in child processes.
ThreadRunner::ChooseMode choice_of(BatchContext& context) {
  if (!context.forecast) return {};
  return [&context](Plan& plan) {
    if (!context.may_measure_mode(plan)) return;
    if (const auto choice = context.forecast->ask(plan)) settle_mode(plan, *choice);
  };
}

}  // namespace

// Names are settled: no two inputs share an output, and no output would replace an input.
void run_job(BatchContext& context, std::deque<InputState>& inputs) {
  cv::setNumThreads(0);  // OpenCV runs in the thread that calls it; tiles are ours
  context.resources.cores = cores_with_threads(context.resources.cores);
  const int cores = context.resources.cores;
  std::optional<CpuLimit> limit;
  if (context.options.keeps_to_cores) limit.emplace(cores);
  // From here on the process executes on at most `cores` CPUs at once.

  if (context.options.timeout > 0 && !is_isolated(context))
    context.stalls.emplace(context.options.timeout);
  IdleWorkers idle(cores);
  Executors executors(context.frames, context.stop, &idle);
  ThreadRunner threads(context.job, executors, choice_of(context));
  ProcessRunner processes({.program = context.options.program,
                           .timeout = context.options.timeout,
                           .stop = context.stop,
                           .frames = context.frames,
                           .totals = context.processes});
  Runner& runner = is_isolated(context) ? static_cast<Runner&>(processes) : threads;
  // From here on it is settled what does a unit; nothing below knows whether that is a thread here
  // or a child process.

  const Scheduler::Setup setup = setup_of(context);
  UnitQueue queue(setup, context.stop);
  Workers workers(context, inputs, queue, runner, idle);
  workers.run(worker_count(context, setup), worker_name(setup));
  // From here on no unit runs. Each opened input has its final status, except those that a stop, or
  // too many failures, left with units not started.

  workers.stop_all();
  for (InputState& state : inputs)
    if (state.becomes(Status::stopped)) context.roster.ends(state);
  // From here on every status is final, every lock is free, and every file with a final name is
  // complete.
}

}  // namespace quadrant
