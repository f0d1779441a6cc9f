/* SPDX-License-Identifier: Apache-2.0 */

/* Keeps what is ours in the configuration of one of FRR's daemons as it should
 * be.
 *
 * It reads what the daemon has, has plan/frr/frr-diff.h find out what to
 * change, tells the daemon so line by line, and reads again: what the daemon
 * then has counts, not what was sent.  It is never written to unless something
 * of ours differs.  A line that it refuses keeps no other line from being
 * taken: it is remembered, for those whose it is, and tried again later.
 *
 * When the daemon goes, all that is known of it is forgotten, and when it is
 * back it is read anew.  Passwords are hidden in messages.  Called by frr.c;
 * frr-sessions.c asks while there is nothing to write. */

#ifndef NODE_FRR_DAEMON_H
#define NODE_FRR_DAEMON_H 1

#include <stdbool.h>

struct ds;
struct frr_daemon;
struct smap;
struct svec;

/* For the daemon 'name' of the instance 'namespace', as frr_create() has
 * it. */
struct frr_daemon *frr_daemon_create(const char *namespace, const char *name);
void frr_daemon_destroy(struct frr_daemon *);

/* Sets what the daemon should have, and nothing else of ours.  Nothing is
 * written before the first call. */
void frr_daemon_set(struct frr_daemon *, const char *wanted);

/* Works on it.  Returns true if the functions below may return something
 * new. */
bool frr_daemon_run(struct frr_daemon *);
void frr_daemon_wait(const struct frr_daemon *);

/* True if the daemon has what it should have, but for lines that it refused
 * and for what is in conflict with others. */
bool frr_daemon_is_loaded(const struct frr_daemon *);

/* True if it is known that the daemon does not run. */
bool frr_daemon_is_gone(const struct frr_daemon *);

/* True if it was asked something and did not answer for a while. */
bool frr_daemon_is_silent(const struct frr_daemon *);

/* Returns a number that is another one after each change that was written, and
 * each time the daemon was started. */
unsigned int frr_daemon_get_seqno(const struct frr_daemon *);

/* Returns why the daemon cannot be made to have what it should, "" if nothing
 * is known to be wrong. */
const char *frr_daemon_get_error(const struct frr_daemon *);

/* True if it refused something. */
bool frr_daemon_has_refused(const struct frr_daemon *);

/* Returns what the daemon said to the first one of 'paths' (frr-config.h) that
 * it refused, with that, or NULL. */
const char *frr_daemon_get_refusal(const struct frr_daemon *,
                                   const struct svec *paths);

/* Conflicts, as frr_diff() has them. */
const struct smap *frr_daemon_get_conflicts(const struct frr_daemon *);

/* For another user of the connection, while there is nothing to write.  If
 * frr_daemon_is_free(), a command may be sent with frr_daemon_ask().  Then
 * frr_daemon_answer() returns the reply when it has come, which the caller
 * frees, and frr_daemon_is_asked() is true until then or until the connection
 * is lost. */
bool frr_daemon_is_free(const struct frr_daemon *);
void frr_daemon_ask(struct frr_daemon *, const char *command);
bool frr_daemon_is_asked(const struct frr_daemon *);
char *frr_daemon_answer(struct frr_daemon *, int *status);

/* Appends all that is known, without passwords, for people. */
void frr_daemon_format(const struct frr_daemon *, struct ds *);

#endif /* node/frr-daemon.h */
