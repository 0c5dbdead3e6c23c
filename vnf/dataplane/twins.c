/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/twins.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "api/dp/vrf.h"
#include "vnf/core/log.h"
#include "vnf/dataplane/internal.h"
#include "vnf/dataplane/xdp/libbpf_log.h"
#include "vnf/dataplane/xdp/load_helper.h"

static const char *const programs[TWINS] = {LOADED_SEEN_ROUTER, LOADED_SEEN_TC, LOADED_SEEN_ANSWERS};
static const char *const arrays[TWINS] = {LOADED_TWIN_ROUTER, LOADED_TWIN_TC, LOADED_TWIN_ANSWERS};

static size_t observed_size(const struct twins *twins)
{
	return sizeof(struct dp_observed) * twins->cpus;
}

size_t twins_ring_bytes(const struct twins *twins)
{
	struct bpf_map_info info = {0};
	__u32 size = sizeof(info);

	return bpf_obj_get_info_by_fd(twins->ring, &info, &size) ? 0 : info.max_entries;
}

/* Maps what has this name. NULL: errno says why. */
static void *map(const struct loaded *loaded, const char *name, size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, loaded_fd(loaded, name), 0);

	return memory == MAP_FAILED ? NULL : memory;
}

/* Takes what is needed out of what has been loaded. 0 or -errno. */
static int take(struct twins *twins, bool explains, struct loaded *loaded)
{
	twins->cpus = loaded->cpus;
	for (int i = 0; i < TWINS; i++)
		twins->program[i] = loaded_take(loaded, programs[i]);
	twins->observed = map(loaded, LOADED_OBSERVED, observed_size(twins));
	twins->observing = map(loaded, LOADED_OBSERVING, sizeof(*twins->observing));
	if (explains)
		twins->now = map(loaded, "generation", sizeof(*twins->now));
	else
		twins->ring = loaded_take(loaded, LOADED_RING);
	return twins->observed && twins->observing && (twins->now || !explains) ? 0 : -errno;
}

int twins_load(struct dataplane *dataplane, bool explains, struct twins *twins)
{
	const enum load_what what = explains ? LOAD_EXPLAINER : LOAD_OBSERVER;
	struct loaded adopted = dataplane->rest, loaded;
	int status;

	*twins = TWINS_NONE;
	kept_maps_lend(&dataplane->kept, &adopted);
	for (uint32_t i = 0; i < adopted.count;) /* what was taken out of it, the programs */
		if (adopted.object[i].fd < 0)
			adopted.object[i] = adopted.object[--adopted.count];
		else
			i++;
	libbpf_log_start();
	if (dataplane->loader)
		status = loader_ask(dataplane->loader, what, &dataplane->limits, &adopted, LOADER_TIMEOUT_MS, &loaded);
	else if (dataplane->loader_socket > 0)
		status = loader_ask_child(dataplane->loader_socket, what, &dataplane->limits, &adopted, &loaded);
	else
		status = load_programs(what, &dataplane->limits, &adopted, &loaded);
	if (status)
		return status;
	status = take(twins, explains, &loaded);
	loaded_close(&loaded);
	if (status) {
		log_error("cannot map what the observer's programs note: %s", strerror(-status));
		twins_close(twins);
	}
	return status;
}

void twins_close(struct twins *twins)
{
	for (int i = 0; i < TWINS; i++)
		if (twins->program[i] >= 0)
			close(twins->program[i]);
	if (twins->ring >= 0)
		close(twins->ring);
	if (twins->observed)
		munmap(twins->observed, observed_size(twins));
	if (twins->observing)
		munmap(twins->observing, sizeof(*twins->observing));
	if (twins->now)
		munmap(twins->now, sizeof(*twins->now));
	*twins = TWINS_NONE;
}

int dataplane_hand_to(struct dataplane *dataplane, const struct twins *twins)
{
	const uint32_t first = 0;

	for (int i = TWINS - 1; i >= 0; i--) { /* that of the answers before who leaves packets to it */
		int array = loaded_fd(&dataplane->rest, arrays[i]);

		if (twins && bpf_map_update_elem(array, &first, &twins->program[i], BPF_ANY))
			return -errno;
		if (!twins && bpf_map_delete_elem(array, &first) && errno != ENOENT)
			return -errno;
	}
	return 0;
}

void dataplane_look(struct dataplane *dataplane, uint64_t features)
{
	__atomic_store_n(&dataplane->now->features, features & DP_FEATURE_SEEN, __ATOMIC_SEQ_CST);
}

void dataplane_sample_anew(struct dataplane *dataplane)
{
	for (uint32_t cpu = 0; cpu < dataplane->cpus; cpu++)
		__atomic_store_n(&dataplane->pending[cpu].until_sample, 0, __ATOMIC_RELAXED);
}

void twins_choose_bank(struct twins *twins, unsigned int bank)
{
	twins->now->generation = bank;
}

int twins_run(const struct twins *twins, int which, struct twin_run *run)
{
	struct xdp_md md = {.data_end = run->in_length, .ingress_ifindex = run->ifindex};
	struct __sk_buff skb = {.ifindex = run->ifindex, .ingress_ifindex = run->ifindex};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = run->in, .data_size_in = run->in_length,
		    .data_out = run->out, .data_size_out = run->out_length, .repeat = 1);

	options.ctx_in = which == TWIN_XDP ? (void *)&md : (void *)&skb;
	options.ctx_size_in = which == TWIN_XDP ? sizeof(md) : sizeof(skb);
	if (bpf_prog_test_run_opts(twins->program[which], &options))
		return -errno;
	run->out_length = options.data_size_out;
	run->verdict = (int)options.retval;
	return 0;
}
