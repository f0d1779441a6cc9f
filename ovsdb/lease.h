/* SPDX-License-Identifier: Apache-2.0 */

/* When may somebody else be taken the lead from?
 *
 * The leader changes a number, its beat, all the time.  Whoever wants to
 * follow it waits until the beat has stood still for the lease, by its own
 * clock.  That is long, as a leader may be busy.  It is short if there is a
 * hint that the leader is gone, and since then no beat was seen: a hint that
 * is wrong shortens nothing.
 *
 * Pure: time is an argument, in milliseconds of any monotonic clock.  Used by
 * egress-leader.c. */

#ifndef LEASE_H
#define LEASE_H 1

#include <stdbool.h>
#include <stdint.h>

/* How often the leader beats, in ms. */
#define LEASE_BEAT_MS 500

/* How long its beat must stand still, in ms, without and with a hint. */
#define LEASE_MS 10000
#define LEASE_HINT_MS 1000

struct lease {
    char *holder;               /* Who has the lead; NULL if not known, ""
                                 * for nobody. */
    int64_t beat;
    long long int heard;        /* When one of these changed, or was seen
                                 * first. */
    long long int beaten;       /* When one was seen to change, or 0. */
    bool hint;                  /* It is said that the holder is gone... */
    long long int hint_since;   /* ...since this time. */
};

void lease_init(struct lease *);
void lease_destroy(struct lease *);

/* Notes that at 'now' the lead is 'holder''s, with 'beat'. */
void lease_see(struct lease *, const char *holder, int64_t beat,
               long long int now);

/* Nothing is known of the lead until it is seen again. */
void lease_forget(struct lease *);

/* Notes that 'hint' is true if it is said that the holder is gone. */
void lease_hint(struct lease *, bool hint, long long int now);

/* Returns the time from which on the lead may be taken: 0 if nobody has it,
 * LLONG_MAX if that is not known. */
long long int lease_end(const struct lease *);

#endif /* ovsdb/lease.h */
