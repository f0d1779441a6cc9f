/* SPDX-License-Identifier: Apache-2.0 */

/* The connections and the TLS keys of the database server itself, as the
 * commands of the same names do it for OVN's databases.  "init" has nothing to
 * do: every transaction that may write makes the row of Egress_Global. */

#include <config.h>
#include "utilities/egressctl.h"

#include <stdlib.h>

#include "ovsdb-idl.h"
#include "stream.h"
#include "svec.h"
#include "util.h"

#include "ovsdb/egress-idl.h"
#include "ovsdb/egress-rbac.h"
#include "utilities/ctl-session.h"

static void
connection_prerequisites(struct ctl_context *ctx)
{
    ovsdb_idl_add_column(ctx->idl, &egressrec_egress_global_col_connections);
    ovsdb_idl_add_column(ctx->idl, &egressrec_connection_col_target);
    ovsdb_idl_add_column(ctx->idl, &egressrec_connection_col_read_only);
    ovsdb_idl_add_column(ctx->idl, &egressrec_connection_col_role);
    ovsdb_idl_add_column(ctx->idl,
                         &egressrec_connection_col_inactivity_probe);
}

/* Prints a connection as set-connection takes it. */
static void
get_connection(struct ctl_context *ctx)
{
    const struct egressrec_connection *conn;
    struct svec lines = SVEC_EMPTY_INITIALIZER;

    EGRESSREC_CONNECTION_FOR_EACH (conn, ctx->idl) {
        svec_add_nocopy(&lines, xasprintf(
                            "%s%s%s%s%s", conn->read_only ? "read-only " : "",
                            conn->role[0] ? "role=" : "", conn->role,
                            conn->role[0] ? " " : "", conn->target));
    }
    svec_sort(&lines);

    const char *line;
    size_t i;
    SVEC_FOR_EACH (i, line, &lines) {
        ds_put_format(&ctx->output, "%s\n", line);
    }
    svec_destroy(&lines);
}

static bool
is_word(const char *arg)
{
    return !strcmp(arg, "read-only") || !strcmp(arg, "read-write");
}

/* Returns what is wrong with connection 'target' that is to have 'role', or
 * NULL.  The caller frees it. */
static char *
check_connection(const struct ctl_context *ctx, const char *target,
                 const char *role)
{
    const struct egressrec_connection *conn;

    if (stream_verify_name(target) && pstream_verify_name(target)) {
        return xasprintf("\"%s\" is not a connection method (such as "
                         "ptcp:PORT or pssl:PORT)", target);
    } else if (*role && strcmp(role, EGRESS_NODE_ROLE)) {
        return xasprintf("there is no role \"%s\", only "EGRESS_NODE_ROLE,
                         role);
    }
    /* ovsdb-server 3.1 keeps the role of a target that stays. */
    EGRESSREC_CONNECTION_FOR_EACH (conn, ctx->idl) {
        if (!strcmp(conn->target, target) && strcmp(conn->role, role)) {
            return xasprintf("%s has role \"%s\" now, which ovsdb-server "
                             "would go on using: run \"del-connection\" first",
                             target, conn->role);
        }
    }
    return NULL;
}

/* The same of all arguments. */
static char *
check_connections(const struct ctl_context *ctx)
{
    const char *role = "";
    char *error = NULL;

    for (size_t i = 1; i < ctx->argc && !error; i++) {
        const char *arg = ctx->argv[i];

        if (!strncmp(arg, "role=", 5)) {
            role = arg + 5;
        } else if (!is_word(arg)) {
            error = check_connection(ctx, arg, role);
        }
    }
    return error;
}

/* Replaces all connections by those that are created from the arguments:
 * targets, with "read-only", "read-write" and "role=ROLE" for those that
 * follow. */
