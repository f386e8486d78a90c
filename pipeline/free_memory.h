// SPDX-License-Identifier: MIT
// What a codec frees stays in the heap as holes between blocks that stay, and each thread's heap
// has its own: without this, a run grows by a codec's memory again and again, though it never uses
// more at once. Pages that hold nothing go back to the kernel.
#pragma once

namespace quadrant {

void give_back_free_memory();  // now: takes about a millisecond per 10 MiB
// The same at most four times a second. For places that are passed often; thread-safe.
void give_back_free_memory_at_times();

}  // namespace quadrant
