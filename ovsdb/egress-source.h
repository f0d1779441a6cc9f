/* SPDX-License-Identifier: Apache-2.0 */

/* Who has made a row of Object: a mark in its external_ids.
 *
 * The mirror of Kubernetes marks its rows; what ovn-egressctl applies has no
 * mark.  Used by kube/, which writes it, by the reader of objects, which takes
 * what an API server has checked less strictly, and by ovn-egressctl. */

#ifndef EGRESS_SOURCE_H
#define EGRESS_SOURCE_H 1

#include <stdbool.h>

#include "openvswitch/util.h"
#include "smap.h"

#define EGRESS_SOURCE "source"
#define EGRESS_KUBERNETES "kubernetes"

/* True if 'external_ids' are those of a row that the mirror of Kubernetes has
 * made. */
static inline bool
egress_is_kubernetes(const struct smap *external_ids)
{
    return !strcmp(smap_get_def(external_ids, EGRESS_SOURCE, ""),
                   EGRESS_KUBERNETES);
}

#endif /* ovsdb/egress-source.h */
