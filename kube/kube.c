/* SPDX-License-Identifier: Apache-2.0 */

/* The mirror as a whole: see the header. */

#include <config.h>

#include "kube/kube.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "kube/kube-discovery.h"
#include "kube/kube-http.h"
#include "kube/kube-reflector.h"
#include "kube/kube-status.h"
#include "kube/kube-trust.h"
#include "lib/egress-dirs.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovsdb/egress-idl.h"
#include "ovsdb/egress-leader.h"
#include "ovsdb/egress-schema.h"
#include "simap.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(kube);

/* Life. */

char *
kube_create(const struct kube_options *options, struct kube **kubep)
{
    const char *remote = options->db ? options->db
                                     : egress_default_egress_db();
    struct kube *kube = xzalloc(sizeof *kube);
    char *error = kube_config_find(&kube->config, options->kubeconfig,
                                   options->context);

    *kubep = NULL;
    if (!error) {
        kube->http = kube_http_create(&kube->config, &error);
    }
    if (error) {
        kube_config_destroy(&kube->config);
        free(kube);
        return error;
    }

    kube->discovery = kube_discovery_create(kube->http);
    kube_store_init(&kube->store);
    for (size_t i = 0; i < INTENT_N_KINDS; i++) {
        if (!kube_kind_is_by_name(i)) {
            kube->reflectors[i] = kube_reflector_create(
                kube->http, &kube->store, i, NULL, NULL);
        }
    }
    shash_init(&kube->secrets);
    shash_init(&kube->logged);

    struct ovsdb_idl *idl = ovsdb_idl_create_unconnected(
        &egressrec_idl_class, false);
    kube->loop = (struct ovsdb_idl_loop) OVSDB_IDL_LOOP_INITIALIZER(idl);
    kube->leader = egress_leader_create(idl, remote, &egress_leader_mirror);
    kube_mirror_init(&kube->mirror, idl);
    ovsdb_idl_set_remote(idl, remote, true);
    kube->status = kube_status_create(kube->http, options->write_ingress);
    VLOG_INFO("the API server is %s (%s)%s", kube->config.server,
              kube->config.source,
              kube->config.insecure ? ", whose certificate is not verified"
              : "");
    *kubep = kube;
    return NULL;
}

static void
destroy_secrets(struct kube *kube)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &kube->secrets) {
        kube_reflector_destroy(node->data);
    }
    shash_destroy(&kube->secrets);
}

void
kube_destroy(struct kube *kube)
{
    if (kube) {
        egress_leader_destroy(kube->leader);
        kube_status_destroy(kube->status);
        kube_mirror_destroy(&kube->mirror);
        ovsdb_idl_loop_destroy(&kube->loop);
        destroy_secrets(kube);
        for (size_t i = 0; i < INTENT_N_KINDS; i++) {
            kube_reflector_destroy(kube->reflectors[i]);
        }
        kube_discovery_destroy(kube->discovery);
        kube_http_destroy(kube->http);
        kube_store_destroy(&kube->store);
        kube_config_destroy(&kube->config);
        shash_destroy_free_data(&kube->logged);
        free(kube->logged_hold);
        free(kube->schema_problem);
        free(kube->cluster);
        free(kube);
    }
}

/* The API server. */

/* Logs the error of 'what' if it is another one than before; NULL is that
 * there is none. */
static void
log_error(struct kube *kube, const char *what, const char *error)
{
    struct shash_node *node = shash_find(&kube->logged, what);
    char *old = node ? node->data : NULL;

    if (nullable_string_is_equal(old, error)) {
        return;
    }
    if (error) {
        VLOG_WARN("%s: %s", what, error);
    } else {
        VLOG_INFO("%s: works again", what);
    }
    if (node) {
        shash_delete(&kube->logged, node);
        free(old);
    }
    if (error) {
        shash_add(&kube->logged, what, xstrdup(error));
    }
}

/* Logs why an object of 'kind' cannot be read, likewise. */
static void
log_bad_object(struct kube *kube, enum intent_kind kind)
{
    char *what = xasprintf("an object of kind %s cannot be read",
                           intent_kind_name(kind));

    log_error(kube, what, kube_reflector_bad_object(kube->reflectors[kind]));
    free(what);
}

