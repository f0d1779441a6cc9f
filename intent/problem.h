/* SPDX-License-Identifier: Apache-2.0 */

/* Recording problems, for the other files of intent/.  Users of the library
 * see intent.h. */

#ifndef INTENT_PROBLEM_H
#define INTENT_PROBLEM_H 1

#include <stdarg.h>

#include "intent/intent.h"

/* Appends a problem with the given parts, which it copies. */
void problem_add(struct intent_problems *, enum intent_severity,
                 const char *object, const char *field, const char *file,
                 unsigned int line, unsigned int column,
                 const char *format, ...)
    __attribute__((format(printf, 8, 9)));
void problem_add_valist(struct intent_problems *, enum intent_severity,
                        const char *object, const char *field,
                        const char *file, unsigned int line,
                        unsigned int column, const char *format, va_list)
    __attribute__((format(printf, 8, 0)));

/* Puts the problems from 'first' on in the order of the text.  Those of the
 * same place keep their order. */
void problems_sort_from(struct intent_problems *, size_t first);

#endif /* intent/problem.h */
