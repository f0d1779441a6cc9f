/* SPDX-License-Identifier: Apache-2.0 */

/* The output of commands: see the header. */

#include <config.h>
#include "utilities/ctl-output.h"

#include <stdio.h>
#include <stdlib.h>

#include "db-ctl-base.h"
#include "svec.h"
#include "table.h"
#include "util.h"

#include "intent/intent.h"
#include "lib/program.h"

void
output_print(struct ctl_command *commands, size_t n,
             const struct table_style *style)
{
    for (size_t i = 0; i < n; i++) {
        struct ctl_command *c = &commands[i];

        if (c->table) {
            table_format(c->table, style, &c->output);
        }
        char *clean = intent_clean_lines(ds_cstr(&c->output));
        fputs(clean, stdout);
        free(clean);
    }
    program_flush_stdout();
}

void
output_print_missing(const struct svec *lines)
{
    const char *line;
    size_t i;

    SVEC_FOR_EACH (i, line, lines) {
        char *clean = intent_clean(line, INTENT_MAX_MESSAGE);

        ovs_error(0, "%s", clean);
        free(clean);
    }
}
