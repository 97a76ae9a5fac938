// A Zerobus service that only counts, so that a measurement against it shows the client and not the service.
//
// It speaks the least of HTTP/2 and gRPC that a client of EphemeralStream needs, in plaintext on loopback: it answers
// the first HEADERS at once, opens the stream, walks every message (offsets must be 0, 1, 2 …), and acknowledges what
// each read from the socket brought. Header blocks are not decoded: every call is taken for EphemeralStream.
//
//     cc -O2 -pthread -o zerobus_sink zerobus_sink.c && ./zerobus_sink [PORT]
//
// Prints its port, then one line of JSON for every stream that ends:
//     rows, bytes (of the rows), messages, cpu (seconds of the connection's thread), error (null, or what was wrong)
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { DATA = 0, HEADERS = 1, RST_STREAM = 3, SETTINGS = 4, PING = 6, GOAWAY = 7, WINDOW_UPDATE = 8 };
enum { END_STREAM = 1, ACK = 1, END_HEADERS = 4, PADDED = 8 };
enum { FRAME_HEAD = 9, MESSAGE_HEAD = 5, PREFACE = 24, FRAME_MAX = 1 << 20, MESSAGE_MAX = 16 << 20, READ = 4 << 20 };

typedef struct {
    int socket;
    uint32_t stream;
    // What came and is no whole frame yet, and the payloads of DATA that are no whole message yet.
    uint8_t *input, *body;
    size_t input_used, body_used, body_room;
    // Bytes of DATA that the client has not got back as window.
    uint32_t consumed;
    int64_t offset, acknowledged;
    uint64_t rows, bytes, messages;
    int greeted, half_closed;
    const char *error;
    // What goes out with the next write.
    uint8_t output[1024];
    size_t output_used;
} Connection;

static void put32(uint8_t *at, uint32_t value) {
    value = htonl(value);
    memcpy(at, &value, 4);
}

static uint32_t get32(const uint8_t *at) {
    uint32_t value;
    memcpy(&value, at, 4);
    return ntohl(value);
}

static int flush(Connection *c) {
    size_t sent = 0;
    while (sent < c->output_used) {
        ssize_t n = write(c->socket, c->output + sent, c->output_used - sent);
        if (n <= 0) return 0;
        sent += n;
    }
    c->output_used = 0;
    return 1;
}

// Appends one frame to what goes out. Payloads are all ours and short.
static void frame(Connection *c, uint8_t type, uint8_t flags, uint32_t stream, const void *payload, size_t length) {
    if (c->output_used + FRAME_HEAD + length > sizeof c->output && !flush(c)) return;
    uint8_t *at = c->output + c->output_used;
    put32(at, (uint32_t)length << 8 | type);
    at[4] = flags;
    put32(at + 5, stream);
    if (length) memcpy(at + FRAME_HEAD, payload, length);
    c->output_used += FRAME_HEAD + length;
}

// One header field as HPACK's literal without indexing, new name.
static size_t field(uint8_t *at, const char *name, const char *value) {
    size_t n = strlen(name), v = strlen(value);
    at[0] = 0;
    at[1] = n;
    memcpy(at + 2, name, n);
    at[2 + n] = v;
    memcpy(at + 3 + n, value, v);
    return 3 + n + v;
}

static void message(Connection *c, const uint8_t *bytes, size_t length) {
    uint8_t framed[128] = {0};
    put32(framed + 1, length);
    memcpy(framed + MESSAGE_HEAD, bytes, length);
    frame(c, DATA, 0, c->stream, framed, MESSAGE_HEAD + length);
}

static void window(Connection *c, uint32_t stream, uint32_t more) {
    uint8_t increment[4];
    put32(increment, more);
    frame(c, WINDOW_UPDATE, 0, stream, increment, 4);
}