/* Has a reflector for each Secret that is needed, and for no other. */
static void
run_secrets(struct kube *kube, long long int now)
{
    const struct sset *wanted = &kube->mirror.selection.secrets;
    struct shash_node *node, *next;
    const char *key;

    SHASH_FOR_EACH_SAFE (node, next, &kube->secrets) {
        if (!sset_contains(wanted, node->name)) {
            char *id = xasprintf("Secret %s", node->name);

            kube_store_remove(&kube->store, id);
            free(id);
            kube_reflector_destroy(node->data);
            shash_delete(&kube->secrets, node);
        }
    }
    SSET_FOR_EACH (key, wanted) {
        struct kube_reflector *r = shash_find_data(&kube->secrets, key);

        if (!r) {
            char *namespace = xmemdup0(key, strcspn(key, "/"));

            r = kube_reflector_create(kube->http, &kube->store,
                                      INTENT_SECRET, namespace,
                                      strchr(key, '/') + 1);
            kube_reflector_set_version(r, "v1", now);
            shash_add(&kube->secrets, key, r);
            free(namespace);
        }
        kube_reflector_run(r, now);

        char *what = xasprintf("Secret %s", key);
        log_error(kube, what, kube_reflector_error(r));
        free(what);
    }
}

/* Lists everything again if it is another cluster than before: versions of
 * objects mean nothing there. */
static void
check_cluster(struct kube *kube, long long int now)
{
    const char *uid = kube_trust_get_uid(&kube->store);

    kube->mirror.unsure = !kube_reflector_is_current(
        kube->reflectors[INTENT_NAMESPACE]);
    if (!uid || nullable_string_is_equal(kube->cluster, uid)) {
        return;
    }
    for (size_t i = 0; i < INTENT_N_KINDS && kube->cluster; i++) {
        if (kube->reflectors[i] && i != INTENT_NAMESPACE) {
            kube->store.listed[i] = false;
            kube_reflector_relist(kube->reflectors[i], now);
        }
    }
    free(kube->cluster);
    kube->cluster = xstrdup(uid);
}

static void
run_reflectors(struct kube *kube, long long int now)
{
    bool changed = kube_discovery_run(kube->discovery, now);

    log_error(kube, "discovery", kube_discovery_error(kube->discovery));
    for (size_t i = 0; i < INTENT_N_KINDS; i++) {
        struct kube_reflector *r = kube->reflectors[i];

        if (!r) {
            continue;
        }
        if (kube_reflector_is_gone(r)) {
            kube_discovery_doubt(kube->discovery, i, now);
            changed = true;
        }
        if (changed) {
            kube_reflector_set_version(
                r, kube_discovery_version(kube->discovery, i), now);
        }
        kube_reflector_run(r, now);
        log_error(kube, intent_kind_name(i), kube_reflector_error(r));
        log_bad_object(kube, i);
    }
    run_secrets(kube, now);
    check_cluster(kube, now);
}

/* The database. */

/* Takes in what became of the last transaction and of the connection. */
static void
run_session(struct kube *kube, long long int now)
{
    struct ovsdb_idl *idl = kube->loop.idl;
    bool current = db_session_run(&kube->session, idl);

    if (current != kube->current) {
        VLOG_INFO("OVN_Egress: %s", current ? "connected" : "not connected");
        kube->current = current;
        free(kube->schema_problem);
        kube->schema_problem = (current ? egress_schema_why_not(idl, NULL)
                                : NULL);
        if (kube->schema_problem) {
            VLOG_ERR("%s", kube->schema_problem);
        }
        kube_mirror_forget(&kube->mirror);
    }

    bool active = egress_leader_run(kube->leader,
                                    current && !kube->schema_problem, now);
    if (active != kube->active) {
        VLOG_INFO("this mirror is %s", active ? "the active one" : "standby");
        kube->active = active;
        kube_mirror_forget(&kube->mirror);
        if (active) {
            kube_status_update(kube->status, &kube->store, &kube->mirror,
                               NULL);
        } else {
            kube_status_clear(kube->status);
        }
    }
}

