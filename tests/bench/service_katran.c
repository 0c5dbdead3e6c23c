/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/service_katran.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#define RING	    65537 /* a VIP's part of the map ch_rings */
#define CONNECTIONS (1U << 20)

/* Keys and values of its maps, as its user space writes them. */
struct vip_key {
	uint32_t address[4];
	uint16_t port; /* network order */
	uint8_t protocol, pad;
};

struct vip_value {
	uint32_t flags, number;
};

struct real {
	uint32_t address[4];
	uint8_t flags, pad[3];
};

static int map_of(struct bpf_object *object, const char *name)
{
	return bpf_object__find_map_fd_by_name(object, name);
}

/* Each processor has connections of its own. */
static int add_connections(struct bpf_object *object)
{
	struct bpf_map *spare = bpf_object__find_map_by_name(object, "fallback_cache");
	uint32_t processors = (uint32_t)sysconf(_SC_NPROCESSORS_ONLN);

	for (uint32_t i = 0; i < processors; i++) {
		int fd = bpf_map_create(BPF_MAP_TYPE_LRU_HASH, "katran_lru", bpf_map__key_size(spare),
					bpf_map__value_size(spare), CONNECTIONS / processors, NULL);

		if (fd < 0 || bpf_map_update_elem(map_of(object, "lru_mapping"), &i, &fd, BPF_ANY))
			return -errno;
		close(fd); /* the mapping holds it */
	}
	return 0;
}

static int add_vip(struct bpf_object *object, uint32_t vip, uint16_t port, const uint32_t *backend, uint32_t count)
{
	static const uint8_t router[8] = {2, 0x53, 0x4c, 0, 0, 9};
	struct vip_key key = {.address = {vip}, .port = htons(port), .protocol = IPPROTO_TCP};
	struct vip_value value = {0};
	uint32_t zero = 0;

	if (bpf_map_update_elem(map_of(object, "vip_map"), &key, &value, BPF_ANY) ||
	    bpf_map_update_elem(map_of(object, "ctl_array"), &zero, router, BPF_ANY))
		return -errno;
	for (uint32_t i = 1; i <= count; i++) {
		struct real real = {.address = {backend[i - 1]}};

		if (bpf_map_update_elem(map_of(object, "reals"), &i, &real, BPF_ANY))
			return -errno;
	}
	for (uint32_t i = 0; i < RING; i++) {
		uint32_t which = 1 + i % count;

		if (bpf_map_update_elem(map_of(object, "ch_rings"), &i, &which, BPF_ANY))
			return -errno;
	}
	return 0;
}

int katran_open(const char *path, uint32_t vip, uint16_t port, const uint32_t *backend, uint32_t count)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	struct bpf_program *program = object ? bpf_object__next_program(object, NULL) : NULL;
	int error = object && program ? 0 : -ENOENT;

	if (!error)
		error = bpf_object__load(object);
	if (!error)
		error = add_connections(object);
	if (!error)
		error = add_vip(object, vip, port, backend, count);
	if (!error)
		return bpf_program__fd(program); /* the object lives as long as the process */
	fprintf(stderr, "bench service: %s: %s\n", path, strerror(-error));
	bpf_object__close(object);
	return error;
}
