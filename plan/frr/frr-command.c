/* SPDX-License-Identifier: Apache-2.0 */

/* Commands for one of FRR's daemons.  See frr-command.h. */

#include <config.h>

#include "plan/frr/frr-command.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "plan/frr/frr-config.h"
#include "util.h"

void
frr_commands_add(struct frr_commands *commands, const char *path, char *line,
                 bool opens)
{
    if (commands->n >= commands->allocated) {
        commands->items = x2nrealloc(commands->items, &commands->allocated,
                                     sizeof *commands->items);
    }
    commands->items[commands->n++] = (struct frr_command) {
        .path = xstrdup(path),
        .line = line,
        .opens = opens,
    };
}

void
frr_commands_destroy(struct frr_commands *commands)
{
    for (size_t i = 0; i < commands->n; i++) {
        free(commands->items[i].path);
        free(commands->items[i].line);
    }
    free(commands->items);
    *commands = (struct frr_commands) FRR_COMMANDS_INITIALIZER;
}

size_t
frr_command_block(const struct frr_command *command)
{
    const char *line = frr_last_line(command->path);

    return line > command->path ? line - command->path - 1 : 0;
}

char *
frr_command_key(const struct frr_command *command)
{
    return (strcmp(frr_last_line(command->path), command->line)
            ? xasprintf("%s (%s)", command->path, command->line)
            : xstrdup(command->path));
}

char *
frr_command_way(const char *where, const struct frr_command *command)
{
    size_t block = frr_command_block(command);
    size_t len = strlen(where);

    if (len > block || strncmp(where, command->path, len)
        || (len && len < block && command->path[len] != '\n')) {
        return xstrdup("exit");
    } else if (len == block) {
        return NULL;
    }

    const char *next = command->path + len + (len > 0);
    return xmemdup0(next, strcspn(next, "\n"));
}

char *
frr_command_moved(char *where, const char *line)
{
    char *moved;

    if (!strcmp(line, "exit")) {
        const char *last = frr_last_line(where);

        moved = xmemdup0(where, last > where ? last - where - 1 : 0);
    } else {
        moved = xasprintf("%s%s%s", where, *where ? "\n" : "", line);
    }
    free(where);
    return moved;
}

bool
frr_commands_claim(const struct frr_commands *commands)
{
    for (size_t i = 0; i < commands->n; i++) {
        const char *line = commands->items[i].line;

        line += strncmp(line, "no ", 3) ? 0 : 3;
        if (!strncmp(line, "router ", 7) || !strncmp(line, "neighbor ", 9)) {
            return true;
        }
    }
    return false;
}

void
frr_commands_format(const struct frr_commands *commands, struct ds *s)
{
    char *where = xstrdup("");

    for (size_t i = 0; i < commands->n; i++) {
        const struct frr_command *command = &commands->items[i];

        for (char *line; (line = frr_command_way(where, command)); ) {
            ds_put_format(s, "%s\n", line);
            where = frr_command_moved(where, line);
            free(line);
        }
        ds_put_format(s, "%s\n", command->line);
        if (command->opens) {
            where = frr_command_moved(where, command->line);
        }
    }
    while (*where) {
        ds_put_cstr(s, "exit\n");
        where = frr_command_moved(where, "exit");
    }
    free(where);
}
