// SPDX-License-Identifier: MIT
// How many things there may be at once, by mode and cores. The executors keep to it, and
// predictions (scaling/bounds.h) count with it.
#pragma once

#include "pipeline/config/mode.h"

namespace quadrant {

// Frames in progress in one input: one where the mode says one. In the graph, enough that every
// core has work while the serial nodes (decode, encode) hold a frame each and a finished one waits
// its turn; where frames wait for something that is not a core, many more, for they cost memory
// only.
int frames_in_progress(Mode mode, int cores, bool waits);

// Inputs, or parts of them, that are open at once; each costs the graph a thread that waits for
// storage. One more than cores, so that the end of a short clip, where only the encoder has work
// left, idles no core; more on one core, whose point is that many wait.
int units_at_once(Mode mode, int cores);

// Have so many idle workers come together that there is one for each at work? Then what is left of
// their units goes on as graphs.
bool can_help(int idle, int workers);

// Child processes, where units are isolated: each has cores of its own, but on one core.
int processes_at_once(Mode mode, int cores);

// Is it the graph over frames? It bounds what encoders bring.
bool is_graph(Mode mode);

// Threads left for encoders so that the process stays under 3 N + 16: N workers, one thread for
// each open input, the main thread, one that shows progress, and two for stages that wait.
int encoder_thread_limit(int cores, int units_at_once);

// OS threads that an encoder of `threads` brings, beside the one that calls it.
int encoder_threads(int threads);

}  // namespace quadrant
