/* SPDX-License-Identifier: Apache-2.0 */

/* Tracked connections that are left over.  See leftover.h. */

#include <config.h>

#include "node/leftover.h"

#include <stdlib.h>

#include "coverage.h"
#include "hash.h"
#include "node/conntrack.h"
#include "node/kind.h"
#include "node/nft-cut.h"
#include "node/nft-leave.h"
#include "openvswitch/vlog.h"
#include "plan/machine/machine-set.h"
#include "plan/rows/ip-hash.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(leftover);
COVERAGE_DEFINE(leftover_walk);
COVERAGE_DEFINE(leftover_forgotten);

/* An address that we know. */
struct known {
    struct hmap_node node;
    struct in6_addr ip;
    bool leaving;
    bool hidden;                /* An endpoint or ClusterIP here. */
    bool public;                /* An ingress or source IP here. */
    bool has_source;
    struct in6_addr source;     /* Of an endpoint. */
};

struct judge {
    struct hmap known;          /* Of "struct known". */
    const struct machine_set *local[IP_N_FAMILIES];     /* Networks of the
                                                         * cluster. */
    const struct machine_set *behind;   /* See machine_leftovers_init(). */
};

/* What was asked last: what has left changes by itself. */
static bool expected = true;
static uint32_t last_leaving;

void
leftover_expect(void)
{
    expected = true;
}

/* What is known. */

static struct known *
find_known(const struct judge *j, const struct in6_addr *ip)
{
    struct known *k;

    HMAP_FOR_EACH_WITH_HASH (k, node, ip_hash(ip),
                             &j->known) {
        if (!ip_compare(&k->ip, ip)) {
            return k;
        }
    }
    return NULL;
}

/* Returns the entry of 'ip', which is made if it is not there. */
static struct known *
get_known(struct judge *j, const struct in6_addr *ip)
{
    struct known *k = find_known(j, ip);

    if (!k) {
        k = xzalloc(sizeof *k);
        k->ip = *ip;
        hmap_insert(&j->known, &k->node, ip_hash(ip));
    }
    return k;
}

static void
learn_family(struct judge *j, const struct kind_view *view,
             enum ip_family family)
{
    static const enum machine_set_id ids[] = {
        MACHINE_SET_HIDDEN, MACHINE_SET_PUBLIC, MACHINE_SET_ANYWHERE,
        MACHINE_SET_SNAT,
    };
    const struct machine_objects *want = &view->machine->want;
    const struct machine_set *left = nft_leave_get(family);

    for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
        const struct machine_set *set = machine_set_get(want, ids[i], family);

        for (size_t e = 0; set && e < set->n; e++) {
            struct known *k = get_known(j, &set->items[e].key.ip);

            if (ids[i] == MACHINE_SET_HIDDEN) {
                k->hidden = true;
            } else if (ids[i] == MACHINE_SET_SNAT) {
                k->has_source = true;
                k->source = set->items[e].data.ip;
            } else {
                k->public = true;
            }
        }
    }
    for (size_t e = 0; e < left->n; e++) {
        get_known(j, &left->items[e].key.ip)->leaving = true;
    }
    j->local[family] = machine_set_get(want, MACHINE_SET_LOCAL, family);
}

static void
judge_init(struct judge *j, const struct kind_view *view)
{
    struct machine_set place;

    machine_leftovers_init(&place);
    j->behind = machine_objects_find(&view->machine->want, &place);
    hmap_init(&j->known);
    learn_family(j, view, IP_V4);
    learn_family(j, view, IP_V6);
}

static void
judge_destroy(struct judge *j)
{
    struct known *k;

    HMAP_FOR_EACH_POP (k, node, &j->known) {
        free(k);
    }
    hmap_destroy(&j->known);
}

/* Judging. */

static bool
is_local(const struct judge *j, const struct in6_addr *ip)
{
    const struct machine_set *local = j->local[ip_family(ip)];

    for (size_t i = 0; local && i < local->n; i++) {
        const struct machine_value *v = &local->items[i].key;

        if (ip_range_contains(&(struct ip_range) { v->ip, v->other }, ip)) {
            return true;
        }
    }
    return false;
}

/* True if it is known behind which ingress IPs 'ip' is, and 'ingress' is not
 * among them. */
static bool
is_not_behind(const struct judge *j, const struct in6_addr *ip,
              const struct in6_addr *ingress)
{
    const struct machine_value pair = { .ip = *ip, .other = *ingress };

    return (machine_set_has_ip(j->behind, ip)
            && !machine_set_find(j->behind, &pair));
}

static bool
is_leftover_out(const struct judge *j,
                const struct conntrack_connection *conn)
{
    const struct known *endpoint = find_known(j, &conn->orig.src);
    const struct known *source = find_known(j, &conn->reply.dst);

    if (!ip_compare(&conn->orig.src, &conn->reply.dst)
        || !source || !(source->public || source->leaving)) {
        return false;           /* Not translated, or not by us. */
    } else if (endpoint && endpoint->has_source) {
        return ip_compare(&endpoint->source, &conn->reply.dst);
    }
    return endpoint || is_local(j, &conn->orig.src);
}

static bool
is_leftover_in(const struct judge *j, const struct conntrack_connection *conn)
{
    const struct known *ingress = find_known(j, &conn->orig.dst);
    const struct known *target = find_known(j, &conn->reply.src);

    if (!ip_compare(&conn->orig.dst, &conn->reply.src) || !ingress) {
        return false;
    } else if (!ingress->public) {
        return ingress->leaving;
    } else if (!target) {
        return false;
    }
    return (target->hidden
            ? is_not_behind(j, &conn->reply.src, &conn->orig.dst)
            : target->leaving);
}

static bool
is_leftover(const struct conntrack_connection *conn, const void *judge)
{
    return is_leftover_out(judge, conn) || is_leftover_in(judge, conn);
}

/* A number that is the same for the same addresses. */
static uint32_t
hash_leaving(void)
{
    uint32_t hash = 0;

    for (int f = 0; f < IP_N_FAMILIES; f++) {
        const struct machine_set *left = nft_leave_get(f);

        for (size_t i = 0; i < left->n; i++) {
            hash = hash_add(hash, ip_hash(&left->items[i].key.ip));
        }
    }
    return hash;
}

char *
leftover_run(const struct kind_view *view, bool flush, bool *clean)
{
    uint32_t leaving = hash_leaving();
    unsigned int n = 0;
    struct judge j;

    *clean = true;
    if (!expected && leaving == last_leaving) {
        return NULL;
    }
    COVERAGE_INC(leftover_walk);
    judge_init(&j, view);
    char *error = conntrack_judge(is_leftover, &j, flush ? nft_cut_note : NULL,
                                  &n);
    judge_destroy(&j);
    if (!error) {
        last_leaving = leaving;
        expected = n > 0;
        *clean = !n;
        if (flush && n) {
            COVERAGE_ADD(leftover_forgotten, n);
            VLOG_DBG("%u leftover connections forgotten", n);
        }
    }
    return error;
}
