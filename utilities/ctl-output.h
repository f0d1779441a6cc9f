/* SPDX-License-Identifier: Apache-2.0 */

/* What commands have to say goes to the user here, and nowhere else, so that
 * nothing in a database acts on a terminal.  Called by ctl-session.c. */

#ifndef CTL_OUTPUT_H
#define CTL_OUTPUT_H 1

#include <stddef.h>

struct ctl_command;
struct svec;
struct table_style;

/* Prints the output of the 'n' 'commands', its tables in 'style', to standard
 * output. */
void output_print(struct ctl_command *commands, size_t n,
                  const struct table_style *style);

/* Prints 'lines' to standard error. */
void output_print_missing(const struct svec *lines);

#endif /* utilities/ctl-output.h */
