/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bpf/router/explain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "api/dp/counters.h"
#include "vnf/dataplane/internal.h"
#include "vnf/dataplane/xdp/maps.h"
#include "vnf/observe/state.h"

#define LOOPBACK  1
#define FEW_EVERY 64   /* packets, of which once it is looked at what one of them may change, */
#define ALL_EVERY 2048 /* and at all maps: both in small tables only, since the others have gigabytes */

static struct dataplane *dataplane;
static struct observer *observer;
static struct explained explained;
static bool is_explained, is_small;
static uint32_t number, one_in = 1;

int explain_open(struct dataplane *of, bool small)
{
	dataplane = of;
	observer = observer_new(of);
	is_explained = false;
	is_small = small;
	return observer ? 0 : -ENOMEM;
}

void explain_close(void)
{
	observer_free(observer);
	observer = NULL;
}

struct observer *explain_observer(void)
{
	return observer;
}

__attribute__((no_sanitize("address", "undefined"), optimize("O2"))) static uint64_t
sum_of(uint64_t sum, const void *memory, size_t size)
{
	const uint64_t *word = memory;

	for (size_t i = 0; i < size / 8; i++)
		sum = (sum ^ word[i]) * 0x9e3779b97f4a7c15 + (sum >> 31);
	return sum;
}

/* Of what one packet changes. */
static uint64_t sum_of_few(void)
{
	const struct dp_limits *limits = &dataplane->limits;
	uint64_t sum = sum_of(1, dataplane->pending, sizeof(struct dp_pending) * dataplane->cpus);

	sum = sum_of(sum, dataplane->tunnel_paths, sizeof(struct dp_tunnel_path) * (limits->tunnel_endpoints + 1));
	sum = sum_of(sum, dataplane->limiters, sizeof(struct dp_limiter) * (limits->rate_limiters + 1));
	sum = sum_of(sum, dataplane->member_loads, sizeof(struct dp_member_load) * (limits->members + 1));
	return sum_of(sum, dataplane->connections.head, sizeof(struct dp_connection_head));
}

/* The maps by their descriptors, the banks with them. */
static uint64_t sum_of_all(void)
{
	struct loaded maps = dataplane->rest;
	struct map_size size[MAPS];
	uint64_t sum = 1;

	kept_maps_lend(&dataplane->kept, &maps);
	maps_sizes(&dataplane->limits, dataplane->cpus, size);
	for (size_t i = 0; i < MAPS; i++) {
		size_t bytes = ((size_t)size[i].value_size + 7) / 8 * 8 * size[i].entries;
		void *memory = mmap(NULL, bytes, PROT_READ, MAP_SHARED, loaded_fd(&maps, size[i].name), 0);

		assert_ptr_not_equal(memory, MAP_FAILED);
		sum = sum_of(sum, memory, bytes);
		munmap(memory, bytes);
	}
	return sum;
}

static uint64_t sum_of_some(uint32_t turn)
{
	if (!is_small)
		return 0;
	return turn % ALL_EVERY == 0 ? sum_of_all() : turn % FEW_EVERY == 0 ? sum_of_few() : 0;
}

void explain_packet(const struct frame *in, enum rig_context context)
{
	struct observer_packet packet = {.ifindex = LOOPBACK,
					 .frame = in->byte,
					 .length = (uint32_t)in->length,
					 .bank = dataplane->now->generation & 1};
	uint32_t turn = number++;
	struct error error = {0};
	uint64_t before;

	if (turn % one_in)
		return;
	before = sum_of_some(turn / one_in);
	if (explain_by(observer, &packet, context == RIG_XDP, true, &explained, &error))
		fail_msg("a packet of %zu bytes is not explained: %s", in->length, error.fault[0].message);
	is_explained = true;
	if (sum_of_some(turn / one_in) != before)
		fail_msg("a packet that was only explained (%s) has changed something",
			 reason_names[explained.head.reason]);
}

/* The rig's frames have no tag that stands beside them. */
static void take_tag(struct frame *frame, const struct explained *from)
{
	frame->length = from->head.out_length;
	memcpy(frame->byte, from->out, frame->length);
	if (!from->head.out_tag)
		return;
	frame->length -= 4;
	memmove(frame->byte + 12, frame->byte + 16, frame->length - 12);
}

void explain_compare(int reason, const struct frame *out)
{
	static struct frame said;

	if (!is_explained)
		return;
	is_explained = false;
	if (explained.head.reason != reason)
		fail_msg("explained as %s, and was %s", reason_names[explained.head.reason], reason_names[reason]);
	assert_int_equal(explained.head.last.reason, reason);
	assert_true(explained.head.steps > 0);
	if (!out || !explained.head.out_ifindex)
		return;
	take_tag(&said, &explained);
	if (said.length != out->length || memcmp(said.byte, out->byte, said.length))
		fail_msg("%s: another frame than explained, %zu bytes and not %zu", reason_names[reason], out->length,
			 said.length);
}

uint32_t rig_explain_one_in(uint32_t packets)
{
	uint32_t before = one_in;

	one_in = packets;
	return before;
}
