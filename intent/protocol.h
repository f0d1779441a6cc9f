/* SPDX-License-Identifier: Apache-2.0 */

/* The names of the protocols, which Service and EndpointSlice share. */

#ifndef INTENT_PROTOCOL_H
#define INTENT_PROTOCOL_H 1

#include "intent/decode.h"

extern const struct enum_name protocol_names[];

#endif /* intent/protocol.h */
