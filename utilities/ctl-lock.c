/* SPDX-License-Identifier: Apache-2.0 */

/* Is an agent active?  See the header. */

#include <config.h>
#include "utilities/ctl-lock.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "jsonrpc.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "socket-util.h"
#include "stream.h"
#include "util.h"

/* How long to wait for a server, in ms. */
#define PATIENCE 2000

/* Sends a request for 'lock' and reads the answer. */
static enum lock_state
ask(struct jsonrpc *rpc, const char *lock)
{
    struct jsonrpc_msg *reply = NULL;
    struct jsonrpc_msg *request = jsonrpc_create_request(
        "lock", json_array_create_1(json_string_create(lock)), NULL);
    enum lock_state state = LOCK_UNKNOWN;

    if (!jsonrpc_transact_block(rpc, request, &reply)
        && reply->type == JSONRPC_REPLY && reply->result
        && reply->result->type == JSON_OBJECT) {
        const struct json *locked
            = shash_find_data(json_object(reply->result), "locked");

        if (locked) {
            state = locked->type == JSON_TRUE ? LOCK_FREE : LOCK_HELD;
        }
    }
    jsonrpc_msg_destroy(reply);
    return state;
}

static enum lock_state
probe_one(const char *remote, const char *lock)
{
    enum lock_state state = LOCK_UNKNOWN;
    struct stream *stream;

    if (!stream_open_block(jsonrpc_stream_open(remote, &stream, DSCP_DEFAULT),
                           PATIENCE, &stream)) {
        struct jsonrpc *rpc = jsonrpc_open(stream);

        state = ask(rpc, lock);
        jsonrpc_close(rpc);
    }
    return state;
}

enum lock_state
lock_probe(const char *remotes, const char *lock)
{
    enum lock_state state = LOCK_UNKNOWN;
    char *copy = xstrdup(remotes);
    char *save_ptr = NULL;

    for (char *remote = strtok_r(copy, ",", &save_ptr);
         remote && state != LOCK_HELD;
         remote = strtok_r(NULL, ",", &save_ptr)) {
        enum lock_state answer = probe_one(remote, lock);

        state = answer == LOCK_UNKNOWN ? state : answer;
    }
    free(copy);
    return state;
}
