/* SPDX-License-Identifier: Apache-2.0 */

/* Announcements: which node tells which BGP peer which prefixes.
 *
 * plan.c calls announce_run() when all else of the nodes' work is decided, and
 * status.c asks what came of it.  The rules are those of MetalLB's speaker,
 * with one difference: a Service with an EgressService (by LoadBalancerIP) is
 * announced by the nodes whose Node_Service row is active, and by no other,
 * however many nodes a BGPAdvertisement selects.  Otherwise requests would
 * come in where the replies do not go out.
 *
 * The contract with the nodes' helpers, on which the order of a move
 * (schedule.c) depends:
 *
 *   - A change of a Node_Service row's state and the change of the Node_Peer
 *     rows that goes with it are published in one transaction.
 *   - A helper acknowledges an active row when all Node_Peer rows of the node
 *     that announce the service, of the same snapshot, are loaded into FRR.
 *   - It acknowledges a draining row when all its Node_Peer rows are, so that
 *     nothing of the service is announced any more.
 *
 * Internal to plan/. */

#ifndef PLAN_DECIDE_ANNOUNCE_H
#define PLAN_DECIDE_ANNOUNCE_H 1

#include "openvswitch/shash.h"
#include "plan/world/view.h"
#include "sset.h"

struct announce_peer;

/* A prefix that a session announces. */
struct announce_prefix {
    struct ip_prefix prefix;
    int64_t local_pref;         /* -1 if none. */
    int64_t med;                /* -1 if none: all nodes are equal. */
    int prepends;               /* -1 if none. */
    struct sset communities;    /* As of "struct advert". */
};

/* A BGPPeer on a node. */
struct announce_session {
    const struct view_node *node;
    const struct announce_peer *peer;
    const struct plan_prior_work *prior;        /* NULL if new. */
    const char *obstacle;       /* Why it cannot be, or NULL; static. */
    const char *conflict;       /* Name of the BGPPeer that the obstacle is
                                 * about, or "". */
    struct shash prefixes;      /* Text to "struct announce_prefix". */
    bool acked;                 /* The node has loaded what it should. */
};

/* A BGPPeer, and the nodes that it is for. */
struct announce_peer {
    const struct intent_object *obj;
    char *key;                  /* "ns/name". */
    char name[IP_STRLEN];       /* Address or interface. */
    const struct intent_object *bfd;            /* NULL if none. */
    const char *password;       /* NULL if it is not known. */
    const char *obstacle;       /* On all nodes; or NULL. */
    struct announce_session **sessions;         /* By node. */
    size_t n_sessions, allocated_sessions;
};

/* Decides, and sets v->announce, which stays NULL if announcing is not for us:
 * option "announce", or no BGPPeer. */
void announce_run(struct view *);
void announce_destroy(struct announce *);
const struct announce_peer *announce_get_peers(const struct view *, size_t *n);

/* Reason of a service whose announcement is somebody else's business. */
#define ANNOUNCE_NOT_MANAGED "NotManaged"

/* What FRR calls a session that is up. */
#define ANNOUNCE_ESTABLISHED "Established"

/* Returns what is wrong with the session, or NULL; sets '*reason' to it in one
 * word. */
const char *announce_find_trouble(const struct announce_session *,
                                  const char **reason);

/* Appends to 's' how far the announcement of 'service' has come.  Returns NULL
 * if it is announced, otherwise the reason why not. */
const char *announce_describe(const struct view_service *service,
                              struct ds *s);

/* announce-peer.c: BGPPeers and their nodes. */
struct announce_peer *announce_read_peers(struct view *, size_t *n);
void announce_peers_destroy(struct announce_peer *, size_t n);

/* Returns the password for a session: if the Secret is gone, the one that the
 * node has already, or "". */
const char *announce_get_password(const struct announce_session *);

#endif /* plan/decide/announce.h */
