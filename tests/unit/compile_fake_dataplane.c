/* SPDX-License-Identifier: Apache-2.0 */
/* compile_fake.h's dataplane. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compile_fake.h"
#include "vnf/dataplane/bank/limits.h"

#define DEVICES 64

struct dataplane {
	struct dp_limits limits;
	struct bank *bank[2];
};

static bool attached[DEVICES];
static struct dp_tunnel_path paths[64];

const struct dp_limits fake_limits = {
	.vrfs = 63,
	.interfaces = 255,
	.tunnel_endpoints = 63,
	.vni_bindings = 255,
	.next_hops = 511,
	.next_hop_groups = 511,
	.routes = 1000,
	.port_pairs = 127,
	.port_pair_groups = 127,
	.flow_classifiers = 255,
	.port_chains = 31,
	.policy_rules = 255,
	.address_groups = 63,
	.security_groups = 63,
	.rate_limiters = 31,
	.qos_policies = 31,
	.ddos_profiles = 31,
	.conntrack_profiles = 31,
	.load_balancers = 31,
	.listeners = 31,
	.pools = 31,
	.members = 127,
	.health_monitors = 31,
	.connections = 256,
	.fib_words = FAKE_FIB_WORDS,
};
uint64_t fake_generation;
const struct bank *fake_bank[2];
unsigned int fake_waits;
uint32_t fake_attach_fails;
enum xdp_mode fake_attach_mode = XDP_TC;
uint64_t fake_attach_generation;
bool fake_adopted;
unsigned int fake_tried;
uint32_t fake_try_fails;
int fake_try_error;
uint32_t fake_counter_reset[FAKE_RESETS];
unsigned int fake_resets;
struct connection_tables fake_connections;

void fake_dataplane_reset(void)
{
	memset(attached, 0, sizeof(attached));
	memset(paths, 0, sizeof(paths));
	fake_attach_fails = 0;
	fake_attach_mode = XDP_TC;
	fake_adopted = false;
	fake_tried = fake_try_fails = 0;
	fake_resets = 0;
	fake_connections = (struct connection_tables){0};
}

static struct dataplane *new_of(const struct dp_limits *limits)
{
	struct dataplane *dataplane = calloc(1, sizeof(*dataplane));

	assert(dataplane);
	dataplane->limits = *limits;
	for (int i = 0; i < 2; i++) {
		fake_bank[i] = dataplane->bank[i] = bank_new(&dataplane->limits);
		assert(fake_bank[i]);
	}
	fake_generation = 0;
	return dataplane;
}

struct dataplane *fake_dataplane_new(void)
{
	return new_of(&fake_limits);
}

struct dataplane *fake_dataplane_of(const char *profile)
{
	struct dp_limits limits;
	int error = limits_profile(profile, &limits);

	assert(!error);
	limits_complete(&limits);
	return new_of(&limits);
}

void dataplane_free(struct dataplane *dataplane)
{
	bank_free(dataplane->bank[0]);
	bank_free(dataplane->bank[1]);
	free(dataplane);
}

const struct bank *dataplane_bank(const struct dataplane *dataplane, unsigned int index)
{
	return dataplane->bank[index];
}

const struct dp_limits *dataplane_limits(const struct dataplane *dataplane)
{
	return &dataplane->limits;
}

const struct connection_tables *dataplane_connections(const struct dataplane *dataplane)
{
	(void)dataplane;
	return &fake_connections;
}

struct conntracks dataplane_conntracks(const struct dataplane *dataplane)
{
	(void)dataplane;
	return (struct conntracks){0};
}

void dataplane_counter(const struct dataplane *dataplane, uint32_t index, struct dp_counter *sum)
{
	(void)dataplane;
	(void)index;
	*sum = (struct dp_counter){0};
}

uint64_t dataplane_counters_since(const struct dataplane *dataplane)
{
	(void)dataplane;
	return 0;
}

uint64_t dataplane_fib_words_kept(const struct dataplane *dataplane)
{
	(void)dataplane;
	return 0;
}

uint64_t dataplane_fib_words(const struct dataplane *dataplane)
{
	(void)dataplane;
	return 0;
}

uint64_t dataplane_flow_salt(const struct dataplane *dataplane)
{
	(void)dataplane;
	return 1;
}

int dataplane_program_fd(const struct dataplane *dataplane)
{
	(void)dataplane;
	return -1;
}

void dataplane_reason_counters(const struct dataplane *dataplane, struct dp_counter sum[DP_REASON_COUNT])
{
	(void)dataplane;
	memset(sum, 0, DP_REASON_COUNT * sizeof(*sum));
}

bool fake_is_attached(uint32_t ifindex)
{
	return attached[ifindex];
}

void fake_taken_off(uint32_t ifindex)
{
	attached[ifindex] = false;
}

int dataplane_attach(struct dataplane *dataplane, uint32_t ifindex, enum xdp_mode *mode, char *reason, size_t size)
{
	(void)dataplane;
	reason[0] = 0;
	if (ifindex == fake_attach_fails) {
		snprintf(reason, size, "told to fail");
		return -EOPNOTSUPP;
	}
	*mode = fake_attach_mode;
	fake_attach_generation = fake_generation;
	return attached[ifindex] = true, 0;
}

void dataplane_detach(struct dataplane *dataplane, uint32_t ifindex)
{
	(void)dataplane;
	attached[ifindex] = false;
}

unsigned int dataplane_idle_index(const struct dataplane *dataplane)
{
	(void)dataplane;
	return !(fake_generation & 1);
}

uint64_t dataplane_flip(struct dataplane *dataplane)
{
	(void)dataplane;
	fake_waits = 0;
	return ++fake_generation;
}

uint64_t dataplane_generation(const struct dataplane *dataplane)
{
	(void)dataplane;
	return fake_generation;
}

void dataplane_start_at(struct dataplane *dataplane, uint64_t generation)
{
	(void)dataplane;
	fake_generation = generation;
}

void dataplane_wait_readers(struct dataplane *dataplane)
{
	(void)dataplane;
	fake_waits++;
}

void fake_path(uint32_t tunnel, uint16_t mtu, uint64_t seconds)
{
	struct timespec now;

	assert(tunnel < sizeof(paths) / sizeof(*paths));
	clock_gettime(CLOCK_MONOTONIC, &now);
	paths[tunnel].path = (((uint64_t)now.tv_sec - seconds) * 1000000000 >> DP_PATH_TIME_SHIFT) << 16 | mtu;
	paths[0].path++;
}

struct dp_tunnel_path dataplane_tunnel_path(const struct dataplane *dataplane, uint32_t tunnel)
{
	(void)dataplane;
	return tunnel < sizeof(paths) / sizeof(*paths) ? paths[tunnel] : (struct dp_tunnel_path){0};
}

void dataplane_tunnel_path_reset(struct dataplane *dataplane, uint32_t tunnel)
{
	(void)dataplane;
	if (tunnel < sizeof(paths) / sizeof(*paths))
		paths[tunnel] = (struct dp_tunnel_path){0};
}

bool dataplane_counters_adopted(const struct dataplane *dataplane)
{
	(void)dataplane;
	return fake_adopted;
}

int dataplane_try_port(struct dataplane *dataplane, const struct dp_port *port)
{
	(void)dataplane;
	fake_tried++;
	return port->ifindex == fake_try_fails ? fake_try_error : 0;
}

bool dataplane_paths_adopted(const struct dataplane *dataplane)
{
	(void)dataplane;
	return fake_adopted;
}

void dataplane_counter_reset(struct dataplane *dataplane, uint32_t index)
{
	(void)dataplane;
	if (fake_resets < FAKE_RESETS)
		fake_counter_reset[fake_resets] = index;
	fake_resets++;
}

struct dp_member_load dataplane_member_load(const struct dataplane *dataplane, uint32_t member)
{
	(void)dataplane;
	return (struct dp_member_load){.connections = member, .opened = 2UL * member};
}

void dataplane_member_load_reset(struct dataplane *dataplane, uint32_t member)
{
	(void)dataplane;
	(void)member;
}

void dataplane_note_fib_words(struct dataplane *dataplane, uint64_t held, uint64_t kept)
{
	(void)kept;
	(void)dataplane;
	(void)held;
}
