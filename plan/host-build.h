/* SPDX-License-Identifier: Apache-2.0 */

/* Between the files that make up host_build(); nobody else includes this. */

#ifndef PLAN_HOST_BUILD_H
#define PLAN_HOST_BUILD_H 1

#include "openvswitch/shash.h"
#include "plan/host.h"

/* A host that is being decided. */
struct host_builder {
    const struct host_input *in;
    struct host *host;
    struct shash index;         /* "TABLE KEY" to the row in host->want. */
};

/* Adds 'row', which it takes, for 'origin'.  The same row for another origin
 * becomes one row with both; a different row in the same place is an error of
 * 'origin', and the earlier one stays.  Returns false in the latter case. */
bool host_builder_add(struct host_builder *, struct plan_row *row,
                      const char *origin);

/* Returns the row, or NULL. */
struct plan_row *host_builder_find(const struct host_builder *,
                                   const char *table, const char *key);

/* What the policies want: host-nncp.c. */
void host_build_policies(struct host_builder *);

/* What the services want: host-service.c, after the policies. */
void host_build_services(struct host_builder *);

/* What the interfaces of the network with 'table' must let pass:
 * host-sysctl.c, called by host_build_services() for each table in use. */
void host_build_sysctls(struct host_builder *, uint32_t table);

/* The sets of nftables that do not depend on services: host-sets.c, called by
 * host_build_services(). */
void host_build_sets(struct host_builder *);

/* What comes in for Services: host-ingress.c, after those. */
void host_build_ingress(struct host_builder *);

/* Returns "EgressService NAME" and so on; the caller frees it. */
char *host_service_origin(const struct host_service *);
char *host_policy_origin(const struct host_policy *);
char *host_table_origin(uint32_t table);

#endif /* plan/host-build.h */
