/* SPDX-License-Identifier: Apache-2.0 */

/* The parts of a NodeNetworkConfigurationPolicy: nncp.c puts them together,
 * nncp-interface.c and nncp-route.c define them. */

#ifndef INTENT_NNCP_H
#define INTENT_NNCP_H 1

#include "intent/decode.h"

extern const struct table nncp_interface_table; /* struct intent_interface */
extern const struct table nncp_route_table;     /* struct intent_route */
extern const struct table nncp_rule_table;      /* struct intent_rule */

/* An interface's name, or what stands for a virtual function, which is to be
 * dropped with a warning. */
const char *nncp_syntax_interface(const char *s);

/* True if an interface of NMState's 'type' can be a device of the kernel. */
bool nncp_is_device_type(const char *type);

#endif /* intent/nncp.h */
