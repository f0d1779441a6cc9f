/* SPDX-License-Identifier: Apache-2.0 */

/* Runs a fuzz target without libFuzzer: on each file of a corpus, then on a
 * bounded number of random changes of these files, the same ones for the same
 * seed.  Before each run the input is written to "fuzz-NAME.input" in the
 * current folder, so that after a crash it is there to be kept. */

#include <config.h>
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An input.  'data' is allocated anew for each run with exactly 'size' bytes,
 * so that ASan sees a read beyond them. */
struct fuzz_input {
    uint8_t *data;
    size_t size;
};

/* A xorshift generator: libopenvswitch's random.h has other users. */
static uint32_t random_state;

static uint32_t
random_below(uint32_t n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return n ? random_state % n : 0;
}

static struct fuzz_input
input_read(const char *name)
{
    struct fuzz_input input = { .data = NULL };
    size_t allocated = 0;
    FILE *file = fopen(name, "rb");

    if (!file) {
        ovs_fatal(errno, "%s: could not open", name);
    }
    for (;;) {
        if (input.size == allocated) {
            input.data = x2nrealloc(input.data, &allocated, 1);
        }
        size_t n = fread(input.data + input.size, 1, allocated - input.size,
                         file);
        if (!n) {
            break;
        }
        input.size += n;
    }
    if (ferror(file)) {
        ovs_fatal(errno, "%s: could not read", name);
    }
    fclose(file);
    return input;
}

static void
input_write(const struct fuzz_input *input, const char *name)
{
    FILE *file = fopen(name, "wb");

    if (!file || fwrite(input->data, 1, input->size, file) != input->size
        || fclose(file)) {
        ovs_fatal(errno, "%s: could not write", name);
    }
}

/* Replaces the 'old_len' bytes at 'offset' of 'input' with the 'len' bytes of
 * 'data'. */
static void
input_splice(struct fuzz_input *input, size_t offset, size_t old_len,
             const uint8_t *data, size_t len)
{
    size_t tail = input->size - offset - old_len;
    uint8_t *new = xmalloc(offset + len + tail + 1);

    memcpy(new, input->data, offset);
    memcpy(new + offset, data, len);
    memcpy(new + offset + len, input->data + offset + old_len, tail);
    free(input->data);
    input->data = new;
    input->size = offset + len + tail;
}

/* Makes one random change to 'input'; 'other' is another file of the corpus,
 * to take pieces from. */
static void
input_change(struct fuzz_input *input, const struct fuzz_input *other)
{
    static const char *const words[] = {
        "\n", "  ", ":", "-", "{", "}", "[", "]", "\"", "'", "/", "0", "-1",
        "null", "true", "::", "255", "65536", "4294967296",
        "18446744073709551616", "1e999", "\xff\xfe", "\\u0000", "&a ", "*a",
    };
    size_t offset = random_below(input->size + 1);
    size_t left = input->size - offset;

    switch (random_below(6)) {
    case 0: {                   /* Another byte. */
        uint8_t byte = random_below(256);
        input_splice(input, offset, left ? 1 : 0, &byte, 1);
        break;
    }
    case 1:                     /* A piece less. */
        input_splice(input, offset, random_below(MIN(left, 64) + 1),
                     (const uint8_t *) "", 0);
        break;
    case 2:                     /* The end missing. */
        input_splice(input, offset, left, (const uint8_t *) "", 0);
        break;
    case 3: {                   /* A word that parsers stumble over. */
        const char *word = words[random_below(ARRAY_SIZE(words))];
        input_splice(input, offset, random_below(MIN(left, 4) + 1),
                     (const uint8_t *) word, strlen(word));
        break;
    }
    default: {                  /* A piece of a file. */
        size_t from = random_below(other->size + 1);
        size_t len = random_below(MIN(other->size - from, 256) + 1);
        input_splice(input, offset, 0, other->data + from, len);
        break;
    }
    }
}

/* Runs 'function' on a copy of 'input', which is first kept in 'name'. */
static void
input_try(const struct fuzz_input *input, fuzz_function *function,
          const char *name)
{
    uint8_t *data = xmalloc(input->size ? input->size : 1);

    input_write(input, name);
    memcpy(data, input->data, input->size);
    function(data, input->size);
    free(data);
}

/* The command line: RUNS SEED FILE... */
void
fuzz_driver_run(struct ovs_cmdl_context *ctx, fuzz_function *function)
{
    size_t n_runs = atoi(ctx->argv[1]);
    size_t n = ctx->argc - 3;
    struct fuzz_input *corpus = xcalloc(n, sizeof *corpus);
    char *name = xasprintf("%s.input", ctx->argv[0]);

    random_state = atoi(ctx->argv[2]) * 2654435769u + 1;
    for (size_t i = 0; i < n; i++) {
        corpus[i] = input_read(ctx->argv[3 + i]);
        input_try(&corpus[i], function, name);
    }
    for (size_t i = 0; i < n_runs; i++) {
        const struct fuzz_input *base = &corpus[random_below(n)];
        struct fuzz_input input = {
            .data = xmemdup(base->data, base->size),
            .size = base->size,
        };

        for (size_t j = random_below(8) + 1; j > 0; j--) {
            input_change(&input, &corpus[random_below(n)]);
        }
        input_try(&input, function, name);
        free(input.data);
    }

    for (size_t i = 0; i < n; i++) {
        free(corpus[i].data);
    }
    free(corpus);
    remove(name);
    free(name);
}
