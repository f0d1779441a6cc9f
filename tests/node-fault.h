/* SPDX-License-Identifier: Apache-2.0 */

/* Netlink that fails, for tests/test-node-faults.c and tests/test-node-step.c.
 *
 * The program's own send() and recvmsg() stand before those of the C library:
 * they note to which request an answer belongs, and spoil it. */

#ifndef NODE_FAULT_H
#define NODE_FAULT_H 1

#include <stdbool.h>
#include <stdint.h>

/* What goes wrong with a dump. */
enum node_fault_how {
    NO_FAULT,
    FAILS,                      /* It is refused. */
    FAILS_HALF_WAY,             /* It ends with an error, after some. */
    INTERRUPTED,                /* Marked so by the kernel: inconsistent. */
    LOST,                       /* The socket had no room for it. */
    REFUSED,                    /* Not a dump, but a change. */
    STOPS,                      /* So does the process, before any change. */
};

/* From now on, 'how' happens to requests of 'type' (for nftables'
 * transactions, NFNL_MSG_BATCH_BEGIN) whose first byte is 'family', or any if
 * that is 0: after so many as 'skip', to one or, if 'stays', to all.  'error'
 * is for REFUSED, a positive errno. */
void node_fault_inject(enum node_fault_how how, uint16_t type, uint8_t family,
                       int skip, bool stays, int error);

/* Ends that. */
void node_fault_end(void);

/* Returns how many such requests there were. */
unsigned int node_fault_n_seen(void);

#endif /* tests/node-fault.h */
