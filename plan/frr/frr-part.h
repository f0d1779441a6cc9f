/* SPDX-License-Identifier: Apache-2.0 */

/* Which of FRR's daemons has which part of a configuration.
 *
 * vtysh(1) sends some lines to several daemons, which then all show them; we
 * talk to the one that acts on them.  Called by node/frr.c.  Pure. */

#ifndef PLAN_FRR_FRR_PART_H
#define PLAN_FRR_FRR_PART_H 1

struct ds;

enum frr_daemon_id {
    FRR_BGPD,
    FRR_BFDD,
    FRR_ZEBRA,
    FRR_N_DAEMONS
};

/* Returns the name of the daemon, which is that of its socket, too. */
const char *frr_daemon_name(enum frr_daemon_id);

/* Appends to 's' those lines of 'config', as frr_render() writes it, that the
 * daemon acts on. */
void frr_part(const char *config, enum frr_daemon_id, struct ds *s);

#endif /* plan/frr/frr-part.h */
