/* SPDX-License-Identifier: Apache-2.0 */

/* The commands that bring a running FRR from what it has to what it should
 * have: only lines that are ours change, and of these only the ones that
 * differ, so that sessions stay up.
 *
 * What is ours says the configuration itself, whoever started FRR or us:
 *
 *   - route-maps, prefix-lists and BFD profiles whose names begin with
 *     FRR_PREFIX;
 *   - of a "router bgp" that has FRR_OWNER_LINE: the neighbors with
 *     FRR_OWNER_DESCRIPTION, all networks, and the router-id.  Other lines in
 *     it are left as they are, and other neighbors keep it from going away.
 *
 * A "router bgp" without it belongs to somebody else, and is a conflict if one
 * is wanted in the same VRF; so is a neighbor that is wanted in one of ours.
 *
 * Pure.  Called by node/frr-daemon.c with the output of "show running-config"
 * and the daemon's part of that of frr_render(). */

#ifndef PLAN_FRR_FRR_DIFF_H
#define PLAN_FRR_FRR_DIFF_H 1

struct frr_commands;
struct smap;

/* Appends to 'commands' what a daemon has to be told so that what is ours in
 * 'running', its configuration, becomes 'wanted'; nothing if it is.  What is
 * withdrawn comes first, and what filters before what is filtered.
 *
 * Adds to 'conflicts' the VRFs ("" is the default one) where a "router bgp" of
 * another owner is in the way, with that line; and those neighbors of others,
 * as frr_conflict_key() has it, that are in the way, with the line that makes
 * them.  Nothing that is wanted there is in 'commands'. */
void frr_diff(const char *running, const char *wanted,
              struct frr_commands *commands, struct smap *conflicts);

/* Returns the key of the neighbor 'name' in 'vrf' among the conflicts.  The
 * caller frees it. */
char *frr_conflict_key(const char *vrf, const char *name);

/* Returns the line of another owner that is in the way of the neighbor 'name'
 * in 'vrf', or NULL. */
const char *frr_find_conflict(const struct smap *conflicts, const char *vrf,
                              const char *name);

#endif /* plan/frr/frr-diff.h */
