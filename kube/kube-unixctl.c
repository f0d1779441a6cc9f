/* SPDX-License-Identifier: Apache-2.0 */

/* The control commands of the mirror: see kube.h and the man page. */

#include <config.h>

#include <inttypes.h>
#include <stdlib.h>

#include "intent/intent.h"
#include "kube/kube-discovery.h"
#include "kube/kube-http.h"
#include "kube/kube-reflector.h"
#include "kube/kube-status.h"
#include "kube/kube-trust.h"
#include "kube/kube.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "ovsdb/egress-leader.h"
#include "timeval.h"
#include "unixctl.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(kube_unixctl);

static void
format_server(const struct kube *kube, struct ds *s)
{
    struct kube_http_stats stats = kube_http_get_stats(kube->http);
    const char *uid = kube_trust_get_uid(&kube->store);
    const char *error = kube_discovery_error(kube->discovery);
    char *clean = intent_clean(uid ? uid : "not known", 63);

    ds_put_format(s, "API server: %s (%s)\n", kube->config.server,
                  kube->config.source);
    ds_put_format(s, "cluster: %s\n", clean);
    ds_put_format(s, "HTTP: version %ld, %"PRIu64" requests, %"PRIu64
                  " failed, %"PRIu64" bytes received, %"PRIuSIZE" now\n",
                  stats.version, stats.n_requests, stats.n_failed,
                  stats.n_bytes, stats.n_now);
    ds_put_format(s, "discovery: %s\n",
                  error ? error
                  : kube_discovery_is_complete(kube->discovery)
                  ? "complete" : "under way");
    free(clean);
}

static void
format_reflectors(const struct kube *kube, struct ds *s)
{
    const struct shash_node *node;
    long long int now = time_msec();

    for (size_t i = 0; i < INTENT_N_KINDS; i++) {
        if (kube->reflectors[i]) {
            kube_reflector_format(kube->reflectors[i], s, now);
            ds_put_char(s, '\n');
        }
    }
    SHASH_FOR_EACH (node, &kube->secrets) {
        kube_reflector_format(node->data, s, now);
        ds_put_char(s, '\n');
    }
}

static void
format_mirror(const struct kube *kube, struct ds *s)
{
    const struct kube_mirror *m = &kube->mirror;
    const struct smap_node *node;

    ds_put_format(s, "OVN_Egress: %s, %s\n",
                  kube->schema_problem ? kube->schema_problem
                  : kube->current ? "connected" : "not connected",
                  kube->active ? "active" : "standby");
    ds_put_format(s, "rows: %"PRIu64" inserted, %"PRIu64" modified, %"PRIu64
                  " deleted\n", m->n_inserted, m->n_modified, m->n_deleted);
    if (m->hold) {
        ds_put_format(s, "problem: nothing is written: %s\n", m->hold);
    }
    for (size_t i = 0; i < INTENT_N_KINDS && !m->hold; i++) {
        if (m->keep[i]) {
            ds_put_format(s, "problem: no %s is deleted: %s\n",
                          intent_kind_name(i), m->keep[i]);
        }
    }
    SMAP_FOR_EACH (node, &m->replaced) {
        ds_put_format(s, "replaced: %s, which was applied with "
                      "ovn-egressctl\n", node->key);
    }
}

static void
status_command(struct unixctl_conn *conn, int argc OVS_UNUSED,
               const char *argv[] OVS_UNUSED, void *kube_)
{
    const struct kube *kube = kube_;
    struct ds s = DS_EMPTY_INITIALIZER;

    format_server(kube, &s);
    format_reflectors(kube, &s);
    format_mirror(kube, &s);
    kube_status_format(kube->status, &s);
    unixctl_command_reply(conn, ds_cstr(&s));
    ds_destroy(&s);
}

static void
accept_command(struct unixctl_conn *conn, int argc OVS_UNUSED,
               const char *argv[] OVS_UNUSED, void *kube_)
{
    struct kube *kube = kube_;

    if (!kube->active) {
        unixctl_command_reply_error(conn, "this mirror is not the active "
                                    "one");
        return;
    }
    VLOG_WARN("what the API server has, and has not, is accepted as it is");
    kube_mirror_accept(&kube->mirror);
    unixctl_command_reply(conn, NULL);
}

static void
resync_command(struct unixctl_conn *conn, int argc OVS_UNUSED,
               const char *argv[] OVS_UNUSED, void *kube_)
{
    struct kube *kube = kube_;
    long long int now = time_msec();

    for (size_t i = 0; i < INTENT_N_KINDS; i++) {
        if (kube->reflectors[i]) {
            const char *version = kube_discovery_version(kube->discovery, i);

            kube_reflector_set_version(kube->reflectors[i], NULL, now);
            kube_reflector_set_version(kube->reflectors[i], version, now);
        }
    }
    kube_mirror_forget(&kube->mirror);
    unixctl_command_reply(conn, NULL);
}

void
kube_unixctl_init(struct kube *kube)
{
    unixctl_command_register("kube/status", "", 0, 0, status_command, kube);
    unixctl_command_register("kube/accept", "", 0, 0, accept_command, kube);
    unixctl_command_register("kube/resync", "", 0, 0, resync_command, kube);
}
