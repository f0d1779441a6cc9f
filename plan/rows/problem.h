/* SPDX-License-Identifier: Apache-2.0 */

/* Recording problems, for the files of plan/. */

#ifndef PLAN_ROWS_PROBLEM_H
#define PLAN_ROWS_PROBLEM_H 1

#include "intent/intent.h"
#include "openvswitch/compiler.h"

/* Appends a problem of 'object' and 'field' ("" for none) without a place in
 * a file.  Copies its arguments. */
void plan_problem_add(struct intent_problems *, enum intent_severity,
                      const char *object, const char *field,
                      const char *message);

/* The same with a formatted message. */
void plan_problem(struct intent_problems *, enum intent_severity,
                  const char *object, const char *field,
                  const char *format, ...) OVS_PRINTF_FORMAT(5, 6);

/* The same of 'obj' and where it came from. */
void plan_problem_of(struct intent_problems *, enum intent_severity,
                     const struct intent_object *obj, const char *field,
                     const char *format, ...) OVS_PRINTF_FORMAT(5, 6);

/* Appends a copy of 'problem'. */
void plan_problem_clone(struct intent_problems *,
                        const struct intent_problem *problem);

/* Brings the problems of one object together, in the order of the objects'
 * names; those of one object keep their order. */
void plan_problems_sort(struct intent_problems *);

#endif /* plan/rows/problem.h */
