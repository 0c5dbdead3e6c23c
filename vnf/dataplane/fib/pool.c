/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/fib/pool.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Words a block: exact while small, a quarter more at most where larger, and what divides a page well. Class 0 is that
 * of free pages: of memory that nobody has touched. */
static const uint16_t class_words[FIB_POOL_CLASSES] = {0,  1,  2,  3,  4,   5,	 6,   7,   8,	9,   10,  11,  12,
						       13, 14, 15, 16, 18,  20,	 22,  24,  28,	32,  36,  40,  46,
						       56, 64, 78, 93, 113, 127, 146, 170, 204, 256, 341, 512, 1024};
#define CLASSES	   FIB_POOL_CLASSES
#define CLASS_FREE 0
#define CLASS_SPAN 0xfe /* first page of a span */
#define CLASS_REST 0xfd /* its other pages */

struct page {
	uint64_t used[FIB_POOL_PAGE / 64]; /* bit per block */
	uint32_t count;			   /* blocks in use; pages of a span */
	uint8_t class;
};

/* A set of pages that yields its lowest member: 64 pages a word, and a bit for each word that is not empty. */
struct page_set {
	uint64_t *word;
	uint64_t *nonempty;
};

struct fib_pool {
	uint32_t pages, words, summary; /* pages; words of a set; words of its upper level */
	uint64_t live, held;
	uint64_t kept, spare;
	struct page *page;
	struct page_set free;		  /* pages without a block */
	struct page_set partial[CLASSES]; /* pages of the class with room */
	uint64_t *bits;			  /* of all the sets */
	uint8_t class_of[FIB_POOL_BLOCK + 1];
};

static void page_set_add(struct page_set *set, uint32_t page)
{
	set->word[page / 64] |= 1ULL << page % 64;
	set->nonempty[page / 4096] |= 1ULL << page / 64 % 64;
}

static void page_set_remove(struct page_set *set, uint32_t page)
{
	set->word[page / 64] &= ~(1ULL << page % 64);
	if (!set->word[page / 64])
		set->nonempty[page / 4096] &= ~(1ULL << page / 64 % 64);
}

static bool page_set_has(const struct page_set *set, uint32_t page)
{
	return set->word[page / 64] >> page % 64 & 1;
}

/* 0: none; page 0 is in no set. */
static uint32_t page_set_lowest(const struct fib_pool *pool, const struct page_set *set)
{
	for (uint32_t i = 0; i < pool->summary; i++) {
		if (set->nonempty[i]) {
			uint32_t word = i * 64 + __builtin_ctzll(set->nonempty[i]);

			return word * 64 + __builtin_ctzll(set->word[word]);
		}
	}
	return 0;
}

struct fib_pool *fib_pool_new(uint32_t count)
{
	struct fib_pool *pool = calloc(1, sizeof(*pool));
	uint32_t stride;

	if (!pool)
		return NULL;
	pool->pages = count / FIB_POOL_PAGE;
	pool->words = (pool->pages + 63) / 64;
	pool->summary = (pool->words + 63) / 64;
	stride = pool->words + pool->summary;
	pool->page = calloc(pool->pages + 1, sizeof(*pool->page));
	pool->bits = calloc((CLASSES + 1) * (size_t)stride + 1, sizeof(*pool->bits));
	if (!pool->page || !pool->bits) {
		fib_pool_free(pool);
		return NULL;
	}
	for (size_t i = 0; i <= CLASSES; i++) {
		struct page_set *set = i < CLASSES ? &pool->partial[i] : &pool->free;

		set->word = pool->bits + i * stride;
		set->nonempty = set->word + pool->words;
	}
	for (uint32_t i = 1; i < pool->pages; i++)
		page_set_add(&pool->free, i);
	for (uint32_t words = 0, class = 0; words <= FIB_POOL_BLOCK; words++) {
		class += words > class_words[class];
		pool->class_of[words] = class;
	}
	return pool;
}

void fib_pool_free(struct fib_pool *pool)
{
	if (!pool)
		return;
	free(pool->page);
	free(pool->bits);
	free(pool);
}

static uint64_t all_words(const struct fib_pool *pool)
{
	return pool->pages ? (uint64_t)(pool->pages - 1) * FIB_POOL_PAGE : 0;
}

void fib_pool_keep(struct fib_pool *pool, uint64_t kept, uint64_t spare)
{
	pool->kept = kept;
	pool->spare = spare;
}

/* Does a block of so many words, that needs so many new pages, leave what is kept? */
static bool leaves_kept(const struct fib_pool *pool, uint32_t words, uint32_t pages)
{
	if (!pool->kept)
		return true;
	return pool->live + words + pool->kept <= all_words(pool) &&
	       (!pages || pool->held + (uint64_t)pages * FIB_POOL_PAGE + pool->kept + pool->spare <= all_words(pool));
}

