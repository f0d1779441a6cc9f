/* SPDX-License-Identifier: Apache-2.0 */

/* The names of address sets in OVN_Northbound. */

#ifndef PLAN_ROWS_SET_NAME_H
#define PLAN_ROWS_SET_NAME_H 1

#include "intent/ip.h"

/* Returns the name of the address set of 'node', an identifier of OVN's
 * language, for the caller to free. */
char *set_name(const char *node, enum ip_family);

/* FNV-1a: the same in every build and on every machine, which OVS's hashes are
 * not. */
uint32_t set_name_hash(const char *);

#endif /* plan/rows/set-name.h */
