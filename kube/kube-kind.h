/* SPDX-License-Identifier: Apache-2.0 */

/* The kinds that are mirrored: where an API server has them, and what of an
 * object is kept.
 *
 * An object becomes a "struct kube_object": a manifest with just what intent/
 * reads, so that a heartbeat of a Node changes nothing, and a few facts that
 * others in kube/ ask for.  Pure. */

#ifndef KUBE_KIND_H
#define KUBE_KIND_H 1

#include <stdbool.h>

#include "intent/intent.h"
#include "openvswitch/hmap.h"
#include "smap.h"

struct json;

/* The prefix of the node labels that are ours. */
#define KUBE_LABEL_PREFIX "egress-service.k8s.ovn.org/"

/* True if nothing is written before the objects of 'kind' are listed: every
 * API server has them. */
bool kube_kind_is_required(enum intent_kind kind);

/* True if only single objects of 'kind' are asked for. */
bool kube_kind_is_by_name(enum intent_kind kind);

/* Returns the path of objects of 'kind' and 'version', in 'namespace' or, if
 * that is NULL, in all; of 'name' if that is not NULL.  The caller frees
 * it. */
char *kube_kind_path(enum intent_kind kind, const char *version,
                     const char *namespace, const char *name);

/* An object as it is kept. */
struct kube_object {
    struct hmap_node id_node;   /* In kube_store's 'objects'. */
    struct hmap_node kind_node; /* In kube_store's 'kinds'. */
    enum intent_kind kind;
    char *namespace, *name;
    char *id;                   /* As intent_object_id(). */
    char *uid;
    char *resource_version;
    char *api_version;          /* In which it was read. */
    char *manifest;             /* What is kept of it, as canonical JSON. */
    unsigned int pass;          /* Of the listing that has seen it last. */

    /* What others ask for, all of it clean or compared only:
     *
     *   EgressService  "host", "conditions" (canonical JSON), "observed"
     *   Service        "lb" if it is of type LoadBalancer, "address IP",
     *                  "ingress" (the addresses of its status)
     *   EndpointSlice  "service": the name of its Service
     *   Node           "label KEY" of our labels
     *   BGPPeer        "secret": NAMESPACE/NAME of its password */
    struct smap facts;
};

/* Returns what is kept of 'json', which an API server calls an object of
 * 'kind' and 'version'; or NULL with '*error' set, to be freed by the
 * caller. */
struct kube_object *kube_object_from_json(enum intent_kind kind,
                                          const char *version,
                                          const struct json *json,
                                          char **error);
void kube_object_destroy(struct kube_object *);

/* Returns "Service ns/name" or "Node name", to be freed by the caller. */
char *kube_object_id(enum intent_kind, const char *namespace,
                     const char *name);

#endif /* kube/kube-kind.h */
