#define _GNU_SOURCE // sync_file_range is no part of POSIX: Swift's Glibc does not show it.

#include "file_range.h"

#include <fcntl.h>

void file_range_start_writing(int descriptor, int64_t offset, int64_t count) {
#if defined(__linux__)
    (void)sync_file_range(descriptor, offset, count, SYNC_FILE_RANGE_WRITE);
#else
    (void)descriptor;
    (void)offset;
    (void)count;
#endif
}
