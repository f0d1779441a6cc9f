/* SPDX-License-Identifier: Apache-2.0 */

/* Which objects of a cluster are needed in OVN_Egress: see the header. */

#include <config.h>

#include "kube/kube-select.h"

#include <stdlib.h>
#include <string.h>

#include "kube/kube-kind.h"
#include "kube/kube-store.h"
#include "util.h"

void
kube_selection_init(struct kube_selection *selection)
{
    sset_init(&selection->services);
    sset_init(&selection->namespaces);
    sset_init(&selection->secrets);
}

void
kube_selection_destroy(struct kube_selection *selection)
{
    if (selection) {
        sset_destroy(&selection->services);
        sset_destroy(&selection->namespaces);
        sset_destroy(&selection->secrets);
    }
}

void
kube_selection_swap(struct kube_selection *a, struct kube_selection *b)
{
    sset_swap(&a->services, &b->services);
    sset_swap(&a->namespaces, &b->namespaces);
    sset_swap(&a->secrets, &b->secrets);
}

static char *
get_key(const struct kube_object *o)
{
    return xasprintf("%s/%s", o->namespace, o->name);
}

static bool
is_load_balancer(const struct kube_object *o)
{
    return smap_get(&o->facts, "lb") != NULL;
}

/* Adds the addresses of 'o' to 'addresses', or, if 'has' is not NULL, only
 * sets it to whether one of them is there. */
static void
take_addresses(const struct kube_object *o, struct sset *addresses, bool *has)
{
    struct smap_node *node;

    SMAP_FOR_EACH (node, &o->facts) {
        if (strncmp(node->key, "address ", 8)) {
            continue;
        }
        if (has) {
            *has = *has || sset_contains(addresses, node->key);
        } else {
            sset_add(addresses, node->key);
        }
    }
}

/* Adds the Services with an EgressService, and their addresses to
 * 'addresses'. */
static void
add_served(const struct kube_store *store, struct kube_selection *selection,
           struct sset *addresses)
{
    const struct kube_object *es;

    KUBE_STORE_FOR_EACH (es, store, INTENT_EGRESS_SERVICE) {
        char *id = kube_object_id(INTENT_SERVICE, es->namespace, es->name);
        const struct kube_object *service = kube_store_find(store, id);

        if (service) {
            sset_add_and_free(&selection->services, get_key(service));
            take_addresses(service, addresses, NULL);
        }
        free(id);
    }
}

/* Adds the Services that have one of 'addresses', or all of type LoadBalancer
 * if 'all'. */
static void
add_sharing(const struct kube_store *store, struct sset *addresses, bool all,
            struct kube_selection *selection)
{
    const struct kube_object *o;

    KUBE_STORE_FOR_EACH (o, store, INTENT_SERVICE) {
        bool wanted = all;

        if (is_load_balancer(o)) {
            if (!wanted) {
                take_addresses(o, addresses, &wanted);
            }
            if (wanted) {
                sset_add_and_free(&selection->services, get_key(o));
            }
        }
    }
}

void
kube_select(const struct kube_store *store,
            const struct kube_select_options *options,
            struct kube_selection *selection)
{
    struct sset addresses = SSET_INITIALIZER(&addresses);
    const struct kube_object *peer;
    const char *key;

    /* Without a pool nothing is allocated, without a peer nothing
     * announced. */
    bool all = (options->ingress
                || (options->allocate_ips
                    && kube_store_count(store, INTENT_IP_ADDRESS_POOL))
                || (options->announce
                    && kube_store_count(store, INTENT_BGP_PEER)));

    sset_clear(&selection->services);
    sset_clear(&selection->namespaces);
    sset_clear(&selection->secrets);
    add_served(store, selection, &addresses);
    add_sharing(store, &addresses, all, selection);
    SSET_FOR_EACH (key, &selection->services) {
        char *namespace = xmemdup0(key, strcspn(key, "/"));

        sset_add_and_free(&selection->namespaces, namespace);
    }
    KUBE_STORE_FOR_EACH (peer, store, INTENT_BGP_PEER) {
        const char *secret = smap_get(&peer->facts, "secret");

        if (secret) {
            sset_add(&selection->secrets, secret);
        }
    }
    sset_destroy(&addresses);
}

static bool
has_key(const struct sset *keys, const char *namespace, const char *name)
{
    char *key = xasprintf("%s/%s", namespace, name);
    bool has = sset_contains(keys, key);

    free(key);
    return has;
}

bool
kube_selection_has(const struct kube_selection *selection,
                   const struct kube_object *o)
{
    return (o->kind == INTENT_SERVICE
            ? has_key(&selection->services, o->namespace, o->name)
            : o->kind == INTENT_ENDPOINT_SLICE
            ? has_key(&selection->services, o->namespace,
                      smap_get_def(&o->facts, "service", ""))
            : o->kind == INTENT_NAMESPACE
            ? sset_contains(&selection->namespaces, o->name)
            : o->kind == INTENT_SECRET
            ? has_key(&selection->secrets, o->namespace, o->name)
            : true);
}
