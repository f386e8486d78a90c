// SPDX-License-Identifier: MIT
// How many things run at once, by mode and cores. The executors keep to these limits, and
// predictions (scaling/bounds.h) use them.
#pragma once

#include "pipeline/config/mode.h"

namespace quadrant {

// Frames in progress per input: one in the one-frame modes. In a flow graph, enough that every core
// has work while the serial nodes (decode, encode) hold a frame each and a finished one waits its
// turn. If frames wait for something other than a core, many more, since they cost only memory.
int frames_in_progress(Mode mode, int cores, bool waits);

// Threads that compute, of `cores` that may: many more than the machine has would find no work, but
// oneTBB begins all that it may as soon as there is any.
int computing_threads(int cores);

// Units that are open at once; in a graph each needs a thread that waits for storage. One more than
// cores, so that no core idles at the end of a short clip, when only its encoder works; more on one
// core in mode `concurrent`, where most of them wait.
int units_at_once(Mode mode, int cores);

// Is there an idle worker for each busy one? Then the rest of the busy workers' units continues as
// graphs.
bool can_help(int idle, int workers);

// Child processes of isolated units; each has its own core, except in mode `concurrent`.
int processes_at_once(Mode mode, int cores);

// Does the mode use flow graphs? Then it limits the threads of encoders.
bool is_graph(Mode mode);

// Threads left for encoders if the process is to stay under 3 N + 16: N workers, one thread per
// open input, the main thread, the progress thread, and two for stages that wait.
int encoder_thread_limit(int cores, int units_at_once);

// OS threads that an encoder with `threads` makes, in addition to the calling one.
int encoder_threads(int threads);

}  // namespace quadrant
