/* SPDX-License-Identifier: Apache-2.0 */

/* Why does a server not do?  See the header. */

#include <config.h>
#include "utilities/ctl-server.h"

#include <stdlib.h>
#include <string.h>

#include "jsonrpc.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "socket-util.h"
#include "stream.h"
#include "util.h"

#include "lib/json-array.h"

/* How long to wait for a server, in ms. */
#define PATIENCE 2000

/* What servers say, the best last. */
enum verdict {
    NO_DATABASE, NOT_CONNECTED, NOT_LEADER, USABLE,
};

/* Returns the first row of the answer to a "select", or NULL. */
static const struct json *
first_row(const struct jsonrpc_msg *reply)
{
    const struct json *json = reply->result;

    if (reply->type != JSONRPC_REPLY || !json || json->type != JSON_ARRAY
        || egress_json_array_size(json) != 1) {
        return NULL;
    }
    json = egress_json_array_at(json, 0);
    json = (json->type == JSON_OBJECT
            ? shash_find_data(json_object(json), "rows") : NULL);
    if (!json || json->type != JSON_ARRAY || !egress_json_array_size(json)) {
        return NULL;
    }
    json = egress_json_array_at(json, 0);
    return json->type == JSON_OBJECT ? json : NULL;
}

/* Returns the request for what the server says of the database 'name'. */
static struct jsonrpc_msg *
make_request(const char *name)
{
    struct json *where = json_array_create_3(json_string_create("name"),
                                             json_string_create("=="),
                                             json_string_create(name));
    struct json *op = json_object_create();

    json_object_put_string(op, "op", "select");
    json_object_put_string(op, "table", "Database");
    json_object_put(op, "where", json_array_create_1(where));
    json_object_put(op, "columns",
                    json_array_create_2(json_string_create("connected"),
                                        json_string_create("leader")));
    return jsonrpc_create_request(
        "transact", json_array_create_2(json_string_create("_Server"), op),
        NULL);
}

/* True if the column 'name' of 'row' is true. */
static bool
is_true(const struct json *row, const char *name)
{
    const struct json *value = shash_find_data(json_object(row), name);

    return value && value->type == JSON_TRUE;
}

static enum verdict
ask(struct jsonrpc *rpc, const char *name)
{
    struct jsonrpc_msg *reply = NULL;
    enum verdict verdict = NO_DATABASE;

    if (!jsonrpc_transact_block(rpc, make_request(name), &reply)) {
        const struct json *row = first_row(reply);

        if (row) {
            verdict = (!is_true(row, "connected") ? NOT_CONNECTED
                       : !is_true(row, "leader") ? NOT_LEADER
                       : USABLE);
        }
    }
    jsonrpc_msg_destroy(reply);
    return verdict;
}

const char *
server_why_not(const char *remotes, const char *name, bool leader_only)
{
    enum verdict best = NO_DATABASE;
    char *copy = xstrdup(remotes);
    char *save_ptr = NULL;

    for (char *remote = strtok_r(copy, ",", &save_ptr); remote;
         remote = strtok_r(NULL, ",", &save_ptr)) {
        struct stream *stream;

        if (!stream_open_block(jsonrpc_stream_open(remote, &stream,
                                                   DSCP_DEFAULT),
                               PATIENCE, &stream)) {
            struct jsonrpc *rpc = jsonrpc_open(stream);
            enum verdict verdict = ask(rpc, name);

            best = MAX(best, verdict);
            jsonrpc_close(rpc);
        }
    }
    free(copy);
    return (best == NOT_LEADER && leader_only
            ? "the server is not the leader of its cluster: name all of its "
              "members, or use --no-leader-only"
            : best == NOT_CONNECTED
            ? "the server is not connected to the rest of its cluster"
            : best == NO_DATABASE ? "the server does not have it"
            : "the server closed the connection");
}
