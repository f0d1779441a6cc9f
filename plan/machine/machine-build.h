/* SPDX-License-Identifier: Apache-2.0 */

/* Between the files that make up machine_build(); nobody else includes this.
 * */

#ifndef PLAN_MACHINE_MACHINE_BUILD_H
#define PLAN_MACHINE_MACHINE_BUILD_H 1

#include "plan/machine/machine-set.h"
#include "plan/machine/machine.h"

/* A host that is being decided. */
struct machine_builder {
    const struct machine_input *in;
    struct machine *machine;

    /* What was added is wanted once machine_builder_add_sets() says so. */
    struct machine_set sets[MACHINE_N_SETS][IP_N_FAMILIES];
};

/* Adds a copy of 'object' (see machine_objects_add()), for 'origin'.  When all
 * are there, the same object for several origins becomes one with all of them;
 * a different one in the same place is an error of 'origin', and the earlier
 * one stays. */
void machine_builder_add(struct machine_builder *, const void *object,
                         const char *origin);

/* Returns the set of the family of 'ip'. */
struct machine_set *machine_builder_set(struct machine_builder *,
                                        enum machine_set_id,
                                        const struct in6_addr *ip);

/* Adds the sets of 'group', for 'origin'. */
void machine_builder_add_sets(struct machine_builder *, enum machine_set_group,
                              const char *origin);

/* Returns the first object in the place of 'object', or NULL. */
const void *machine_builder_find(const struct machine_builder *,
                                 const void *object);

/* What the policies want: machine-nncp.c. */
void machine_build_policies(struct machine_builder *);

/* What the services want: machine-service.c, after the policies. */
void machine_build_services(struct machine_builder *);

/* What the interfaces of the network with 'table' must let pass:
 * machine-sysctl.c, called by machine_build_services() for each table in use.
 * */
void machine_build_sysctls(struct machine_builder *, uint32_t table);

/* Elements of the sets of nftables that do not depend on services:
 * machine-sets.c, called by machine_build_services(). */
void machine_build_sets(struct machine_builder *);

/* What comes in for Services: machine-ingress.c, after those. */
void machine_build_ingress(struct machine_builder *);

/* Returns "EgressService NAME" and so on; the caller frees it. */
char *machine_service_origin(const struct machine_service *);
char *machine_policy_origin(const struct machine_policy *);
char *machine_table_origin(uint32_t table);

#endif /* plan/machine/machine-build.h */
