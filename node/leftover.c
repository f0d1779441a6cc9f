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
#include "openvswitch/json.h"
#include "openvswitch/vlog.h"
#include "plan/machine/machine-leftovers.h"
#include "plan/rows/ip-hash.h"
#include "smap.h"
#include "sset.h"
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
    const struct intent_ips *behind;    /* Its ingress IPs, or NULL if not
                                         * known. */
};

struct judge {
    struct hmap known;          /* Of "struct known". */
    struct ip_prefix *local;    /* Networks of the cluster. */
    size_t n_local;
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

/* The same of 'text', or NULL. */
static struct known *
parse_known(struct judge *j, const char *text)
{
    struct in6_addr ip;

    return ip_addr_parse(text, &ip) ? get_known(j, &ip) : NULL;
}

static const struct ovsdb_datum *
find_elements(const struct kind_view *view, const char *name, int family)
{
    char *key = xasprintf("%s%d", name, family);
    const struct plan_row *row = plan_rows_find(&view->machine->rows,
                                                "nft-map", key);
    const struct plan_column *c = row ? plan_row_get(row, "elements") : NULL;

    free(key);
    return c ? &c->datum : NULL;
}

static void
learn_family(struct judge *j, const struct kind_view *view, int digit)
{
    const char *const names[] = { "hidden", "public", "anywhere", "snat" };
    const struct ovsdb_datum *d;
    const struct smap_node *node;

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        d = find_elements(view, names[i], digit);
        for (size_t e = 0; d && e < d->n; e++) {
            struct known *k = parse_known(j, json_string(d->keys[e].s));

            if (!k) {
                continue;
            } else if (i == 0) {
                k->hidden = true;
            } else if (i < 3) {
                k->public = true;
            } else {
                k->has_source = ip_addr_parse(json_string(d->values[e].s),
                                              &k->source);
            }
        }
    }
    d = find_elements(view, "local", digit);
    for (size_t e = 0; d && e < d->n; e++) {
        j->local = xrealloc(j->local, (j->n_local + 1) * sizeof *j->local);
        j->n_local += ip_prefix_parse(json_string(d->keys[e].s),
                                      &j->local[j->n_local], NULL);
    }
    SMAP_FOR_EACH (node, nft_leave_get(digit == 4 ? IP_V4 : IP_V6)) {
        struct known *k = parse_known(j, node->key);

        if (k) {
            k->leaving = true;
        }
    }
}

static void
judge_init(struct judge *j, const struct kind_view *view)
{
    struct machine_leftovers place;

    machine_leftovers_init(&place);
    const struct machine_leftovers *l
        = machine_objects_find(&view->machine->want, &place);
    *j = (struct judge) { .local = NULL };
    hmap_init(&j->known);
    learn_family(j, view, 4);
    learn_family(j, view, 6);
    for (size_t i = 0; l && i < l->n; i++) {
        get_known(j, &l->items[i].ip)->behind = &l->items[i].ingress;
    }
}

static void
judge_destroy(struct judge *j)
{
    struct known *k;

    HMAP_FOR_EACH_POP (k, node, &j->known) {
        free(k);
    }
    hmap_destroy(&j->known);
    free(j->local);
}

/* Judging. */

static bool
is_local(const struct judge *j, const struct in6_addr *ip)
{
    for (size_t i = 0; i < j->n_local; i++) {
        if (ip_prefix_contains(&j->local[i], ip)) {
            return true;
        }
    }
    return false;
}

/* True if 'ip' is one of the ingress IPs of 'k'. */
static bool
is_behind(const struct known *k, const struct in6_addr *ip)
{
    for (size_t i = 0; i < k->behind->n; i++) {
        if (!ip_compare(ip, &k->behind->items[i])) {
            return true;
        }
    }
    return false;
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
            ? target->behind && !is_behind(target, &conn->orig.dst)
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
        const struct smap_node *node;

        SMAP_FOR_EACH (node, nft_leave_get(f)) {
            hash += hash_string(node->key, 0);  /* In any order. */
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