static void greet(Connection *c) {
    static const uint8_t settings[] = {
        0, 4, 0x7f, 0xff, 0xff, 0xff,  // INITIAL_WINDOW_SIZE: the largest
        0, 5, 0x00, 0x10, 0x00, 0x00,  // MAX_FRAME_SIZE: FRAME_MAX
    };
    frame(c, SETTINGS, 0, 0, settings, sizeof settings);
    window(c, 0, 0x7fff0000 - 65535);
}

static void answer_headers(Connection *c, uint32_t stream) {
    uint8_t block[64] = {0x88};  // :status 200, from the static table
    size_t length = 1 + field(block + 1, "content-type", "application/grpc");
    c->stream = stream;
    frame(c, HEADERS, END_HEADERS, stream, block, length);
}

static void end_stream(Connection *c) {
    uint8_t block[32];
    frame(c, HEADERS, END_HEADERS | END_STREAM, c->stream, block, field(block, "grpc-status", "0"));
}

static void acknowledge(Connection *c) {
    uint8_t bytes[16] = {0x12, 0, 0x08};  // ingest_record_response { durability_ack_up_to_offset
    size_t length = 3;
    uint64_t rest = c->offset;
    for (; rest > 0x7f; rest >>= 7) bytes[length++] = rest | 0x80;
    bytes[length++] = rest;
    bytes[1] = length - 2;
    message(c, bytes, length);
    c->acknowledged = c->offset;
}

// A varint of at most ten bytes; NULL when it goes past the end.
static const uint8_t *varint(const uint8_t *at, const uint8_t *end, uint64_t *value) {
    *value = 0;
    for (int shift = 0; at < end && shift < 70; shift += 7) {
        uint8_t byte = *at++;
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) return at;
    }
    return NULL;
}

// A length-delimited field's content: from the result, `length` bytes. NULL when it goes past the end.
static const uint8_t *content(const uint8_t *at, const uint8_t *end, uint64_t *length) {
    at = varint(at, end, length);
    return at && *length <= (uint64_t)(end - at) ? at : NULL;
}

// ingest_record (one row) or ingest_record_batch (fields 1): field 1 is the offset, the other one the rows.
static const char *ingest(Connection *c, const uint8_t *at, const uint8_t *end, int is_batch) {
    uint64_t tag, number, length;
    while (at < end) {
        if (!(at = varint(at, end, &tag))) return "a tag is cut off";
        if (tag == 0x08) {
            if (!(at = varint(at, end, &number))) return "an offset is cut off";
            if ((int64_t)number != c->offset + 1) return "an offset is out of order";
            c->offset = number;
            continue;
        }
        if (!(at = content(at, end, &length))) return "rows are cut off";
        const uint8_t *rows_end = at + length;
        if (!is_batch) {
            c->rows++;
            c->bytes += length;
        }
        while (is_batch && at < rows_end) {
            if (*at != 0x0a || !(at = content(at + 1, rows_end, &length))) return "a batch is not well-formed";
            c->rows++;
            c->bytes += length;
            at += length;
        }
        at = rows_end;
    }
    c->messages++;
    return NULL;
}

static const char *received(Connection *c, const uint8_t *at, size_t count) {
    static const char opened[] = "\x0a\x26\x0a\x24" "5a5a5a5a-0000-4000-8000-000000000001";
    const uint8_t *end = at + count;
    uint64_t tag, length;
    if (!(at = varint(at, end, &tag)) || !(at = content(at, end, &length))) return "a message is cut off";
    if (tag == 0x0a) {
        message(c, (const uint8_t *)opened, sizeof opened - 1);
        return NULL;
    }
    return ingest(c, at, at + length, tag == 0x1a);
}

// Takes the whole messages out of the body.
static const char *messages(Connection *c) {
    size_t at = 0;
    const char *error = NULL;
    while (!error && c->body_used - at >= MESSAGE_HEAD) {
        size_t length = get32(c->body + at + 1);
        if (length > MESSAGE_MAX) return "a message is too long";
        if (c->body_used - at - MESSAGE_HEAD < length) break;
        error = received(c, c->body + at + MESSAGE_HEAD, length);
        at += MESSAGE_HEAD + length;
    }
    c->body_used -= at;
    if (at) memmove(c->body, c->body + at, c->body_used);
    return error;
}

