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
 * Sessions and their prefixes stay as long as the view does.  Each Service
 * adds its claims to the prefixes (announce-claim.c), which the ledger keeps,
 * so that those of one Service can be replaced: a prefix is announced if there
 * is a claim to it.  What a change touches are the sessions whose claims
 * differ; their rows are written anew (emit/peer.c).
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

#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "openvswitch/shash.h"
#include "plan/decide/announce-advert.h"
#include "plan/world/view.h"
#include "sset.h"

struct ledger_entry;

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

/* A BGPPeer on a node. */
struct announce_session {
    const struct view_node *node;
    const struct announce_peer *peer;
    char *key;                  /* "NODE NS/NAME". */
    const struct plan_prior_work *prior;        /* NULL if new. */
    const char *obstacle;       /* Why it cannot be, or NULL; static. */
    const char *conflict;       /* Name of the BGPPeer that the obstacle is
                                 * about, or "". */
    struct hmap prefixes;       /* Of "struct announce_prefix". */
    struct plan_db_rows rows;   /* Its row. */
    bool acked;                 /* The node has loaded what it should. */
    bool touched;               /* Its row and status must be written. */
    char *told;                 /* Its trouble, as the status of services has
                                 * it, or NULL. */
};

/* The sessions of a node. */
struct announce_node {
    struct announce_session **sessions;
    size_t n_sessions;
};

/* A prefix in a session. */
struct announce_prefix {
    struct hmap_node hmap_node; /* In session->prefixes. */
    struct announce_session *session;
    struct ip_prefix prefix;
    struct ovs_list claims;     /* Of "struct announce_claim". */
    const char *told;           /* Reason why it is not announced, as the
                                 * status of services has it, or NULL. */
};

/* What a Service wants of a prefix, by one advert. */
struct announce_claim {
    struct ovs_list list_node;  /* In prefix->claims. */
    struct announce_prefix *prefix;
    struct advert *advert;
    struct ledger_entry *entry;
    uint32_t epoch;             /* How new it is: see epoch.c. */
    int prepends;               /* Likewise. */
};

/* What is announced of a Service: kept by the ledger. */
struct announced {
    struct announce_claim *claims;
    size_t n, allocated;
    bool described;             /* An EgressService's status tells of it. */
    size_t n_missing;           /* Addresses that an active node should
                                 * announce and cannot. */
    struct view_reason why;     /* What the first obstacle was. */
};

/* What the claims to a prefix amount to. */
struct announce_attributes {
    int64_t local_pref;         /* -1 if none. */
    int64_t med;                /* -1 if none: all nodes are equal. */
    int prepends;               /* -1 if none. */
    struct sset communities;    /* As of "struct advert". */
};

struct announce {
    struct announce_peer *peers;
    size_t n_peers;
    struct shash sessions;      /* By key. */
    struct announce_node *nodes;        /* By their index. */
    size_t n_nodes;
    struct allocator pools;
    struct adverts adverts;
    struct hmap sets;           /* Of announce.c. */
    struct sset stale;          /* "ns/name" of EgressServices whose status
                                 * has to be written again. */
};

/* Decides for the services that are planned, and, if all are, makes
 * v->announce, which stays NULL if announcing is not for us: option
 * "announce", or no BGPPeer. */
void announce_run(struct view *);
void announce_destroy(struct announce *);

/* Lets the sessions of 'v' know what the nodes say now; 'changed' has the keys
 * of those about which they say something else. */
void announce_renew(struct view *v, const struct sset *changed);

/* Ends a run, in which the status of the EgressServices 'keys', or of all if
 * that is NULL, was written. */
void announce_end_run(struct announce *, const struct sset *keys);

/* announce-claim.c */

/* Adds a claim to '*prefix' of 'session', which is not in force before
 * announce_enter(). */
void announce_add_claim(struct announced *, struct announce_session *session,
                        const struct ip_prefix *prefix, struct advert *,
                        uint32_t epoch, int prepends);

/* Brings the claims of 'entry' into force, in the place of those of 'old',
 * which may be NULL, as may 'entry'. */
void announce_enter(struct view *, struct ledger_entry *entry,
                    const struct announced *old);

/* Takes claims out of force; frees them. */
void announce_withdraw(struct announced *);
void announced_destroy(struct announced *);

/* Sets '*a' to what the claims to 'prefix' amount to; the caller destroys
 * it. */
void announce_get_attributes(const struct view *,
                             const struct announce_prefix *prefix,
                             struct announce_attributes *a);
void announce_attributes_destroy(struct announce_attributes *);

/* Removes the prefixes that nobody claims any more. */
void announce_clean(struct announce_session *);

/* announce-state.c */

/* Reason of a service whose announcement is somebody else's business. */
#define ANNOUNCE_NOT_MANAGED "NotManaged"

/* What FRR calls a session that is up. */
#define ANNOUNCE_ESTABLISHED "Established"

/* Returns what is wrong with the session, or NULL; sets '*reason' to it in one
 * word. */
const char *announce_find_trouble(const struct announce_session *,
                                  const char **reason);

/* Appends to 's' how far the announcement of the service 'key' has come.
 * Returns NULL if it is announced, otherwise the reason why not. */
const char *announce_describe(const struct view *, const char *key,
                              struct ds *s);

/* Adds to 'stale' the EgressServices to whose announcement in 'session'
 * something else has happened than when this was last called. */
void announce_note_state(struct announce_session *session,
                         struct sset *stale);

/* announce-peer.c: BGPPeers and their nodes. */
void announce_read_peers(struct view *, struct announce *);
void announce_peers_destroy(struct announce *);

/* Returns the sessions of 'node', which may be none. */
const struct announce_node *announce_get_node(const struct announce *,
                                              const struct view_node *node);

/* Returns the password for a session: if the Secret is gone, the one that the
 * node has already, or "". */
const char *announce_get_password(const struct announce_session *);

#endif /* plan/decide/announce.h */
