/* SPDX-License-Identifier: Apache-2.0 */

/* May what an API server shows be believed?  See the header. */

#include <config.h>

#include "kube/kube-trust.h"

#include <stdlib.h>
#include <string.h>

#include "kube/kube-discovery.h"
#include "kube/kube-kind.h"
#include "kube/kube-store.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

#define CONFIRM "\"ovn-appctl -t ovn-egress-kube kube/accept\""

const char *
kube_trust_get_uid(const struct kube_store *store)
{
    const struct kube_object *o = kube_store_find(store,
                                                  "Namespace kube-system");

    return o && *o->uid ? o->uid : NULL;
}

/* True if every kind of which there are rows was found empty by a listing. */
static bool
is_emptied(const struct kube_trust *t)
{
    bool any = false;

    for (size_t i = 0; i < INTENT_N_KINDS; i++) {
        if (t->n_rows[i]) {
            any = true;
            if (!t->store->found_empty[i]) {
                return false;
            }
        }
    }
    return any;
}

char *
kube_trust_why_hold(const struct kube_trust *t)
{
    const char *uid = kube_trust_get_uid(t->store);

    for (size_t i = 0; i < INTENT_N_KINDS; i++) {
        if (kube_kind(i)->required && !t->store->listed[i]) {
            return xasprintf("the API server has not listed the objects of "
                             "kind %s yet", intent_kind_name(i));
        }
    }
    if (!uid) {
        return xstrdup("the cluster has no namespace kube-system, so that "
                       "it is not known which one it is");
    }
    if (t->accepted) {
        return NULL;
    }
    if (t->known_uid && *t->known_uid && strcmp(t->known_uid, uid)) {
        char *clean = intent_clean(uid, 63);
        char *why = xasprintf("this is another cluster (UID %s) than the "
                              "one whose objects OVN_Egress has (%s); "
                              "confirm with " CONFIRM, clean,
                              t->known_uid);

        free(clean);
        return why;
    }
    if (is_emptied(t)) {
        return xstrdup("the API server has none of the objects that it had; "
                       "confirm with " CONFIRM);
    }
    return NULL;
}

char *
kube_trust_why_keep(const struct kube_trust *t)
{
    for (size_t i = 0; i < INTENT_N_KINDS; i++) {
        bool served = kube_discovery_version(t->discovery, i) != NULL;

        if (t->store->listed[i] || kube_kind(i)->by_name) {
            continue;
        }
        if (!kube_discovery_is_complete(t->discovery) || served) {
            return xasprintf("the API server has not listed the objects of "
                             "kind %s yet", intent_kind_name(i));
        }
        if (t->n_rows[i] && !t->accepted) {
            return xasprintf("the API server does not know the kind %s, of "
                             "which OVN_Egress has objects; confirm with "
                             CONFIRM, intent_kind_name(i));
        }
    }
    return NULL;
}