static void
log_hold(struct kube *kube)
{
    const struct kube_mirror *m = &kube->mirror;
    const char *why = m->hold;

    for (size_t i = 0; i < INTENT_N_KINDS && !why; i++) {
        why = m->keep[i];
    }
    if (!nullable_string_is_equal(kube->logged_hold, why)) {
        if (why) {
            VLOG(m->confirm ? VLL_WARN : VLL_INFO, "nothing is %s: %s",
                 m->hold ? "written" : "deleted", why);
        } else {
            VLOG_INFO("OVN_Egress follows the API server");
        }
        free(kube->logged_hold);
        kube->logged_hold = nullable_xstrdup(why);
    }
}

/* Looks at what changed on either side. */
static void
run_mirror(struct kube *kube)
{
    struct kube_mirror *m = &kube->mirror;

    kube_mirror_run(m, &kube->store, kube->discovery);
    if (kube->active) {
        log_hold(kube);
        kube_status_update(kube->status, &kube->store, m,
                           &kube->store.changed);
        kube_status_update(kube->status, &kube->store, m, &m->changed_rows);
        kube_status_update_held(kube->status, &kube->store, m, time_msec());
    }
    sset_clear(&kube->store.changed);
    sset_clear(&m->changed_rows);
}

/* Adds to 'txn' what has to be written. */
static void
write_rows(struct kube *kube, struct ovsdb_idl_txn *txn, long long int now)
{
    if (kube->active
        && kube_mirror_write(&kube->mirror, &kube->store, txn)) {
        egress_leader_verify(kube->leader);
    }
    egress_leader_write(kube->leader, txn, now);
}

/* Tells whose manifests were replaced, when they have been. */
static void
tell_replaced(struct kube *kube)
{
    struct sset *ids = &kube->mirror.new_replaced;
    const char *id;

    SSET_FOR_EACH (id, ids) {
        VLOG_WARN("%s: replaces a manifest of the same name that was applied "
                  "with ovn-egressctl", id);
    }
    kube_status_tell_replaced(kube->status, &kube->store, ids);
    sset_clear(ids);
}

void
kube_run(struct kube *kube)
{
    long long int now = time_msec();
    struct ovsdb_idl_txn *txn = ovsdb_idl_loop_run(&kube->loop);

    run_session(kube, now);
    kube_http_run(kube->http);
    run_reflectors(kube, now);
    if (kube->current && !kube->schema_problem) {
        run_mirror(kube);
        if (txn) {
            write_rows(kube, txn, now);
        }
    }
    if (kube->active) {
        kube_status_run(kube->status, now);
    }
    ovsdb_idl_track_clear(kube->loop.idl);

    int result = ovsdb_idl_loop_commit_and_wait(&kube->loop);
    if (result > 0) {
        tell_replaced(kube);
    } else if (!result) {
        sset_clear(&kube->mirror.new_replaced);
        kube_mirror_forget(&kube->mirror);
    }
}

void
kube_wait(const struct kube *kube)
{
    struct shash_node *node;

    kube_http_wait(kube->http);
    kube_discovery_wait(kube->discovery);
    for (size_t i = 0; i < INTENT_N_KINDS; i++) {
        if (kube->reflectors[i]) {
            kube_reflector_wait(kube->reflectors[i]);
        }
    }
    SHASH_FOR_EACH (node, &kube->secrets) {
        kube_reflector_wait(node->data);
    }
    egress_leader_wait(kube->leader);
    if (kube->active) {
        kube_status_wait(kube->status);
        if (kube_mirror_has_work(&kube->mirror)
            && !kube->loop.committing_txn) {
            poll_immediate_wake();
        }
    }
}

void
kube_memory(const struct kube *kube, struct simap *usage)
{
    size_t n_bytes = 0;
    const struct kube_object *o;

    HMAP_FOR_EACH (o, id_node, &kube->store.objects) {
        n_bytes += strlen(o->manifest);
    }
    simap_increase(usage, "kube-objects",
                   hmap_count(&kube->store.objects));
    simap_increase(usage, "kube-manifests-KB", n_bytes / 1024);
    simap_increase(usage, "kube-requests",
                   kube_http_get_stats(kube->http).n_now);
}
