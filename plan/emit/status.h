/* SPDX-License-Identifier: Apache-2.0 */

/* Saying what became of an object, for the files of plan/. */

#ifndef PLAN_EMIT_STATUS_H
#define PLAN_EMIT_STATUS_H 1

#include "openvswitch/compiler.h"
#include "plan/rows/output.h"

struct view;

/* Returns the status of 'obj' in the plan, which is made if there is none. */
struct plan_status *status_get(const struct view *,
                               const struct intent_object *obj);

void status_destroy(struct plan_status *);

/* Sets fact 'key' to a formatted value. */
void status_set(struct plan_status *, const char *key,
                const char *format, ...) OVS_PRINTF_FORMAT(3, 4);

/* Adds a condition, each type once.  'type', 'status' and 'reason' must be
 * static. */
void status_condition(struct plan_status *, const char *type,
                      const char *status, const char *reason,
                      const char *format, ...) OVS_PRINTF_FORMAT(5, 6);

/* Adds the conditions and facts of an EgressService: status-service.c. */
struct view_service;
void status_write_service(const struct view *, const struct view_service *);

#endif /* plan/emit/status.h */
