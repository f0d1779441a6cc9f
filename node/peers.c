/* SPDX-License-Identifier: Apache-2.0 */

/* The node's BGP sessions.  See peers.h. */

#include <config.h>

#include "node/peers.h"

#include <stdlib.h>
#include <string.h>

#include "node/frr.h"
#include "openvswitch/dynamic-string.h"
#include "ovsdb-idl.h"
#include "ovsdb/egress-idl.h"
#include "plan/frr/frr-check.h"
#include "plan/machine/machine.h"
#include "smap.h"
#include "sset.h"
#include "util.h"

/* A row as it was collected. */
struct peer {
    char *name;                 /* "ns/name". */
    char *revision;
    char *error;                /* Why it cannot be, or NULL; then only 'name'
                                 * and 'revision' count. */
    struct intent_object *object;
    struct intent_object *bfd;  /* NULL if none. */
    char *bfd_name;
    char *password;
    struct frr_announcement *announcements;     /* By prefix. */
    size_t n_announcements;
};

struct peers {
    struct ovsdb_idl *idl;
    char *node;
    struct frr *frr;
    struct peer *peers;         /* By name. */
    size_t n;
    bool collected;
    struct smap announced;      /* Active services that once did not need to
                                 * be held back, with what was announced of
                                 * them then. */
    struct sset settled;        /* Those of them that do not need to be looked
                                 * at until the rows are collected again. */
};

