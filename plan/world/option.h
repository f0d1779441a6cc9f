/* SPDX-License-Identifier: Apache-2.0 */

/* The options of Egress_Global, as data: what each is called and may be, what
 * it is if it is not given, who reads it and what it means.
 *
 * Everything that deals with options asks here: the planner's and the host's
 * parser (options.c, machine-options.c), the checks, the column "effective",
 * the commands of ovn-egressctl, its completion, and the test of the man page.
 * A new option is a new line in option.c.  Pure. */

#ifndef PLAN_WORLD_OPTION_H
#define PLAN_WORLD_OPTION_H 1

#include <stdbool.h>
#include <stdint.h>

#include "intent/intent.h"

struct smap;

enum option_type {
    OPTION_WORD,                /* One of 'words'. */
    OPTION_NUMBER,              /* From 'min' to 'max'. */
    OPTION_NETWORKS,            /* IP prefixes, with commas or blanks. */
    OPTION_TEXT,                /* At least 'min' characters. */
};

struct option {
    const char *name;
    enum option_type type;
    const char *words;          /* "allow drop": the first is number 0. */
    uint32_t min, max;
    uint32_t taken;             /* Bits that a number must not have. */
    const char *def;            /* In force if it is not given. */
    const char *safe;           /* In force if it is wrong and there is no last
                                 * good value: what does the least harm.  NULL
                                 * is 'def'. */
    const char *def_text;       /* What 'def' is for people, or NULL. */
    const char *readers;        /* "agent", "nodes", "agent, nodes". */
    const char *text;           /* What it says, in a line. */
};

/* All of them, by name; ends with one that has no name. */
extern const struct option option_table[];

/* Returns the option 'name', or NULL. */
const struct option *option_find(const char *name);

/* Returns why 'value' is wrong, which the caller frees, or NULL. */
char *option_check(const struct option *, const char *value);

/* Returns the value of the option 'name' that is in force if the user has
 * given 'options': theirs, or the default if they have none; if theirs is
 * wrong, that of 'last', which may be NULL, or else the safe one.  Borrowed
 * from the arguments, or static.  Never wrong. */
const char *option_get(const struct smap *options, const struct smap *last,
                       const char *name);

/* The same as the place in 'words', as a number, and as networks; the caller
 * frees the latter's items. */
unsigned int option_get_word(const struct smap *options,
                             const struct smap *last, const char *name);
uint32_t option_get_number(const struct smap *options,
                           const struct smap *last, const char *name);
struct intent_prefixes option_get_networks(const struct smap *options,
                                           const struct smap *last,
                                           const char *name);

/* The same networks without the default: none if none are given. */
struct intent_prefixes
option_get_given_networks(const struct smap *options, const struct smap *last,
                          const char *name);

/* Adds an error of the object "options" for each of 'options' that is wrong or
 * is none. */
void option_check_all(const struct smap *options, struct intent_problems *);

/* Returns what an option may be, "local or shared", and its default, for
 * people.  The caller frees it. */
char *option_format_values(const struct option *);
const char *option_format_default(const struct option *);

#endif /* plan/world/option.h */