static void
replace_connections(struct ctl_context *ctx)
{
    const struct egressrec_egress_global *global = session_global(ctx);
    const char *probe = shash_find_data(&ctx->options, "--inactivity-probe");
    struct egressrec_connection **conns
        = xcalloc(ctx->argc, sizeof *conns);
    const char *role = "";
    bool read_only = false;
    size_t n = 0;

    char *error = check_connections(ctx);
    if (error) {
        ctl_error(ctx, "%s: %s", ctx->argv[0], error);
        free(error);
        free(conns);
        return;
    }
    egressrec_egress_global_verify_connections(global);
    const struct egressrec_connection *old;
    EGRESSREC_CONNECTION_FOR_EACH_SAFE (old, ctx->idl) {
        egressrec_connection_delete(old);
    }

    for (size_t i = 1; i < ctx->argc; i++) {
        const char *arg = ctx->argv[i];

        if (is_word(arg)) {
            read_only = !strcmp(arg, "read-only");
        } else if (!strncmp(arg, "role=", 5)) {
            role = arg + 5;
        } else {
            conns[n] = egressrec_connection_insert(ctx->txn);
            egressrec_connection_set_target(conns[n], arg);
            egressrec_connection_set_read_only(conns[n], read_only);
            egressrec_connection_set_role(conns[n], role);
            if (probe) {
                int64_t ms = strtoll(probe, NULL, 10);

                egressrec_connection_set_inactivity_probe(conns[n], &ms, 1);
            }
            n++;
        }
    }
    egressrec_egress_global_set_connections(global, conns, n);
    free(conns);
}

static void
ssl_prerequisites(struct ctl_context *ctx)
{
    ovsdb_idl_add_column(ctx->idl, &egressrec_egress_global_col_ssl);
    for (size_t i = 0; i < EGRESSREC_SSL_N_COLUMNS; i++) {
        ovsdb_idl_add_column(ctx->idl, &egressrec_ssl_columns[i]);
    }
}

static void
get_ssl(struct ctl_context *ctx)
{
    const struct egressrec_ssl *ssl = egressrec_ssl_first(ctx->idl);

    if (ssl) {
        ds_put_format(&ctx->output,
                      "Private key: %s\n"
                      "Certificate: %s\n"
                      "CA Certificate: %s\n"
                      "Bootstrap: %s\n",
                      ssl->private_key, ssl->certificate, ssl->ca_cert,
                      ssl->bootstrap_ca_cert ? "true" : "false");
    }
}

static void
del_ssl(struct ctl_context *ctx)
{
    const struct egressrec_egress_global *global = session_global(ctx);
    const struct egressrec_ssl *ssl = egressrec_ssl_first(ctx->idl);

    egressrec_egress_global_verify_ssl(global);
    if (ssl) {
        egressrec_ssl_delete(ssl);
    }
    egressrec_egress_global_set_ssl(global, NULL);
}

static void
set_ssl(struct ctl_context *ctx)
{
    del_ssl(ctx);

    const struct egressrec_ssl *ssl = egressrec_ssl_insert(ctx->txn);
    egressrec_ssl_set_private_key(ssl, ctx->argv[1]);
    egressrec_ssl_set_certificate(ssl, ctx->argv[2]);
    egressrec_ssl_set_ca_cert(ssl, ctx->argv[3]);
    egressrec_ssl_set_bootstrap_ca_cert(
        ssl, shash_find(&ctx->options, "--bootstrap") != NULL);
    if (ctx->argc > 4) {
        egressrec_ssl_set_ssl_protocols(ssl, ctx->argv[4]);
    }
    if (ctx->argc > 5) {
        egressrec_ssl_set_ssl_ciphers(ssl, ctx->argv[5]);
    }
    egressrec_egress_global_set_ssl(session_global(ctx), ssl);
}

const struct ctl_command_syntax connection_commands[] = {
    {"init", 0, 0, "", NULL, NULL, NULL, "", RW},
    {"get-connection", 0, 0, "", connection_prerequisites, get_connection,
     NULL, "", RO},
    {"del-connection", 0, 0, "", connection_prerequisites,
     replace_connections, NULL, "", RW},
    {"set-connection", 1, INT_MAX, "TARGET...", connection_prerequisites,
     replace_connections, NULL, "--inactivity-probe=", RW},
    {"get-ssl", 0, 0, "", ssl_prerequisites, get_ssl, NULL, "", RO},
    {"del-ssl", 0, 0, "", ssl_prerequisites, del_ssl, NULL, "", RW},
    {"set-ssl", 3, 5,
     "PRIVATE-KEY CERTIFICATE CA-CERT [SSL-PROTOS [SSL-CIPHERS]]",
     ssl_prerequisites, set_ssl, NULL, "--bootstrap", RW},
    {NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO},
};
