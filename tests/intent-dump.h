/* SPDX-License-Identifier: Apache-2.0 */

/* Typed objects as text, for the tests of intent/.  It shows each field that
 * a manifest gives; what is "", 0, false or none it leaves out. */

#ifndef INTENT_DUMP_H
#define INTENT_DUMP_H 1

#include "intent/intent.h"
#include "openvswitch/dynamic-string.h"

/* Appends 'obj' to 's', a line for each field. */
void intent_dump(const struct intent_object *obj, struct ds *s);

/* Appends the fields of a policy: the largest kind has its own file. */
void intent_dump_nncp(const struct intent_nncp *, struct ds *s);

/* Lines "  NAME: VALUE", unless there is nothing to show. */
void intent_dump_string(struct ds *, const char *name, const char *value);
void intent_dump_int(struct ds *, const char *name, long long int value,
                     long long int absent);
void intent_dump_ip(struct ds *, const char *name, const struct in6_addr *);
void intent_dump_strings(struct ds *, const char *name,
                         const struct intent_strings *);
void intent_dump_map(struct ds *, const char *name,
                     const struct intent_map *);
void intent_dump_prefixes(struct ds *, const char *name,
                          const struct intent_prefixes *);

#endif /* tests/intent-dump.h */
