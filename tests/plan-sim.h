/* SPDX-License-Identifier: Apache-2.0 */

/* A small world that changes at random, for test-plan-sim.c. */

#ifndef TESTS_PLAN_SIM_H
#define TESTS_PLAN_SIM_H 1

#include "tests/plan-world.h"

/* Makes a world.  'seed' decides on its options, and on all that follows. */
void sim_make_world(struct world *, unsigned int seed);

/* Makes one random change, of manifests, helpers or acknowledgements. */
void sim_change(struct world *);

/* Returns a random number below 'n'. */
unsigned int sim_below(unsigned int n);

/* True once in 'n' times. */
bool sim_one_in(unsigned int n);

#endif /* tests/plan-sim.h */