/* Whole pages, from the top down: the small blocks' pages grow towards them from the bottom. Aligned to their number,
 * a power of two, which keeps the spans of one size from blocking those of another. */
static uint32_t alloc_span(struct fib_pool *pool, uint32_t words)
{
	uint32_t count = (words + FIB_POOL_PAGE - 1) / FIB_POOL_PAGE, align = 1, first, n;

	while (align < count)
		align *= 2;
	if (count >= pool->pages || !leaves_kept(pool, count * FIB_POOL_PAGE, count))
		return 0;
	first = (pool->pages - count) / align * align;
	for (; first; first -= align) {
		for (n = 0; n < count && page_set_has(&pool->free, first + n); n++)
			;
		if (n == count)
			break;
	}
	if (!first)
		return 0;
	for (n = 0; n < count; n++) {
		page_set_remove(&pool->free, first + n);
		pool->page[first + n].class = n ? CLASS_REST : CLASS_SPAN;
	}
	pool->page[first].count = count;
	pool->live += (uint64_t)count * FIB_POOL_PAGE;
	pool->held += (uint64_t)count * FIB_POOL_PAGE;
	return first * FIB_POOL_PAGE;
}

static void release_span(struct fib_pool *pool, uint32_t first)
{
	uint32_t count = pool->page[first].count;

	for (uint32_t n = 0; n < count; n++) {
		pool->page[first + n].class = CLASS_FREE;
		page_set_add(&pool->free, first + n);
	}
	pool->page[first].count = 0;
	pool->live -= (uint64_t)count * FIB_POOL_PAGE;
	pool->held -= (uint64_t)count * FIB_POOL_PAGE;
}

static uint32_t blocks_a_page(uint8_t class)
{
	return FIB_POOL_PAGE / class_words[class];
}

uint32_t fib_pool_alloc(struct fib_pool *pool, uint32_t words)
{
	uint32_t index, block;
	struct page *page;
	uint8_t class;

	assert(words);
	if (words > FIB_POOL_BLOCK)
		return alloc_span(pool, words);
	class = pool->class_of[words];
	index = page_set_lowest(pool, &pool->partial[class]);
	page = &pool->page[index];
	if (!leaves_kept(pool, class_words[class], !index))
		return 0;
	if (!index) {
		index = page_set_lowest(pool, &pool->free);
		if (!index)
			return 0;
		page_set_remove(&pool->free, index);
		page_set_add(&pool->partial[class], index);
		page = &pool->page[index];
		memset(page->used, 0, sizeof(page->used));
		page->class = class;
		pool->held += FIB_POOL_PAGE;
	}
	for (block = 0; page->used[block / 64] == ~0ULL; block += 64)
		;
	block += __builtin_ctzll(~page->used[block / 64]);
	page->used[block / 64] |= 1ULL << block % 64;
	if (++page->count == blocks_a_page(class))
		page_set_remove(&pool->partial[class], index);
	pool->live += class_words[class];
	return index * FIB_POOL_PAGE + block * class_words[class];
}

void fib_pool_release(struct fib_pool *pool, uint32_t block)
{
	uint32_t index = block / FIB_POOL_PAGE, slot;
	struct page *page = &pool->page[index];

	if (!block)
		return;
	if (page->class == CLASS_SPAN) {
		release_span(pool, index);
		return;
	}
	assert(page->class < CLASSES);
	slot = block % FIB_POOL_PAGE / class_words[page->class];
	assert(page->used[slot / 64] >> slot % 64 & 1);
	page->used[slot / 64] &= ~(1ULL << slot % 64);
	pool->live -= class_words[page->class];
	page_set_add(&pool->partial[page->class], index);
	if (--page->count)
		return;
	page_set_remove(&pool->partial[page->class], index);
	page_set_add(&pool->free, index);
	page->class = CLASS_FREE;
	pool->held -= FIB_POOL_PAGE;
}

uint32_t fib_pool_capacity(const struct fib_pool *pool, uint32_t block)
{
	const struct page *page = &pool->page[block / FIB_POOL_PAGE];

	return page->class == CLASS_SPAN ? page->count * FIB_POOL_PAGE : class_words[page->class];
}

uint32_t fib_pool_round(const struct fib_pool *pool, uint32_t words)
{
	return class_words[pool->class_of[words]];
}

void fib_pool_usage(const struct fib_pool *pool, struct fib_pool_usage *usage)
{
	usage->words = all_words(pool);
	usage->live = pool->live;
	usage->held = pool->held;
}
