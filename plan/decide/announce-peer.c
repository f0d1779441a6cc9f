/* SPDX-License-Identifier: Apache-2.0 */

/* BGPPeers: which node has a session with which.  See announce.h. */

#include <config.h>

#include "plan/decide/announce.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "plan/decide/decide.h"
#include "util.h"

static void
read_peer(struct view *v, const struct intent_object *obj,
          struct announce_peer *p)
{
    const struct intent_bgp_peer *bgp = &obj->bgp_peer;

    *p = (struct announce_peer) {
        .obj = obj,
        .key = xasprintf("%s/%s", obj->namespace, obj->name),
        .password = bgp->password,
    };
    if (*bgp->interface) {
        ovs_strlcpy(p->name, bgp->interface, sizeof p->name);
    } else {
        ip_format(&bgp->peer_address, p->name);
    }
    if (*bgp->bfd_profile) {
        p->bfd = view_find_object(v, INTENT_BFD_PROFILE, obj->namespace,
                                  bgp->bfd_profile);
    }
    if (*bgp->password_secret) {
        const struct intent_object *secret = view_find_object(
            v, INTENT_SECRET, obj->namespace, bgp->password_secret);
        p->password = (secret && *secret->secret.password
                       ? secret->secret.password : NULL);
    }
    if (p->password && intent_password_check(p->password)) {
        p->obstacle = "FRR does not take the password: it must be at most 80 "
                      "characters of ASCII, no space and none of "
                      "\" \\ | ?";
    }
}

/* Returns why a node cannot have both peers, or NULL if it can. */
static const char *
find_conflict(const struct intent_bgp_peer *a, const struct intent_bgp_peer *b)
{
    if (strcmp(a->vrf, b->vrf)) {
        return NULL;
    } else if (a->my_asn != b->my_asn) {
        return "its myASN is another, in the same VRF, than that of BGPPeer ";
    } else if (!strcmp(a->interface, b->interface)
               && !ip_compare(&a->peer_address, &b->peer_address)) {
        return "it is the same neighbor, in the same VRF, as BGPPeer ";
    } else if (*a->router_id && *b->router_id
               && strcmp(a->router_id, b->router_id)) {
        return "its routerID is another, in the same VRF, than that of "
               "BGPPeer ";
    }
    return NULL;
}

const char *
announce_get_password(const struct announce_session *session)
{
    return (session->peer->password ? session->peer->password
            : session->prior ? plan_row_string(session->prior->row,
                                               "password", "")
            : "");
}

/* Makes a session of 'p' on 'node', which has others already. */
static struct announce_session *
add_session(const struct view *v, struct announce *a, struct announce_peer *p,
            const struct view_node *node)
{
    struct announce_node *in = &a->nodes[node->index];
    struct announce_session *session = xmalloc(sizeof *session);

    *session = (struct announce_session) {
        .node = node,
        .peer = p,
        .key = xasprintf("%s %s", node->name, p->key),
        .obstacle = p->obstacle,
        .conflict = "",
        .prefixes = HMAP_INITIALIZER(&session->prefixes),
        .touched = true,
    };
    session->prior = shash_find_data(&v->prior->peers, session->key);
    if (!p->password && !*announce_get_password(session)) {
        session->obstacle = "there is no Secret with a password as "
                            "spec.passwordSecret says";
    }
    for (size_t i = 0; i < in->n_sessions && !session->obstacle; i++) {
        const struct announce_session *other = in->sessions[i];

        if (!other->obstacle) {
            session->obstacle = find_conflict(&p->obj->bgp_peer,
                                              &other->peer->obj->bgp_peer);
            session->conflict = session->obstacle ? other->peer->key : "";
        }
    }

    if (p->n_sessions >= p->allocated_sessions) {
        p->sessions = x2nrealloc(p->sessions, &p->allocated_sessions,
                                 sizeof *p->sessions);
    }
    p->sessions[p->n_sessions++] = session;
    in->sessions = xrealloc(in->sessions,
                            (in->n_sessions + 1) * sizeof *in->sessions);
    in->sessions[in->n_sessions++] = session;
    return session;
}

/* Reads the BGPPeers, with a session on each node that they select. */
void
announce_read_peers(struct view *v, struct announce *a)
{
    struct intent_map *labels = xmalloc(v->n_nodes * sizeof *labels);

    for (size_t i = 0; i < v->n_nodes; i++) {
        labels[i] = labels_get(v, v->node_array[i]);
    }
    a->n_nodes = hmap_count(&v->nodes);
    a->nodes = xcalloc(a->n_nodes, sizeof *a->nodes);
    a->n_peers = v->kinds[INTENT_BGP_PEER].n;
    a->peers = xmalloc(a->n_peers * sizeof *a->peers);
    const struct intent_object **objs = view_sort_by_age(v, INTENT_BGP_PEER);
    for (size_t i = 0; i < a->n_peers; i++) {
        const struct intent_object *obj = objs[i];
        const struct intent_selectors *nodes = &obj->bgp_peer.node_selectors;

        read_peer(v, obj, &a->peers[i]);
        for (size_t j = 0; j < v->n_nodes; j++) {
            if (intent_selectors_match(nodes->items, nodes->n, &labels[j])) {
                struct announce_session *session
                    = add_session(v, a, &a->peers[i], v->node_array[j]);

                shash_add(&a->sessions, session->key, session);
            }
        }
    }
    free(objs);
    for (size_t i = 0; i < v->n_nodes; i++) {
        free(labels[i].pairs);
    }
    free(labels);
}

static void
session_destroy(struct announce_session *session)
{
    struct announce_prefix *p;

    HMAP_FOR_EACH_POP (p, hmap_node, &session->prefixes) {
        free(p);
    }
    hmap_destroy(&session->prefixes);
    plan_db_rows_destroy(&session->rows);
    free(session->told);
    free(session->key);
    free(session);
}

void
announce_peers_destroy(struct announce *a)
{
    for (size_t i = 0; i < a->n_peers; i++) {
        struct announce_peer *p = &a->peers[i];

        for (size_t j = 0; j < p->n_sessions; j++) {
            session_destroy(p->sessions[j]);
        }
        free(p->sessions);
        free(p->key);
    }
    free(a->peers);
    for (size_t i = 0; i < a->n_nodes; i++) {
        free(a->nodes[i].sessions);
    }
    free(a->nodes);
}

const struct announce_node *
announce_get_node(const struct announce *a, const struct view_node *node)
{
    static const struct announce_node none;

    return node->index < a->n_nodes ? &a->nodes[node->index] : &none;
}
