/* SPDX-License-Identifier: Apache-2.0 */

/* The topology that OVN_Northbound holds, found by the names that
 * ovn-kubernetes gives:
 *
 *     Logical_Switch NODE            a node of this zone, if it has port
 *       port k8s-NODE                its management port: "MAC IP..."
 *       other_config:subnet, ipv6_prefix        its pods
 *     Logical_Router ovn_cluster_router (an option)
 *       port rtos-NODE               networks: subnets of the node's pods
 *       port rtots-NODE              networks: the node's transit address
 *       static routes                "src-ip": cluster networks;
 *                                    by a transit address: a node's subnets
 *     Logical_Router GR_NODE         gateway router
 *       port rtoj-GR_NODE            networks: the node's join address
 *     any switch, port tstor-NODE    of type "remote": transit address
 *
 * What is not there is left unset: a Node object can give it instead.  Only
 * reads the IDL. */

#ifndef NB_TOPOLOGY_H
#define NB_TOPOLOGY_H 1

#include <stdbool.h>

struct ds;
struct ovsdb_idl;
struct plan_nb;

/* Makes 'idl' replicate what is read here. */
void nb_topology_register(struct ovsdb_idl *);

/* True if one of the rows that the IDL says changed may matter. */
bool nb_topology_is_changed(const struct ovsdb_idl *);

/* Fills 'nb', which plan_nb_init() initialised.  'router' is the name of the
 * cluster router. */
void nb_topology_build(const struct ovsdb_idl *, const char *router,
                       struct plan_nb *nb);

/* Appends all of 'nb' to 's' in a stable order. */
void nb_topology_format(const struct plan_nb *, struct ds *s);

#endif /* ovsdb/nb-topology.h */
