/* SPDX-License-Identifier: Apache-2.0 */

/* Reading JSON arrays of libopenvswitch, in every version of it.  Pure. */

#ifndef JSON_ARRAY_H
#define JSON_ARRAY_H 1

#include "openvswitch/json.h"

#include "lib/egress-config.h"

/* Returns the number of elements of 'array', which must be a JSON_ARRAY. */
static inline size_t
egress_json_array_size(const struct json *array)
{
    return EGRESS_JSON_ARRAY_SIZE(array);
}

/* Returns element 'i' of 'array', which still owns it. */
static inline const struct json *
egress_json_array_at(const struct json *array, size_t i)
{
    return EGRESS_JSON_ARRAY_AT(array, i);
}

#endif /* lib/json-array.h */