struct peers *
peers_create(struct ovsdb_idl *idl, const char *node, const char *namespace)
{
    const struct ovsdb_idl_column *const ours[] = {
        &egressrec_node_peer_col_acked,
        &egressrec_node_peer_col_error,
        &egressrec_node_peer_col_session,
        &egressrec_node_peer_col_advertised,
    };
    struct peers *p = xzalloc(sizeof *p);
    struct ovsdb_idl_condition c;

    p->idl = idl;
    p->node = xstrdup(node);
    p->frr = frr_create(namespace);
    smap_init(&p->announced);
    sset_init(&p->settled);
    for (size_t i = 0; i < EGRESSREC_NODE_PEER_N_COLUMNS; i++) {
        ovsdb_idl_add_column(idl, &egressrec_node_peer_columns[i]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(ours); i++) {
        ovsdb_idl_omit_alert(idl, ours[i]);
    }
    ovsdb_idl_condition_init(&c);
    egressrec_node_peer_add_clause_node(&c, OVSDB_F_EQ, node);
    egressrec_node_peer_set_condition(idl, &c);
    ovsdb_idl_condition_destroy(&c);
    return p;
}

static void
clear_peers(struct peers *p)
{
    for (size_t i = 0; i < p->n; i++) {
        struct peer *peer = &p->peers[i];

        for (size_t j = 0; j < peer->n_announcements; j++) {
            svec_destroy(&peer->announcements[j].attributes);
        }
        free(peer->announcements);
        intent_object_destroy(peer->object);
        intent_object_destroy(peer->bfd);
        free(peer->name);
        free(peer->revision);
        free(peer->error);
        free(peer->bfd_name);
        free(peer->password);
    }
    free(p->peers);
    p->peers = NULL;
    p->n = 0;
}

void
peers_destroy(struct peers *p)
{
    if (p) {
        clear_peers(p);
        frr_destroy(p->frr);
        smap_destroy(&p->announced);
        sset_destroy(&p->settled);
        free(p->node);
        free(p);
    }
}

/* Collecting. */

/* Parses 'json', an object of 'kind'.  Returns NULL and sets '*error' if it is
 * none. */
static struct intent_object *
parse_object(const char *json, enum intent_kind kind, char **error)
{
    struct intent_problems problems = INTENT_PROBLEMS_INITIALIZER;
    struct intent_object *obj = intent_object_from_json(
        json, strlen(json), INTENT_LENIENT, &problems);

    if (obj && obj->kind != kind) {
        intent_object_destroy(obj);
        obj = NULL;
    }
    if (!obj && !*error) {
        *error = (problems.n ? intent_problem_to_string(&problems.items[0])
                  : xasprintf("the manifest is no %s",
                              intent_kind_name(kind)));
    }
    intent_problems_destroy(&problems);
    return obj;
}

static int
compare_announcements(const void *a_, const void *b_)
{
    const struct frr_announcement *a = a_;
    const struct frr_announcement *b = b_;

    return ip_prefix_compare(&a->prefix, &b->prefix);
}

static void
parse_announcements(const struct smap *map, struct peer *peer)
{
    const struct smap_node *node;

    peer->announcements = xcalloc(smap_count(map),
                                  sizeof *peer->announcements);
    SMAP_FOR_EACH (node, map) {
        struct frr_announcement *a
            = &peer->announcements[peer->n_announcements];

        if (!ip_prefix_parse(node->key, &a->prefix, NULL)) {
            free(peer->error);
            peer->error = xasprintf("announcements: \"%s\" is no prefix",
                                    node->key);
            continue;
        }
        svec_init(&a->attributes);
        svec_parse_words(&a->attributes, node->value);
        svec_sort(&a->attributes);
        peer->n_announcements++;
    }
    if (peer->n_announcements) {
        qsort(peer->announcements, peer->n_announcements,
              sizeof *peer->announcements, compare_announcements);
    }
}

static void
parse_peer(const struct egressrec_node_peer *row, struct peer *peer)
{
    *peer = (struct peer) {
        .name = xstrdup(row->peer),
        .revision = xstrdup(row->revision),
        .bfd_name = xstrdup(row->bfd_name),
        .password = xstrdup(row->password),
    };
    peer->object = parse_object(row->manifest, INTENT_BGP_PEER, &peer->error);
    if (*row->bfd) {
        peer->bfd = parse_object(row->bfd, INTENT_BFD_PROFILE, &peer->error);
    }
    parse_announcements(&row->announcements, peer);
}

static int
compare_rows(const void *a_, const void *b_)
{
    const struct egressrec_node_peer *const *a = a_;
    const struct egressrec_node_peer *const *b = b_;

    return strcmp((*a)->peer, (*b)->peer);
}

void
peers_collect(struct peers *p)
{
    const struct egressrec_node_peer *row, **rows = NULL;
    size_t n = 0, allocated = 0;

    EGRESSREC_NODE_PEER_FOR_EACH (row, p->idl) {
        if (!strcmp(row->node, p->node)) {
            if (n >= allocated) {
                rows = x2nrealloc(rows, &allocated, sizeof *rows);
            }
            rows[n++] = row;
        }
    }
    if (n) {
        qsort(rows, n, sizeof *rows, compare_rows);
    }

    clear_peers(p);
    sset_clear(&p->settled);
    p->peers = xcalloc(n, sizeof *p->peers);
    p->n = n;
    p->collected = true;

    struct frr_peer *wanted = xcalloc(n, sizeof *wanted);
    size_t n_wanted = 0;
    for (size_t i = 0; i < n; i++) {
        struct peer *peer = &p->peers[i];

        parse_peer(rows[i], peer);
        if (!peer->error) {
            wanted[n_wanted] = (struct frr_peer) {
                .peer = &peer->object->bgp_peer,
                .bfd_name = peer->bfd_name,
                .bfd = peer->bfd ? &peer->bfd->bfd_profile : NULL,
                .password = peer->password,
                .announcements = peer->announcements,
                .n_announcements = peer->n_announcements,
            };
            peer->error = frr_check_peer(&wanted[n_wanted]);
            n_wanted += !peer->error;
        }
    }
    frr_set(p->frr, wanted, n_wanted);
    free(wanted);
    free(rows);
}

bool
peers_run(struct peers *p)
{
    return frr_run(p->frr);
}

void
peers_wait(const struct peers *p)
{
    frr_wait(p->frr);
}

/* Answering. */

/* Returns what keeps 'peer' from being loaded, "" if it only has to wait, NULL
 * if it is loaded.  The caller frees it. */
static char *
peer_trouble(const struct peers *p, const struct peer *peer)
{
    return (peer->error ? xstrdup(peer->error)
            : frr_get_trouble(p->frr, &peer->object->bgp_peer));
}

/* True if announcement 'j' of 'peer' is one of an address of 's'. */
static bool
announces(const struct peer *peer, size_t j, const struct machine_service *s)
{
    for (size_t i = 0; i < s->ingress_ips.n; i++) {
        if (ip_prefix_contains(&peer->announcements[j].prefix,
                               &s->ingress_ips.items[i])) {
            return true;
        }
    }
    return false;
}

/* Appends to 'what' all that 'peer' announces of 's'.  Returns false if there
 * is nothing. */
static bool
put_announced(const struct peer *peer, const struct machine_service *s,
              struct ds *what)
{
    bool any = false;

    for (size_t j = 0; j < peer->n_announcements; j++) {
        const struct frr_announcement *a = &peer->announcements[j];

        if (announces(peer, j, s)) {
            char buf[IP_STRLEN];

            ds_put_format(what, "%s %s", peer->name,
                          ip_prefix_format(&a->prefix, buf));
            for (size_t k = 0; k < a->attributes.n; k++) {
                ds_put_format(what, " %s", a->attributes.names[k]);
            }
            ds_put_char(what, '\n');
            any = true;
        }
    }
    return any;
}

/* Returns what keeps 'peer' from having been told of 's', as peers_hold()
 * does. */
static char *
hold_for(const struct peers *p, const struct peer *peer,
         const struct machine_service *s)
{
    char *trouble = peer_trouble(p, peer);

    if (trouble && *trouble) {
        char *hold = xasprintf("BGPPeer %s: %s", peer->name, trouble);

        free(trouble);
        return hold;
    }
    for (size_t j = 0; j < peer->n_announcements && !trouble; j++) {
        if (announces(peer, j, s)
            && !frr_is_told(p->frr, &peer->object->bgp_peer,
                            &peer->announcements[j].prefix)) {
            trouble = xstrdup("");
        }
    }
    return trouble;
}

bool
peers_may_tell(const struct peers *p, const struct in6_addr *ip)
{
    return !frr_is_withdrawn(p->frr, ip);
}

/* As peers_hold() for a service that is to be announced.  A peer that cannot
 * be does not keep the others from announcing it, only all of them do. */
static char *
hold_active(struct peers *p, const struct machine_service *s)
{
    struct ds what = DS_EMPTY_INITIALIZER;
    bool good = false, waits = false;
    char *error = NULL;

    if (sset_contains(&p->settled, s->name)) {
        ds_destroy(&what);
        return NULL;
    }

    /* All are looked at, for what is announced. */
    for (size_t i = 0; i < p->n; i++) {
        if (put_announced(&p->peers[i], s, &what)) {
            char *hold = hold_for(p, &p->peers[i], s);

            good = good || !hold;
            waits = waits || (hold && !*hold);
            if (hold && *hold && !error) {
                error = hold;
            } else {
                free(hold);
            }
        }
    }

    char *hold = (waits ? xstrdup("")
                  : good || !error ? NULL : xstrdup(error));
    free(error);

    const char *was = smap_get(&p->announced, s->name);
    if (hold && was && !strcmp(was, ds_cstr(&what))) {
        free(hold);
        hold = NULL;
    } else if (!hold && (!was || strcmp(was, ds_cstr(&what)))) {
        smap_replace(&p->announced, s->name, ds_cstr(&what));
    }
    if (!hold) {
        sset_add(&p->settled, s->name);
    }
    ds_destroy(&what);
    return hold;
}

char *
peers_hold(struct peers *p, const struct machine_service *s)
{
    if (s->state == MACHINE_ACTIVE) {
        return hold_active(p, s);
    }
    smap_remove(&p->announced, s->name);
    for (size_t i = 0; i < s->ingress_ips.n && s->state == MACHINE_DRAINING;
         i++) {
        if (peers_may_tell(p, &s->ingress_ips.items[i])) {
            return xstrdup(frr_get_error(p->frr));
        }
    }
    return NULL;
}

static int
compare_name(const void *name_, const void *peer_)
{
    const struct peer *peer = peer_;
    const char *name = name_;

    return strcmp(name, peer->name);
}

/* Says how the session is, if that is known: else what the row says stays. */
static void
answer_session(const struct peers *p, const struct egressrec_node_peer *row,
               const struct peer *peer)
{
    struct frr_session session;

    if (peer->error) {
        session.state = "";
        sset_init(&session.advertised);
    } else if (!frr_get_session(p->frr, &peer->object->bgp_peer, &session)) {
        return;
    }

    size_t n = sset_count(&session.advertised);
    bool same = n == row->n_advertised;
    for (size_t i = 0; i < n && same; i++) {
        same = sset_contains(&session.advertised, row->advertised[i]);
    }
    if (!same) {
        const char **prefixes = sset_sort(&session.advertised);

        egressrec_node_peer_set_advertised(row, prefixes, n);
        free(prefixes);
    }
    if (strcmp(session.state, row->session)) {
        egressrec_node_peer_set_session(row, session.state);
    }
    frr_session_destroy(&session);
}

static void
answer(const struct peers *p, const struct egressrec_node_peer *row)
{
    const struct peer *peer
        = (p->n ? bsearch(row->peer, p->peers, p->n, sizeof *p->peers,
                          compare_name) : NULL);
    if (!peer || strcmp(peer->revision, row->revision)) {
        return;
    }

    char *trouble = peer_trouble(p, peer);
    const char *acked = (!trouble ? row->revision
                         : *trouble ? "" : row->acked);
    const char *error = trouble ? trouble : "";
    if (strcmp(acked, row->acked)) {
        egressrec_node_peer_set_acked(row, acked);
    }
    if (strcmp(error, row->error)) {
        egressrec_node_peer_set_error(row, error);
    }
    free(trouble);
    answer_session(p, row, peer);
}

void
peers_answer(const struct peers *p, struct ovsdb_idl_txn *txn)
{
    const struct egressrec_node_peer *row;

    if (!txn || !p->collected) {
        return;
    }
    EGRESSREC_NODE_PEER_FOR_EACH (row, p->idl) {
        if (!strcmp(row->node, p->node)) {
            answer(p, row);
        }
    }
}

void
peers_format(const struct peers *p, struct ds *s)
{
    frr_format(p->frr, s);
    for (size_t i = 0; i < p->n; i++) {
        if (p->peers[i].error) {
            ds_put_format(s, "error: BGPPeer %s: %s\n", p->peers[i].name,
                          p->peers[i].error);
        }
    }
}
