#ifndef PENSTOCK_FILE_RANGE_H
#define PENSTOCK_FILE_RANGE_H

#include <stdint.h>

/// Lets the disk begin with what was written in a range of a file (SYNC_FILE_RANGE_WRITE of sync_file_range(2)). Waits for
/// nothing, makes nothing durable and forgets no error: the next fdatasync reports it.
void file_range_start_writing(int descriptor, int64_t offset, int64_t count);

#endif
