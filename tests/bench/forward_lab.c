/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/forward_lab.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/if_link.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

static const char *namespaces;

void fail(const char *what)
{
	fprintf(stderr, "bench forward: %s: %s\n", what, strerror(errno));
	exit(1);
}

void lab_enter(const char *name)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s-%s", namespaces, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		fail(path);
	close(fd);
}

static struct device find(const char *name)
{
	struct ifreq request = {};
	struct device device;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	device.index = if_nametoindex(name);
	if (fd < 0 || !device.index || ioctl(fd, SIOCGIFHWADDR, &request))
		fail(name);
	memcpy(device.mac, request.ifr_hwaddr.sa_data, 6);
	close(fd);
	return device;
}

void lab_find(struct lab *lab, const char *prefix)
{
	static const char *const names[4] = {"a0", "a1", "b0", "b1"};

	namespaces = prefix;
	lab_enter("gen");
	lab->generator = find("g0");
	lab_enter("sink");
	lab->taker = find("s0");
	lab_enter("stages");
	for (unsigned int i = 0; i < 4; i++)
		lab->stage_peer[i] = find(names[i]);
	lab_enter("router");
	lab->in = find("in0");
	lab->out = find("out0");
	for (unsigned int i = 0; i < 4; i++)
		lab->stage[i] = find(names[i]);
}

void lab_attach(const struct device *device, int program)
{
	if (bpf_xdp_attach(device->index, program, XDP_FLAGS_DRV_MODE, NULL))
		fail("attaching an XDP program");
}