// The payload of one frame; what is wrong with it, else NULL.
static const char *frame_received(Connection *c, uint8_t type, uint8_t flags, uint32_t stream, const uint8_t *payload,
                                  size_t length) {
    switch (type) {
    case SETTINGS:
        if (!(flags & ACK)) frame(c, SETTINGS, ACK, 0, NULL, 0);
        break;
    case PING:
        if (!(flags & ACK) && length == 8) frame(c, PING, ACK, 0, payload, 8);
        break;
    case HEADERS:
        answer_headers(c, stream);
        break;
    case DATA:
        if (flags & PADDED) return "padding is not supported";
        if (c->body_used + length > c->body_room) {
            c->body_room = (c->body_used + length) * 2;
            if (!(c->body = realloc(c->body, c->body_room))) return "out of memory";
        }
        memcpy(c->body + c->body_used, payload, length);
        c->body_used += length;
        c->consumed += length;
        if (flags & END_STREAM) c->half_closed = 1;
        break;
    }
    return NULL;
}

// Takes the whole frames out of the input.
static const char *frames(Connection *c) {
    size_t at = 0;
    const char *error = NULL;
    if (!c->greeted) {
        if (c->input_used < PREFACE) return NULL;
        at = PREFACE;
        c->greeted = 1;
    }
    while (!error && c->input_used - at >= FRAME_HEAD) {
        const uint8_t *head = c->input + at;
        size_t length = get32(head) >> 8;
        if (length > FRAME_MAX) return "a frame is too long";
        if (c->input_used - at - FRAME_HEAD < length) break;
        error = frame_received(c, head[3], head[4], get32(head + 5) & 0x7fffffff, head + FRAME_HEAD, length);
        at += FRAME_HEAD + length;
    }
    c->input_used -= at;
    memmove(c->input, c->input + at, c->input_used);
    return error;
}

static void report(Connection *c) {
    struct rusage usage;
    getrusage(RUSAGE_THREAD, &usage);
    double cpu = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    if (!c->messages && !c->error) return;
    printf("{\"rows\":%lu,\"bytes\":%lu,\"messages\":%lu,\"cpu\":%.4f,\"error\":%s%s%s}\n", c->rows, c->bytes,
           c->messages, cpu, c->error ? "\"" : "", c->error ? c->error : "null", c->error ? "\"" : "");
    fflush(stdout);
    c->messages = 0;
}

static void *serve(void *argument) {
    Connection *c = calloc(1, sizeof *c);
    if (!c) return NULL;
    int yes = 1;
    c->socket = (int)(intptr_t)argument;
    c->offset = c->acknowledged = -1;
    c->input = malloc(READ);
    setsockopt(c->socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    greet(c);
    while (c->input && !c->error && flush(c)) {
        ssize_t n = read(c->socket, c->input + c->input_used, READ - c->input_used);
        if (n <= 0) break;
        c->input_used += n;
        if (!(c->error = frames(c))) c->error = messages(c);
        if (c->offset > c->acknowledged) acknowledge(c);
        if (c->consumed > 1 << 20) {
            window(c, 0, c->consumed);
            window(c, c->stream, c->consumed);
            c->consumed = 0;
        }
        if (c->half_closed) {
            end_stream(c);
            c->half_closed = 0;
            report(c);
        }
    }
    report(c);
    close(c->socket);
    free(c->input);
    free(c->body);
    free(c);
    return NULL;
}

int main(int count, char **arguments) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_port = htons(count > 1 ? atoi(arguments[1]) : 0);
    if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 16) ||
        getsockname(listener, (struct sockaddr *)&address, &length)) {
        perror("zerobus_sink");
        return 1;
    }
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        pthread_t thread;
        int socket = accept(listener, NULL, NULL);
        if (socket >= 0 && !pthread_create(&thread, NULL, serve, (void *)(intptr_t)socket)) pthread_detach(thread);
    }
}
