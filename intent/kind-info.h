/* SPDX-License-Identifier: Apache-2.0 */

/* What the decoder knows of each kind: its names and its tables.  kinds.c
 * holds it; object.c uses it. */

#ifndef INTENT_KIND_INFO_H
#define INTENT_KIND_INFO_H 1

#include "intent/decode.h"

struct kind_version {
    const char *api_version;
    const struct table *table;  /* For a struct intent_object. */
};

struct kind_info {
    const char *name;
    const char *aliases[3];     /* What users type too, in lower case; the
                                 * first is the plural. */
    bool namespaced;
    syntax_func *name_syntax;   /* Of metadata.name. */
    struct kind_version versions[INTENT_N_VERSIONS];    /* Newest first. */
};

/* Returns what is known of a kind; static. */
const struct kind_info *kind_info(enum intent_kind);

/* Returns the table of 'api_version' of a kind, or NULL. */
const struct table *kind_table(enum intent_kind, const char *api_version);

extern const struct table egress_service_table;
extern const struct table service_table;
extern const struct table endpoint_slice_table;
extern const struct table node_table;
extern const struct table namespace_table;
extern const struct table secret_table;
extern const struct table nncp_table;
extern const struct table bgp_peer_table;
extern const struct table bgp_peer_v1beta1_table;
extern const struct table bfd_profile_table;
extern const struct table ip_address_pool_table;
extern const struct table bgp_advertisement_table;
extern const struct table community_table;

#endif /* intent/kind-info.h */
