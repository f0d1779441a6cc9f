/* SPDX-License-Identifier: Apache-2.0 */

/* Commands for one of FRR's daemons: each is a line in a block of its
 * configuration, and the way from one block to the next.
 *
 * From plan/frr/frr-diff.c to node/frr-daemon.c, which has to know what each
 * command is for when the daemon refuses it.  Pure. */

#ifndef PLAN_FRR_FRR_COMMAND_H
#define PLAN_FRR_FRR_COMMAND_H 1

#include <stdbool.h>
#include <stddef.h>

struct ds;

struct frr_command {
    char *path;                 /* What it adds or removes: the lines of the
                                 * blocks that it is in, and its own, with line
                                 * feeds between them. */
    char *line;                 /* To send in that block. */
    bool opens;                 /* It leads into a block of its own. */
};

struct frr_commands {
    struct frr_command *items;
    size_t n, allocated;
};

#define FRR_COMMANDS_INITIALIZER { NULL, 0, 0 }

/* Takes 'line'. */
void frr_commands_add(struct frr_commands *, const char *path, char *line,
                      bool opens);
void frr_commands_destroy(struct frr_commands *);

/* Returns how much of the beginning of the command's 'path' is the block that
 * it is in: 0 for none. */
size_t frr_command_block(const struct frr_command *);

/* What 'command' is called when it is remembered: its path if it adds that.
 * The caller frees it. */
char *frr_command_key(const struct frr_command *command);

/* Returns the next line to send on the way from the block 'where' to that of
 * 'command': "exit", or what begins the next block, or NULL if 'where' is that
 * block.  The caller frees it. */
char *frr_command_way(const char *where, const struct frr_command *command);

/* Returns the block where one is after 'line', from frr_command_way(), was
 * sent in 'where', which is freed.  The caller frees it. */
char *frr_command_moved(char *where, const char *line);

/* True if one of them makes, changes or removes a router or a neighbor, which
 * might be another owner's by now. */
bool frr_commands_claim(const struct frr_commands *);

/* Appends all lines to send, each with a line feed. */
void frr_commands_format(const struct frr_commands *, struct ds *);

#endif /* plan/frr/frr-command.h */
