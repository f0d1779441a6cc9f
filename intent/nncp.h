/* SPDX-License-Identifier: Apache-2.0 */

/* The parts of a NodeNetworkConfigurationPolicy: nncp.c puts them together,
 * nncp-interface.c and nncp-route.c define them. */

#ifndef INTENT_NNCP_H
#define INTENT_NNCP_H 1

#include "intent/decode.h"

extern const struct table nncp_interface_table; /* struct intent_interface */
extern const struct table nncp_route_table;     /* struct intent_route */
extern const struct table nncp_rule_table;      /* struct intent_rule */

#endif /* intent/nncp.h */
