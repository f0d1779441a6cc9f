/* SPDX-License-Identifier: Apache-2.0 */

/* Plain Services: those without an EgressService whose externalTrafficPolicy
 * is Local.  If one has an ingress address in common with a service that has a
 * host, the host alone announces it, and what comes in is dropped there unless
 * the plain Service has an endpoint on it.  Part of the view; share.c heeds
 * the older ones, and check-service.c names the rest. */

#include <config.h>

#include "plan/world/view.h"

#include <stdlib.h>
#include <string.h>

#include "plan/rows/ip-hash.h"
#include "util.h"

static void
add_plain(struct view *v, const struct intent_object *svc)
{
    struct in6_addr ips[VIEW_MAX_INGRESS];
    struct view_plain *p;
    size_t n;

    if (!svc->service.etp_local
        || view_find_service(v, svc->namespace, svc->name)) {
        return;
    }
    n = view_get_ingress(v, svc, ips, ARRAY_SIZE(ips));
    if (!n) {
        return;
    }
    if (v->n_plains >= v->allocated_plains) {
        v->plains = x2nrealloc(v->plains, &v->allocated_plains,
                               sizeof *v->plains);
    }
    p = &v->plains[v->n_plains++];
    *p = (struct view_plain) {
        .svc = svc,
        .key = xasprintf("%s/%s", svc->namespace, svc->name),
        .ips = xmalloc(n * sizeof *p->ips),
        .n_ips = n,
    };
    for (size_t i = 0; i < n; i++) {
        p->ips[i].ip = ips[i];
    }
}

/* Makes the addresses be found.  Their owners have to stay in place. */
static void
index_addresses(struct view *v)
{
    for (size_t i = 0; i < v->n_plains; i++) {
        struct view_plain *p = &v->plains[i];

        for (size_t j = 0; j < p->n_ips; j++) {
            p->ips[j].plain = p;
            hmap_insert(&v->plain_ips, &p->ips[j].hmap_node,
                        ip_hash(&p->ips[j].ip));
        }
    }
}

/* Reads those that are planned.  The services are known. */
void
view_read_plains(struct view *v)
{
    const struct view_kind *services = &v->kinds[INTENT_SERVICE];
    const char *key;

    for (size_t i = 0; i < services->n && !v->keys; i++) {
        add_plain(v, services->objs[i]);
    }
    if (v->keys) {
        SSET_FOR_EACH (key, v->keys) {
            const struct intent_object *svc
                = view_find_object_by_key(v, INTENT_SERVICE, key);

            if (svc) {
                add_plain(v, svc);
            }
        }
    }
    index_addresses(v);
}

void
view_forget_plains(struct view *v)
{
    hmap_clear(&v->plain_ips);
    for (size_t i = 0; i < v->n_plains; i++) {
        free(v->plains[i].ips);
        free(v->plains[i].key);
    }
    free(v->plains);
    v->plains = NULL;
    v->n_plains = v->allocated_plains = 0;
}

/* Returns, of the plain Services with 'ip', the oldest one that is younger
 * than 'last', or the oldest of all if that is NULL; NULL if there is none. */
const struct view_plain *
view_next_plain(const struct view *v, const struct in6_addr *ip,
                const struct view_plain *last)
{
    const struct view_plain *best = NULL;
    const struct view_plain_ip *p;

    HMAP_FOR_EACH_WITH_HASH (p, hmap_node, ip_hash(ip), &v->plain_ips) {
        if (!memcmp(&p->ip, ip, sizeof *ip)
            && (!last || view_compare_age(p->plain->svc, last->svc) > 0)
            && (!best || view_compare_age(p->plain->svc, best->svc) < 0)) {
            best = p->plain;
        }
    }
    return best;
}

static bool
slice_serves(const struct view *v, const struct intent_endpoint_slice *slice,
             const struct view_node *node)
{
    for (size_t i = 0; i < slice->n_endpoints && !slice->fqdn; i++) {
        const struct intent_endpoint *e = &slice->endpoints[i];

        if (view_is_usable(e) && e->addresses.n) {
            const struct view_node *at
                = view_find_endpoint_node(v, e, &e->addresses.items[0]);

            if (at && (!node || at == node)) {
                return true;
            }
        }
    }
    return false;
}

/* True if 'p' has an endpoint on 'node', or on any if that is NULL, which
 * traffic from outside may go to. */
bool
view_plain_serves(const struct view *v, const struct view_plain *p,
                  const struct view_node *node)
{
    size_t n;
    struct intent_object **objs = view_find_slices(v, p->svc->namespace,
                                                   p->svc->name, &n);

    for (size_t i = 0; i < n; i++) {
        if (slice_serves(v, &objs[i]->endpoint_slice, node)) {
            return true;
        }
    }
    return false;
}
