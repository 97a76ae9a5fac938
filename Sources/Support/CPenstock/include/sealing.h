#ifndef PENSTOCK_SEALING_H
#define PENSTOCK_SEALING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// A key of AES-256-GCM that is ready for sealing.
typedef struct aes_gcm_key aes_gcm_key;

/// Makes a key of 32 bytes, to be given back with `aes_gcm_key_free`; NULL where the program's cryptography cannot seal into
/// a caller's buffer. The copy of the bytes in it is wiped when it is given back.
aes_gcm_key *aes_gcm_key_make(const uint8_t *key);
void aes_gcm_key_free(aes_gcm_key *key);

/// Seals `count` bytes (NIST SP 800-38D) with a nonce of 12 bytes into `output`: as many bytes of ciphertext, then 16 of the
/// tag, which vouches for `context` too. Output does not overlap the others. False, and nothing of use in the output, when
/// the library refuses. May be called by several threads with one key.
bool aes_gcm_seal(const aes_gcm_key *key, const uint8_t *nonce, const void *plaintext, size_t count, const void *context,
                  size_t context_count, uint8_t *output);

#endif
