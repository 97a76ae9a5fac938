// The one thing that Swift cannot say: the processor's own instruction for the checksum. The choice whether to use it,
// and what to do without it, are in Swift.

#include "crc32c.h"

#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <nmmintrin.h>
#define WITH_INSTRUCTION __attribute__((target("sse4.2")))
#define STEP_WORD(sum, word) ((uint32_t)_mm_crc32_u64((sum), (word)))
#define STEP_BYTE(sum, byte) _mm_crc32_u8((sum), (byte))

static bool instruction_exists(void) {
    unsigned int a = 0, b = 0, c = 0, d = 0;
    return __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_SSE4_2) != 0;
}

#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#define WITH_INSTRUCTION __attribute__((target("crc")))
#define STEP_WORD(sum, word) __builtin_arm_crc32cd((sum), (word))
#define STEP_BYTE(sum, byte) __builtin_arm_crc32cb((sum), (byte))

static bool instruction_exists(void) {
    return (getauxval(AT_HWCAP) & (1UL << 7)) != 0; // HWCAP_CRC32
}
#endif

#ifdef WITH_INSTRUCTION

/// An instruction waits three cycles for the one before it and could begin every cycle: so three parts of this many bytes
/// are summed side by side.
#define PART 1024

/// What a sum becomes when PART zero bytes follow, by each of its four bytes.
static uint32_t after_zeros[4][256];

WITH_INSTRUCTION static inline uint32_t step(uint32_t sum, const unsigned char *at) {
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return STEP_WORD(sum, word);
}

static inline uint32_t followed_by_zeros(uint32_t sum) {
    return after_zeros[0][sum & 0xFF] ^ after_zeros[1][sum >> 8 & 0xFF] ^ after_zeros[2][sum >> 16 & 0xFF] ^
           after_zeros[3][sum >> 24];
}

WITH_INSTRUCTION bool crc32c_prepare_instruction(void) {
    if (!instruction_exists()) return false;
    for (int place = 0; place < 4; place++) {
        for (uint32_t byte = 0; byte < 256; byte++) {
            uint32_t sum = byte << 8 * place;
            for (int zeros = 0; zeros < PART; zeros += 8) sum = STEP_WORD(sum, 0);
            after_zeros[place][byte] = sum;
        }
    }
    return true;
}

WITH_INSTRUCTION uint32_t crc32c_with_instruction(uint32_t sum, const void *bytes, size_t count) {
    const unsigned char *cursor = bytes;
    while (count >= 3 * PART) {
        uint32_t second = 0, third = 0;
        for (int at = 0; at < PART; at += 8) {
            sum = step(sum, cursor + at);
            second = step(second, cursor + PART + at);
            third = step(third, cursor + 2 * PART + at);
        }
        // Checksums without inversion are linear: that of a whole is that of its first part followed by zeros, xor
        // that of the rest.
        sum = followed_by_zeros(followed_by_zeros(sum) ^ second) ^ third;
        cursor += 3 * PART;
        count -= 3 * PART;
    }
    for (; count >= 8; count -= 8, cursor += 8) sum = step(sum, cursor);
    for (; count > 0; count--, cursor++) sum = STEP_BYTE(sum, *cursor);
    return sum;
}

#else

bool crc32c_prepare_instruction(void) { return false; }

// Never called: there is no instruction.
uint32_t crc32c_with_instruction(uint32_t sum, const void *bytes, size_t count) {
    (void)bytes;
    (void)count;
    return sum;
}

#endif
