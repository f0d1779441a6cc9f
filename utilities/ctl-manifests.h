/* SPDX-License-Identifier: Apache-2.0 */

/* Files to objects: what "-f FILE|DIRECTORY|-" names, read and validated.
 *
 * Called by ctl-command.c; calls intent/ for everything that is about
 * formats. */

#ifndef CTL_MANIFESTS_H
#define CTL_MANIFESTS_H 1

#include <stdbool.h>

#include "intent/intent.h"

struct svec;

/* Reads 'files', each a file, a directory (its *.yaml, *.yml and *.json, in
 * the order of their names; if 'recursive', those of the directories in it
 * too) or "-" for standard input, and appends the objects to 'objs', without
 * what "get" has added to them.  An object that lives in a namespace and does
 * not say which gets 'namespace', or, if that is NULL, the default one; one
 * that says another than 'namespace' is an error.  Prints everything that is
 * wrong to standard error.  Returns false if there was an error. */
bool manifests_read(const struct svec *files, const char *namespace,
                    bool recursive, struct intent_list *objs);

/* Prints 'problems' to standard error, each on a line. */
void manifests_print_problems(const struct intent_problems *problems);

#endif /* utilities/ctl-manifests.h */
