#pragma once
#include <stddef.h>
#include <stdint.h>
/* libFuzzer's entry, for programs whose main function is not C's. */
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));
