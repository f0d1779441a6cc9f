/* SPDX-License-Identifier: Apache-2.0 */

/* What names look like: of Kubernetes objects, labels, interfaces.
 *
 * Each function returns NULL if 's' is right, or else what it must be, to put
 * after "must be ".  The decoder and its tables use them.  No state. */

#ifndef INTENT_SYNTAX_H
#define INTENT_SYNTAX_H 1

#include <stdbool.h>
#include <stdint.h>

typedef const char *syntax_func(const char *s);

/* RFC 1123 label and subdomain, in lower case as Kubernetes wants them. */
const char *syntax_dns_label(const char *s);
const char *syntax_dns_subdomain(const char *s);

/* The key and the value of a label. */
const char *syntax_label_key(const char *s);
const char *syntax_label_value(const char *s);

/* The name of a port in a container: an IANA service name. */
const char *syntax_port_name(const char *s);

/* The name of a network interface of Linux. */
const char *syntax_interface(const char *s);

/* A routing table of EgressService: a number or a name. */
const char *syntax_network(const char *s);

/* A BGP community: "A:B" or "large:A:B:C". */
const char *syntax_community(const char *s);

/* The same, or the name of an alias. */
const char *syntax_community_or_alias(const char *s);

/* Parses 's', decimal digits alone, up to 'max', into '*value'. */
bool syntax_parse_number(const char *s, uint64_t max, uint64_t *value);

#endif /* intent/syntax.h */
