/* SPDX-License-Identifier: Apache-2.0 */
/* The persistent map against a plain array, with many versions alive, abandoned edits and failing allocations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "vnf/control/state/pmap.h"

#define KEYS	 300
#define VERSIONS 40

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

static unsigned int fail_in; /* allocations from now until one fails; 0: none does */

void *__wrap_malloc(size_t size)
{
	if (fail_in && --fail_in == 0)
		return NULL;
	return __real_malloc(size);
}

static int objects[KEYS][2]; /* two objects a key, to see replacements */

static int compare(const void *key, const void *object)
{
	int a = *(const int *)key, b = *(const int *)object;

	return a < b ? -1 : a > b;
}

struct version {
	struct pmap map;
	int *expected[KEYS];
	struct pmap_node *garbage; /* that only this and older versions use */
};

static uint32_t seed = 1;

static uint32_t number(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

struct walk {
	const struct version *version;
	int key;
	size_t seen;
};

static bool visit(void *object, void *context)
{
	struct walk *walk = context;

	while (!walk->version->expected[walk->key])
		walk->key++;
	assert_ptr_equal(object, walk->version->expected[walk->key]);
	walk->key++;
	walk->seen++;
	return true;
}

static void check(const struct version *version)
{
	struct walk walk = {.version = version};
	int *next = NULL;

	for (int key = KEYS - 1; key >= 0; key--) {
		assert_ptr_equal(pmap_find(&version->map, compare, &key), version->expected[key]);
		assert_ptr_equal(pmap_next(&version->map, compare, &key), next);
		if (version->expected[key])
			next = version->expected[key];
	}
	assert_ptr_equal(pmap_next(&version->map, compare, NULL), next);
	pmap_walk(&version->map, visit, &walk);
	assert_int_equal(walk.seen, version->map.count);
}

/* Some changes; a failed one must leave the map as it was. */
static void edit_some(struct version *version, struct pmap_edit *edit, unsigned int changes)
{
	while (changes-- > 0) {
		int key = (int)number(KEYS), *object, result;
		void *previous = NULL;

		object = &objects[key][number(2)];
		if (number(8) == 0)
			fail_in = 1 + number(3);
		if (number(2)) {
			result = pmap_set(&version->map, edit, compare, &key, object, &previous);
			if (!result) {
				assert_ptr_equal(previous, version->expected[key]);
				version->expected[key] = object;
			}
		} else {
			result = pmap_remove(&version->map, edit, compare, &key, &previous);
			if (!result) {
				assert_ptr_equal(previous, version->expected[key]);
				version->expected[key] = NULL;
			}
		}
		fail_in = 0;
		if (result)
			check(version);
	}
}

static void test_versions(void **state)
{
	static struct version versions[VERSIONS];
	uint64_t stamp = 0;
	size_t oldest = 0;

	(void)state;
	for (int key = 0; key < KEYS; key++)
		objects[key][0] = objects[key][1] = key;
	memset(versions, 0, sizeof(versions));
	for (size_t round = 1; round < 400; round++) {
		struct version *last = &versions[(round - 1) % VERSIONS], next = *last;
		struct pmap_edit edit;

		pmap_edit_begin(&edit, ++stamp);
		edit_some(&next, &edit, number(10) ? number(60) : 600);
		check(&next);
		if (number(4) == 0) {
			pmap_edit_abort(&edit);
			next = *last;
			pmap_edit_begin(&edit, ++stamp);
			edit_some(&next, &edit, number(20));
		}
		next.garbage = NULL;
		last->garbage = pmap_edit_finish(&edit);
		/* The ring is full: the oldest goes, with what only it had. */
		if (round - oldest == VERSIONS) {
			pmap_garbage_free(versions[oldest % VERSIONS].garbage);
			oldest++;
		}
		versions[round % VERSIONS] = next;
		for (size_t i = oldest; i <= round; i++)
			check(&versions[i % VERSIONS]);
	}
	for (; oldest < 399; oldest++)
		pmap_garbage_free(versions[oldest % VERSIONS].garbage);
	pmap_clear(&versions[399 % VERSIONS].map);
}

/* In order is the worst case of an unbalanced tree. */
static void test_bulk(void **state)
{
	const int count = 20000;
	int *keys = malloc((size_t)count * sizeof(*keys));
	struct pmap_edit edit;
	struct pmap map = {0};
	void *previous;

	(void)state;
	pmap_edit_begin(&edit, 1);
	for (int i = 0; i < count; i++) {
		keys[i] = i;
		assert_int_equal(pmap_set(&map, &edit, compare, &i, &keys[i], &previous), 0);
	}
	assert_null(pmap_edit_finish(&edit));
	assert_int_equal(map.count, count);
	for (int i = 0; i < count; i++)
		assert_ptr_equal(pmap_find(&map, compare, &i), &keys[i]);
	pmap_clear(&map);
	free(keys);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_bulk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
