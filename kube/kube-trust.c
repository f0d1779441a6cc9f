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

/* Returns why the objects of 'kind' that are not there may be there all the
 * same, or NULL. */
static char *
why_unknown(const struct kube_trust *t, enum intent_kind kind, bool *confirm)
{
    if (t->store->unsure[kind]) {
        return xasprintf("an object of kind %s cannot be read, which may be "
                         "any that seems to be missing",
                         intent_kind_name(kind));
    }
    if (t->store->listed[kind] || kube_kind_is_by_name(kind)) {
        return NULL;
    }
    if (!kube_discovery_is_complete(t->discovery)
        || kube_discovery_version(t->discovery, kind)) {
        return xasprintf("the API server has not listed the objects of kind "
                         "%s yet", intent_kind_name(kind));
    }
    if (t->accepted) {
        return NULL;
    }
    *confirm = true;
    return xasprintf("the API server does not know the kind %s, of which "
                     "OVN_Egress has objects; confirm with " CONFIRM,
                     intent_kind_name(kind));
}

char *
kube_trust_why_hold(const struct kube_trust *t, bool *confirm)
{
    const char *uid = kube_trust_get_uid(t->store);

    *confirm = false;
    for (size_t i = 0; i < INTENT_N_KINDS; i++) {
        if (kube_kind_is_required(i) && !t->store->listed[i]) {
            return xasprintf("the API server has not listed the objects of "
                             "kind %s yet", intent_kind_name(i));
        }
    }
    if (t->unsure) {
        return xstrdup("the API server was away, and has not said yet which "
                       "cluster it is of");
    }
    *confirm = true;
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
                              "one whose objects OVN_Egress has (UID %s); "
                              "confirm with " CONFIRM, clean,
                              t->known_uid);

        free(clean);
        return why;
    }
    return (is_emptied(t)
            ? xstrdup("the API server has none of the objects that it had; "
                      "confirm with " CONFIRM) : NULL);
}

char *
kube_trust_why_keep(const struct kube_trust *t, enum intent_kind kind,
                    bool *confirm)
{
    /* Which of the objects of these kinds are needed... */
    bool selected = (kind == INTENT_SERVICE || kind == INTENT_ENDPOINT_SLICE
                     || kind == INTENT_NAMESPACE || kind == INTENT_SECRET);
    /* ...is known from these. */
    static const enum intent_kind selecting[] = {
        INTENT_EGRESS_SERVICE, INTENT_SERVICE, INTENT_BGP_PEER,
        INTENT_IP_ADDRESS_POOL,
    };

    *confirm = false;
    char *why = t->n_rows[kind] ? why_unknown(t, kind, confirm) : NULL;
    for (size_t i = 0; i < ARRAY_SIZE(selecting) && selected && !why; i++) {
        if (t->n_rows[selecting[i]]) {
            why = why_unknown(t, selecting[i], confirm);
        }
    }
    return why;
}
