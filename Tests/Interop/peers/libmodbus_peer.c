/* A Modbus server and client over libmodbus, which this project did not write.
 *
 *   libmodbus_peer tcp-server PORT             listens on 127.0.0.1; PORT 0 takes a free one; prints the port
 *   libmodbus_peer rtu-server PATH UNIT        prints "ready"
 *   libmodbus_peer read tcp|rtu PLACE UNIT ADDRESS COUNT    prints the holding registers
 *   libmodbus_peer bench PORT REGISTERS SECONDS             lock-step reads; prints requests, seconds, CPU seconds
 *
 * The servers hold each kind of value in all four byte orders; the layout is in LibmodbusTests.swift.
 */
#include <errno.h>
#include <modbus/modbus.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <time.h>
#include <unistd.h>

static int fail(const char *what) {
    fprintf(stderr, "%s: %s\n", what, modbus_strerror(errno));
    return 1;
}

/* Words of a value of so many bytes: order 0 ABCD, 1 CDAB, 2 BADC, 3 DCBA. */
static void put(uint16_t *words, uint64_t bits, int bytes, int order) {
    uint8_t big[8], wire[8];
    for (int i = 0; i < bytes; i++) big[i] = (uint8_t)(bits >> (8 * (bytes - 1 - i)));
    for (int i = 0; i < bytes; i++) {
        int from = i;
        if (order == 1) from = bytes - 2 - (i & ~1) + (i & 1);
        if (order == 2) from = i ^ 1;
        if (order == 3) from = bytes - 1 - i;
        wire[i] = big[from];
    }
    for (int i = 0; i < bytes / 2; i++) words[i] = (uint16_t)(wire[2 * i] << 8 | wire[2 * i + 1]);
}

static modbus_mapping_t *filled(void) {
    modbus_mapping_t *map = modbus_mapping_new(16, 16, 256, 256);
    if (!map) exit(fail("mapping"));
    uint16_t *at = map->tab_registers;
    for (int order = 0; order < 4; order++) {
        double d = 0.1;
        uint64_t d_bits;
        memcpy(&d_bits, &d, 8);
        float f = 3.14f;
        uint32_t f_bits;
        memcpy(&f_bits, &f, 4);
        put(at, (uint16_t)-32767, 2, order); at += 1;
        put(at, 65534, 2, order); at += 1;
        put(at, (uint32_t)-2147483647, 4, order); at += 2;
        put(at, 4294967294u, 4, order); at += 2;
        put(at, (uint64_t)-9223372036854775807ll, 8, order); at += 4;
        put(at, 18446744073709551614ull, 8, order); at += 4;
        put(at, f_bits, 4, order);
        /* The library's own opinion of the same float. */
        float (*get[4])(const uint16_t *) = {modbus_get_float_abcd, modbus_get_float_cdab, modbus_get_float_badc,
                                             modbus_get_float_dcba};
        if (get[order](at) != f) { fprintf(stderr, "libmodbus reads order %d otherwise\n", order); exit(1); }
        at += 2;
        put(at, d_bits, 8, order); at += 4;
    }
    const char *text = "Pump 17";
    for (int i = 0; i < 4; i++) at[i] = (uint16_t)((uint8_t)text[2 * i] << 8 | (i < 3 ? (uint8_t)text[2 * i + 1] : 0));
    for (int i = 0; i < 256; i++) map->tab_input_registers[i] = (uint16_t)(map->tab_registers[i] ^ 0xFFFF);
    for (int i = 0; i < 16; i++) { map->tab_bits[i] = i % 3 == 0; map->tab_input_bits[i] = i % 2 == 1; }
    return map;
}

static void serve(modbus_t *ctx, modbus_mapping_t *map) {
    uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
    for (;;) {
        int length = modbus_receive(ctx, query);
        if (length > 0) modbus_reply(ctx, query, length, map);
        else if (length < 0 && errno != EMBBADCRC && errno != ETIMEDOUT) return;
    }
}

static int tcp_server(int port) {
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 8)) return fail("listen");
    getsockname(listener, (struct sockaddr *)&address, &size);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    modbus_t *ctx = modbus_new_tcp(NULL, 0);
    modbus_mapping_t *map = filled();
    for (;;) {
        if (modbus_tcp_accept(ctx, &listener) < 0) return fail("accept");
        serve(ctx, map);
        modbus_close(ctx);
    }
}

static modbus_t *rtu(const char *path, int unit) {
    modbus_t *ctx = modbus_new_rtu(path, 9600, 'N', 8, 1);
    if (!ctx || modbus_set_slave(ctx, unit) || modbus_connect(ctx)) exit(fail(path));
    return ctx;
}

static double seconds(const struct timeval *t) { return (double)t->tv_sec + (double)t->tv_usec / 1e6; }

static int bench(int port, int registers, double limit) {
    modbus_t *ctx = modbus_new_tcp("127.0.0.1", port);
    uint16_t words[125];
    if (modbus_set_slave(ctx, 1) || modbus_connect(ctx)) return fail("connect");
    struct timespec begin, now;
    long requests = 0;
    double passed = 0;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    while (passed < limit) {
        for (int i = 0; i < 64 && passed < limit; i++, requests++) {
            if (modbus_read_registers(ctx, 0, registers, words) != registers) return fail("read");
            clock_gettime(CLOCK_MONOTONIC, &now);
            passed = (double)(now.tv_sec - begin.tv_sec) + (double)(now.tv_nsec - begin.tv_nsec) / 1e9;
        }
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%ld %.4f %.4f\n", requests, passed, seconds(&usage.ru_utime) + seconds(&usage.ru_stime));
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 3 && !strcmp(argv[1], "tcp-server")) return tcp_server(atoi(argv[2]));
    if (argc == 4 && !strcmp(argv[1], "rtu-server")) {
        modbus_t *ctx = rtu(argv[2], atoi(argv[3]));
        printf("ready\n");
        fflush(stdout);
        serve(ctx, filled());
        return 0;
    }
    if (argc == 7 && !strcmp(argv[1], "read")) {
        modbus_t *ctx = !strcmp(argv[2], "tcp") ? modbus_new_tcp("127.0.0.1", atoi(argv[3])) : rtu(argv[3], atoi(argv[4]));
        if (!strcmp(argv[2], "tcp") && (modbus_set_slave(ctx, atoi(argv[4])) || modbus_connect(ctx))) return fail("connect");
        uint16_t words[125];
        int count = modbus_read_registers(ctx, atoi(argv[5]), atoi(argv[6]), words);
        if (count < 0) return fail("read");
        for (int i = 0; i < count; i++) printf("%d\n", words[i]);
        return 0;
    }
    if (argc == 5 && !strcmp(argv[1], "bench")) return bench(atoi(argv[2]), atoi(argv[3]), atof(argv[4]));
    fprintf(stderr, "see the head of libmodbus_peer.c\n");
    return 2;
}
