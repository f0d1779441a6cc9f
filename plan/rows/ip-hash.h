/* SPDX-License-Identifier: Apache-2.0 */

/* The hash of an IP address, for hmaps.  Not in intent/ip.h, which uses only
 * libc. */

#ifndef PLAN_ROWS_IP_HASH_H
#define PLAN_ROWS_IP_HASH_H 1

#include <netinet/in.h>
#include <stdint.h>

#include "hash.h"

/* Returns the hash of 'ip'. */
static inline uint32_t
ip_hash(const struct in6_addr *ip)
{
    return hash_bytes(ip, sizeof *ip, 0);
}

#endif /* plan/rows/ip-hash.h */
