/* SPDX-License-Identifier: Apache-2.0 */

/* Rows of a database from text, for fuzz targets.
 *
 * A line "+TABLE" begins a row; a line "COLUMN VALUE" sets a column of it,
 * where "@N" is the UUID of row N, from 0.  What is not understood is passed
 * over. */

#ifndef FUZZ_ROWS_H
#define FUZZ_ROWS_H 1

#include <stddef.h>
#include <stdint.h>

struct ovsdb_idl_class;
struct ovsdb_idl_txn;

/* Inserts in 'txn' the rows, of 'class', that the 'size' bytes of 'data'
 * describe. */
void fuzz_rows_insert(struct ovsdb_idl_txn *txn,
                      const struct ovsdb_idl_class *class,
                      const uint8_t *data, size_t size);

#endif /* fuzz-rows.h */
