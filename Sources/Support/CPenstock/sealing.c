// AES-256-GCM into the caller's buffer, by the BoringSSL that swift-crypto brings: its public interface in Swift seals into
// new memory and copies twice from there, which costs more than the cipher.
//
// The declarations are those of BoringSSL's aead.h with the prefix that swift-crypto gives its copy. They are weak: a
// swift-crypto that names them otherwise still links, and the caller goes by its public interface.

#include "sealing.h"

typedef struct evp_aead_st EVP_AEAD;

#define WEAK __attribute__((weak))
#define BORING(name) CCryptoBoringSSL_##name

extern const EVP_AEAD *BORING(EVP_aead_aes_256_gcm)(void) WEAK;
extern aes_gcm_key *BORING(EVP_AEAD_CTX_new)(const EVP_AEAD *aead, const uint8_t *key, size_t key_len, size_t tag_len) WEAK;
extern void BORING(EVP_AEAD_CTX_free)(aes_gcm_key *context) WEAK;
extern int BORING(EVP_AEAD_CTX_seal_scatter)(
    const aes_gcm_key *context, uint8_t *out, uint8_t *out_tag, size_t *out_tag_len, size_t max_out_tag_len,
    const uint8_t *nonce, size_t nonce_len, const uint8_t *in, size_t in_len, const uint8_t *extra_in, size_t extra_in_len,
    const uint8_t *ad, size_t ad_len) WEAK;

enum { key_bytes = 32, nonce_bytes = 12, tag_bytes = 16 };

aes_gcm_key *aes_gcm_key_make(const uint8_t *key) {
    if (!BORING(EVP_aead_aes_256_gcm) || !BORING(EVP_AEAD_CTX_new) || !BORING(EVP_AEAD_CTX_free) ||
        !BORING(EVP_AEAD_CTX_seal_scatter))
        return NULL;
    return BORING(EVP_AEAD_CTX_new)(BORING(EVP_aead_aes_256_gcm)(), key, key_bytes, tag_bytes);
}

void aes_gcm_key_free(aes_gcm_key *key) {
    BORING(EVP_AEAD_CTX_free)(key);
}

bool aes_gcm_seal(const aes_gcm_key *key, const uint8_t *nonce, const void *plaintext, size_t count, const void *context,
                  size_t context_count, uint8_t *output) {
    size_t written = 0;
    return BORING(EVP_AEAD_CTX_seal_scatter)(
               key, output, output + count, &written, tag_bytes, nonce, nonce_bytes, plaintext, count, NULL, 0, context,
               context_count) == 1 &&
           written == tag_bytes;
}
