/* open62541's client with a callback in C: counts notifications and does nothing else.
 *
 * The library is the one inside the Python package o6, which exports its functions but brings no headers; the few
 * structures that they take are laid out here. dev/peers/opcua_counting.py loads both. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct { size_t length; uint8_t *data; } String;
typedef struct { uint16_t ns; int32_t kind; union { uint32_t numeric; String string; } id; } NodeId;
typedef struct { int32_t encoding; uint64_t content[5]; } ExtensionObject;
typedef struct { uint16_t ns; String name; } QualifiedName;
typedef struct {
    NodeId token; int64_t timestamp; uint32_t handle, diagnostics; String audit; uint32_t timeout;
    ExtensionObject additional;
} RequestHeader;
typedef struct {
    RequestHeader header; double interval; uint32_t lifetime, keepAlive, most; uint8_t enabled, priority;
} CreateSubscriptionRequest;
typedef struct {
    int64_t timestamp; uint32_t handle, result; uint64_t diagnostics[7]; size_t strings; String *table;
    ExtensionObject additional;
} ResponseHeader;
typedef struct {
    ResponseHeader header; uint32_t id; double interval; uint32_t lifetime, keepAlive;
} CreateSubscriptionResponse;
typedef struct { NodeId node; uint32_t attribute; String range; QualifiedName encoding; } ReadValueId;
typedef struct {
    uint32_t handle; double sampling; ExtensionObject filter; uint32_t queue; uint8_t discardOldest;
} MonitoringParameters;
typedef struct { ReadValueId item; int32_t mode; MonitoringParameters parameters; } MonitoredItemCreateRequest;
typedef struct {
    RequestHeader header; uint32_t subscription; int32_t times; size_t count; MonitoredItemCreateRequest *items;
} CreateMonitoredItemsRequest;
typedef struct {
    ResponseHeader header; size_t count; void *results; size_t diagnosticsCount; void *diagnostics;
} CreateMonitoredItemsResponse;
typedef void (*Changed)(void *, uint32_t, void *, uint32_t, void *, void *);

extern void *UA_Client_new(void);
extern void *UA_Client_getConfig(void *);
extern uint32_t UA_ClientConfig_setDefaultEncryption(
    void *, String, String, const String *, size_t, const String *, size_t);
extern uint32_t UA_Client_connect(void *, const char *);
extern uint32_t UA_Client_run_iterate(void *, uint32_t);
extern CreateSubscriptionResponse UA_Client_Subscriptions_create(
    void *, CreateSubscriptionRequest, void *, void *, void *);
extern CreateMonitoredItemsResponse UA_Client_MonitoredItems_createDataChanges(
    void *, CreateMonitoredItemsRequest, void **, Changed *, void **);

static void *client;
static long values;

static void changed(void *c, uint32_t s, void *sc, uint32_t m, void *mc, void *value) { values++; }

static String content(const char *folder, const char *name) {
    char path[1024];
    static uint8_t room[3][8192];
    static int next;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    String bytes = {0, room[next++ % 3]};
    FILE *file = fopen(path, "rb");
    if (!file) return bytes;
    bytes.length = fread(bytes.data, 1, sizeof room[0], file);
    fclose(file);
    return bytes;
}

/* Connects and monitors the items; 0 or a status code. With a folder (open62541.der, open62541.pem, server.der) as securely as
 * the server offers. */
int begin(const char *url, int tags, double interval, const char *folder) {
    client = UA_Client_new();
    uint32_t status = 0;
    if (folder) {
        String trusted = content(folder, "server.der");
        status = UA_ClientConfig_setDefaultEncryption(
            UA_Client_getConfig(client), content(folder, "open62541.der"), content(folder, "open62541.pem"), &trusted, 1,
            NULL, 0);
        if (status) return (int)status;
    }
    status = UA_Client_connect(client, url);
    if (status) return (int)status;
    CreateSubscriptionRequest ask = {.interval = interval, .lifetime = 6000, .keepAlive = 100, .enabled = 1};
    CreateSubscriptionResponse got = UA_Client_Subscriptions_create(client, ask, NULL, NULL, NULL);
    if (got.header.result) return (int)got.header.result;
    enum { batch = 1000 };
    static char names[batch][48];
    static MonitoredItemCreateRequest items[batch];
    static void *contexts[batch], *deletes[batch];
    static Changed callbacks[batch];
    for (int start = 0; start < tags; start += batch) {
        int count = tags - start < batch ? tags - start : batch;
        for (int i = 0; i < count; i++) {
            int length = snprintf(names[i], sizeof names[i], "bench/tag_%d", start + i);
            memset(&items[i], 0, sizeof items[i]);
            items[i].item.node = (NodeId){.ns = 2, .kind = 3, .id.string = {(size_t)length, (uint8_t *)names[i]}};
            items[i].item.attribute = 13;
            items[i].mode = 2;
            items[i].parameters.queue = 10;
            items[i].parameters.discardOldest = 1;
            callbacks[i] = changed;
        }
        CreateMonitoredItemsRequest request = {
            .subscription = got.id, .times = 2, .count = (size_t)count, .items = items};
        CreateMonitoredItemsResponse answer =
            UA_Client_MonitoredItems_createDataChanges(client, request, contexts, callbacks, deletes);
        if (answer.header.result) return (int)answer.header.result;
    }
    return 0;
}

/* Runs the client so many seconds; the values that came. */
long run(double seconds) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    double end = now.tv_sec + now.tv_nsec / 1e9 + seconds;
    long before = values;
    do {
        UA_Client_run_iterate(client, 20);
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while (now.tv_sec + now.tv_nsec / 1e9 < end);
    return values - before;
}
