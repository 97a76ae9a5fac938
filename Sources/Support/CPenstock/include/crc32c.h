#ifndef PENSTOCK_CRC32C_H
#define PENSTOCK_CRC32C_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Whether this processor has an instruction for the Castagnoli checksum: SSE 4.2, or CRC of ARMv8. To be called once,
/// before the other one: it also builds a table.
bool crc32c_prepare_instruction(void);

/// The running checksum (not inverted) of `count` bytes at `bytes`, continuing `sum`, made with that instruction.
/// To be called only where it exists.
uint32_t crc32c_with_instruction(uint32_t sum, const void *bytes, size_t count);

#endif
