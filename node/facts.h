/* SPDX-License-Identifier: Apache-2.0 */

/* Reads the facts that machine_build() and machine_check() need
 * (plan/machine/machine.h), and what the helper tells of its host.  Called by
 * reconcile.c and work.c. */

#ifndef NODE_FACTS_H
#define NODE_FACTS_H 1

#include "plan/machine/machine.h"
#include "sset.h"

/* Fills in '*facts', of a host with 'options'; the caller destroys them
 * whatever is returned: NULL, or what could not be read (the caller frees
 * it). */
char *facts_read(const struct machine_options *options,
                 struct machine_facts *facts);

/* Adds to '*facts' which rules of others, ours have 'protocol', have a table
 * looked up for all.  Returns as above. */
char *facts_read_rules(uint8_t protocol, struct machine_facts *facts);

/* Adds the addresses of the host, without loopback and link-local ones, to
 * 'addresses'.  Returns 0 or a positive errno. */
int facts_read_addresses(struct sset *addresses);

#endif /* node/facts.h */
