/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/read/pages.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "vnf/control/state/history.h"

struct hold {
	const struct snapshot *snapshot;
	time_t until; /* CLOCK_MONOTONIC */
};

struct pages {
	uint64_t boot;	      /* tells this daemon's tokens from another's */
	pthread_mutex_t lock; /* among readers, for a few instructions; guards the rest */
	size_t count;
	struct hold hold[PAGES_REVISIONS];
};

struct pages *pages_new(void)
{
	struct pages *pages = calloc(1, sizeof(*pages));

	if (!pages)
		return NULL;
	if (getrandom(&pages->boot, sizeof(pages->boot), 0) != (ssize_t)sizeof(pages->boot)) {
		free(pages);
		return NULL;
	}
	pthread_mutex_init(&pages->lock, NULL);
	return pages;
}

static void drop(struct pages *pages, size_t index)
{
	snapshot_unpin(pages->hold[index].snapshot);
	memmove(&pages->hold[index], &pages->hold[index + 1], (--pages->count - index) * sizeof(pages->hold[0]));
}

void pages_free(struct pages *pages)
{
	if (!pages)
		return;
	while (pages->count)
		drop(pages, pages->count - 1);
	pthread_mutex_destroy(&pages->lock);
	free(pages);
}

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

/* By number, of which each is held once: its index, or where it belongs. */
static size_t position(const struct pages *pages, uint64_t number)
{
	size_t low = 0, high = pages->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (snapshot_number(pages->hold[middle].snapshot) < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct hold *find(struct pages *pages, uint64_t number)
{
	size_t i = position(pages, number);

	return i < pages->count && snapshot_number(pages->hold[i].snapshot) == number ? &pages->hold[i] : NULL;
}

static struct hold *insert(struct pages *pages, const struct snapshot *snapshot)
{
	size_t i;

	if (pages->count == PAGES_REVISIONS)
		drop(pages, 0);
	i = position(pages, snapshot_number(snapshot));
	memmove(&pages->hold[i + 1], &pages->hold[i], (pages->count++ - i) * sizeof(pages->hold[i]));
	snapshot_pin_again(snapshot);
	pages->hold[i].snapshot = snapshot;
	return &pages->hold[i];
}

void pages_hold(struct pages *pages, const struct snapshot *snapshot)
{
	struct hold *hold;

	pthread_mutex_lock(&pages->lock);
	hold = find(pages, snapshot_number(snapshot));
	if (!hold)
		hold = insert(pages, snapshot);
	hold->until = now() + PAGES_SECONDS;
	pthread_mutex_unlock(&pages->lock);
}

bool pages_drop_oldest(struct pages *pages)
{
	bool any;

	pthread_mutex_lock(&pages->lock);
	any = pages->count > 0;
	if (any)
		drop(pages, 0);
	pthread_mutex_unlock(&pages->lock);
	return any;
}

const struct snapshot *pages_find(struct pages *pages, uint64_t number)
{
	const struct snapshot *snapshot = NULL;
	struct hold *hold;

	pthread_mutex_lock(&pages->lock);
	hold = find(pages, number);
	if (hold && hold->until > now()) {
		snapshot = hold->snapshot;
		snapshot_pin_again(snapshot);
	}
	pthread_mutex_unlock(&pages->lock);
	return snapshot;
}

void pages_expire(struct pages *pages)
{
	pthread_mutex_lock(&pages->lock);
	for (size_t i = pages->count; i-- > 0;)
		if (pages->hold[i].until <= now())
			drop(pages, i);
	pthread_mutex_unlock(&pages->lock);
}

/* In hex: boot and number (8 bytes each), kind, the VRF and a NUL, the key and a NUL, and a sum over all of it. */
#define HEAD 17
#define SUM  4

static uint32_t sum(const uint8_t *bytes, size_t size)
{
	uint32_t h = 0x811c9dc5;

	for (size_t i = 0; i < size; i++)
		h = (h ^ bytes[i]) * 0x01000193;
	return h;
}

void page_token_format(const struct pages *pages, const struct page_token *token, char text[PAGE_TOKEN_TEXT])
{
	uint8_t bytes[HEAD + sizeof(token->vrf) + sizeof(token->key) + SUM];
	size_t vrf = strlen(token->vrf) + 1, key = strlen(token->key) + 1, size = HEAD + vrf + key;
	uint32_t check;

	memcpy(bytes, &pages->boot, 8);
	memcpy(bytes + 8, &token->number, 8);
	bytes[16] = (uint8_t)token->kind;
	memcpy(bytes + HEAD, token->vrf, vrf);
	memcpy(bytes + HEAD + vrf, token->key, key);
	check = sum(bytes, size);
	memcpy(bytes + size, &check, SUM);
	for (size_t i = 0; i < size + SUM; i++)
		snprintf(&text[i * 2], 3, "%02x", bytes[i]);
}

static int nibble(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Bytes, or 0: not hex, or too long. */
static size_t from_hex(const char *text, uint8_t *bytes, size_t room)
{
	size_t size = 0;

	for (; text[0]; text += 2) {
		int high = nibble(text[0]), low = high < 0 ? -1 : nibble(text[1]);

		if (low < 0 || size == room)
			return 0;
		bytes[size++] = (uint8_t)(high << 4 | low);
	}
	return size;
}

int page_token_parse(const struct pages *pages, const char *text, struct page_token *token, struct error *error)
{
	uint8_t bytes[HEAD + sizeof(token->vrf) + sizeof(token->key) + SUM];
	size_t size = from_hex(text, bytes, sizeof(bytes)), key;
	uint32_t check;

	if (size < HEAD + 2 + SUM)
		goto invalid;
	size -= SUM;
	memcpy(&check, bytes + size, SUM);
	if (check != sum(bytes, size) || bytes[size - 1] != '\0')
		goto invalid;
	if (memcmp(bytes, &pages->boot, 8) != 0) {
		error_add(error, ERROR_ABORTED, "page_token",
			  "is of a daemon that has ended: list again from the first page");
		return -1;
	}
	memcpy(&token->number, bytes + 8, 8);
	token->kind = (enum resource_kind)bytes[16];
	/* Two strings; the NUL of the second is the last byte, so the first must end before it. */
	if (!memccpy(token->vrf, bytes + HEAD, '\0', sizeof(token->vrf)))
		goto invalid;
	key = HEAD + strlen(token->vrf) + 1;
	if (key >= size || !memccpy(token->key, bytes + key, '\0', sizeof(token->key)))
		goto invalid;
	return 0;

invalid:
	error_add(error, ERROR_INVALID_ARGUMENT, "page_token", "is not a token of an earlier page");
	return -1;
}
