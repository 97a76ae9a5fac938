#pragma once
#include <stddef.h>
#include <stdint.h>

/// libFuzzer's main loop; `callback` gets each input.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));

/// Starts a measurement of the memory that is allocated from now on.
void allocation_meter_start(void);

/// Most bytes that were allocated at one time since the start, above what was allocated then.
size_t allocation_meter_peak(void);
