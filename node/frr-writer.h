/* SPDX-License-Identifier: Apache-2.0 */

/* Tells one of FRR's daemons what to change, line by line: which line comes
 * next, given what the daemon said to those before.
 *
 * A line that is refused keeps no other from being sent, but for those of its
 * block.  Called by frr-daemon.c, which sends; nothing here does I/O. */

#ifndef NODE_FRR_WRITER_H
#define NODE_FRR_WRITER_H 1

#include "compiler.h"

struct frr_commands;
struct frr_writer;
struct smap;

/* For the daemon 'name'.  Takes the content of 'commands'.  Adds those that
 * are refused to 'refused': what frr_command_key() calls them, and what was
 * said. */
struct frr_writer *frr_writer_create(const char *name,
                                     struct frr_commands *commands,
                                     struct smap *refused);
void frr_writer_destroy(struct frr_writer *);

/* Returns the line to send, which belongs to the writer, or NULL if all is
 * done. */
const char *frr_writer_next(struct frr_writer *);

/* Takes the reply to that line. */
void frr_writer_reply(struct frr_writer *, const char *reply, int status);

/* Logs what was done in 'ms' and destroys it.  Returns NULL, or why nothing
 * could be done.  The caller frees it. */
char *frr_writer_finish(struct frr_writer *, long long int ms)
    OVS_WARN_UNUSED_RESULT;

/* Returns 'text' as one line for people, without passwords.  The caller frees
 * it. */
char *frr_tidy(const char *text);

#endif /* node/frr-writer.h */
