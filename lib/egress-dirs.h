/* SPDX-License-Identifier: Apache-2.0 */

/* Where the sockets, logs and databases of OVN are.
 *
 * libopenvswitch's own answers (ovs_rundir() and others) are those of the
 * prefix that it was compiled for, and are about Open vSwitch.  Ours are
 * OVN's, so that "ovn-appctl -t ovn-egress-agent" finds us without an option.
 * Used by the daemon shell and the tools; only reads the environment. */

#ifndef EGRESS_DIRS_H
#define EGRESS_DIRS_H 1

/* The directory of OVN's sockets and pidfiles: $OVN_RUNDIR, else $OVS_RUNDIR,
 * else what configure was told.  The caller must not free it. */
const char *egress_rundir(void);

/* The directory of OVN's log files: $OVN_LOGDIR, else $OVS_LOGDIR, else what
 * configure was told.  The caller must not free it. */
const char *egress_logdir(void);

/* The default connection method of OVN_Northbound: $OVN_NB_DB, else OVN's
 * socket in egress_rundir().  The caller must not free it. */
const char *egress_default_nb_db(void);

/* The default connection method of OVN_Southbound: $OVN_SB_DB, else OVN's
 * socket in egress_rundir().  The caller must not free it. */
const char *egress_default_sb_db(void);

/* The default connection method of OVN_Egress: $OVN_EGRESS_DB, else the
 * socket ovnegress_db.sock in egress_rundir().  The caller must not free
 * it. */
const char *egress_default_egress_db(void);

#endif /* lib/egress-dirs.h */
