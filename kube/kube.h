/* SPDX-License-Identifier: Apache-2.0 */

/* The mirror as a whole: one loop over an API server and OVN_Egress.
 *
 *     discovery --> reflectors --> store --> mirror --> OVN_Egress.Object
 *     Kubernetes <-- writers <---- status <------------/
 *
 * ovn-egress-kube.c owns it.  Of several only the active one writes, in either
 * direction (ovsdb/egress-leader.h); the others follow, so that they can take
 * over at once.  Here, and here alone in kube/, things are logged. */

#ifndef KUBE_KUBE_H
#define KUBE_KUBE_H 1

#include <stdbool.h>

#include "intent/intent.h"
#include "kube/kube-config.h"
#include "kube/kube-mirror.h"
#include "kube/kube-store.h"
#include "openvswitch/shash.h"
#include "ovsdb-idl.h"
#include "ovsdb/db-session.h"

struct simap;

/* What the command line says; NULL for the default. */
struct kube_options {
    const char *db;             /* Of OVN_Egress. */
    const char *kubeconfig;
    const char *context;
    bool write_ingress;
};

struct kube {
    struct kube_config config;
    struct kube_http *http;
    struct kube_discovery *discovery;
    struct kube_store store;
    struct kube_reflector *reflectors[INTENT_N_KINDS];  /* NULL for those that
                                                         * are by name. */
    struct shash secrets;       /* Contains "struct kube_reflector"s, by
                                 * "NAMESPACE/NAME". */

    struct ovsdb_idl_loop loop;
    struct db_session session;
    struct egress_leader *leader;
    bool current;               /* The replica is. */
    bool active;                /* We are the one that writes. */
    struct kube_mirror mirror;
    struct kube_status *status;
    char *schema_problem;       /* Or NULL. */
    char *cluster;              /* Its UID when we looked last, or NULL. */

    char *logged_hold;          /* What was logged last: why nothing is
                                 * written or deleted; */
    struct shash logged;        /* the error of each kind (char *). */
};

/* Returns NULL and sets '*kubep', or why it cannot be, to be freed by the
 * caller. */
char *kube_create(const struct kube_options *, struct kube **kubep);
void kube_destroy(struct kube *);

/* Does what can be done now. */
void kube_run(struct kube *);
void kube_wait(const struct kube *);

/* Adds what uses memory to 'usage'. */
void kube_memory(const struct kube *, struct simap *usage);

/* Registers the control commands. */
void kube_unixctl_init(struct kube *);

#endif /* kube/kube.h */
