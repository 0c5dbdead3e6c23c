/* SPDX-License-Identifier: Apache-2.0 */
/* Asked by ioctl: sysfs shows the devices of the namespace that it was mounted in, which may be another. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vnf/dataplane/xdp/probe.h"

#define VIRTIO_DEVICES 256 /* of a machine, as far as this looks */

/* Ethernet, too, but made of other devices, or of none. */
static const char *const not_ports[] = {"bridge", "openvswitch", "vxlan", "geneve", "802.1Q VLAN Support",
					"dummy",  "ifb"};

static int ask(int fd, unsigned long what, const char *name, struct ifreq *request)
{
	memset(request, 0, sizeof(*request));
	snprintf(request->ifr_name, sizeof(request->ifr_name), "%s", name);
	return ioctl(fd, what, request);
}

static int ask_ethtool(int fd, const char *name, void *command)
{
	struct ifreq request = {.ifr_data = command};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	return ioctl(fd, SIOCETHTOOL, &request);
}

static uint32_t ethtool_word(int fd, const char *name, uint32_t command)
{
	struct ethtool_value value = {.cmd = command};

	return ask_ethtool(fd, name, &value) ? 0 : value.data;
}

/* Its bus knows the device by an address that is the same in all namespaces; virtio's own number is not told. */
static FILE *open_features(const char *bus_address)
{
	static const char *const buses[] = {"pci", "platform"};
	FILE *stream = NULL;
	char path[128];

	for (unsigned int i = 0; !stream && i < 2 * VIRTIO_DEVICES; i++) {
		snprintf(path, sizeof(path), "/sys/bus/%s/devices/%s/virtio%u/features", buses[i % 2], bus_address,
			 i / 2);
		stream = fopen(path, "re");
	}
	return stream;
}

static bool read_virtio(const char *bus_address, uint64_t *features)
{
	FILE *stream = open_features(bus_address);
	char bits[65] = "";

	if (!stream)
		return false;
	*features = 0;
	if (fgets(bits, sizeof(bits), stream))
		for (size_t i = 0; i < 64 && bits[i]; i++)
			*features |= (uint64_t)(bits[i] == '1') << i;
	fclose(stream);
	return true;
}

/* veth's first statistic. 0: not told. */
static uint32_t peer_index(int fd, const char *name, uint32_t count)
{
	struct ethtool_stats *stats = count ? calloc(1, sizeof(*stats) + count * sizeof(stats->data[0])) : NULL;
	uint32_t index = 0;

	if (!stats)
		return 0;
	stats->cmd = ETHTOOL_GSTATS;
	stats->n_stats = count;
	if (!ask_ethtool(fd, name, stats))
		index = (uint32_t)stats->data[0];
	free(stats);
	return index;
}

static bool is_veth(int fd, const char *name, uint32_t *peer)
{
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};

	if (ask_ethtool(fd, name, &info) || strcmp(info.driver, "veth") != 0)
		return false;
	*peer = peer_index(fd, name, info.n_stats);
	return true;
}

/* The index counts in the other end's namespace: a device of ours that has it is the other end if it says so, too. */
static void find_peer(int fd, struct probe_device *device, uint32_t peer)
{
	uint32_t back = 0, program = 0;

	if (!peer || !if_indextoname(peer, device->peer_name) || !is_veth(fd, device->peer_name, &back) ||
	    back != if_nametoindex(device->name))
		return;
	device->peer = true;
	device->peer_receives = ethtool_word(fd, device->peer_name, ETHTOOL_GGRO) ||
				(!bpf_xdp_query_id((int)peer, 0, &program) && program);
}

static void ask_driver(int fd, struct probe_device *device)
{
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};
	struct ethtool_channels channels = {.cmd = ETHTOOL_GCHANNELS};
	uint32_t flags;

	if (ask_ethtool(fd, device->name, &info))
		return;
	snprintf(device->driver, sizeof(device->driver), "%s", info.driver);
	if (!ask_ethtool(fd, device->name, &channels)) {
		device->queues = channels.combined_count ? channels.combined_count : channels.rx_count;
		device->max_queues = channels.max_combined ? channels.max_combined : channels.max_rx;
	}
	flags = ethtool_word(fd, device->name, ETHTOOL_GFLAGS);
	device->lro = flags & ETH_FLAG_LRO;
	device->vlan_beside = flags & ETH_FLAG_RXVLAN;
	if (!strcmp(info.driver, "virtio_net"))
		device->virtio = read_virtio(info.bus_info, &device->virtio_features);
	if (!strcmp(info.driver, "veth"))
		find_peer(fd, device, peer_index(fd, device->name, info.n_stats));
}

int probe_device(const char *name, struct probe_device *device)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), error = 0;
	struct ifreq request;

	memset(device, 0, sizeof(*device));
	snprintf(device->name, sizeof(device->name), "%s", name);
	if (fd < 0)
		return -errno;
	if (strlen(name) >= sizeof(device->name) || ask(fd, SIOCGIFHWADDR, name, &request)) {
		error = -ENODEV;
		goto out;
	}
	device->ethernet = request.ifr_hwaddr.sa_family == ARPHRD_ETHER;
	if (!ask(fd, SIOCGIFFLAGS, name, &request))
		device->up = (request.ifr_flags & (IFF_UP | IFF_RUNNING)) == (IFF_UP | IFF_RUNNING);
	if (!ask(fd, SIOCGIFMTU, name, &request))
		device->mtu = (uint32_t)request.ifr_mtu;
	ask_driver(fd, device);
out:
	close(fd);
	return error;
}

static bool is_candidate(const char *name)
{
	struct probe_device device;

	if (probe_device(name, &device) || !device.ethernet)
		return false;
	for (size_t i = 0; i < sizeof(not_ports) / sizeof(*not_ports); i++) {
		if (!strcmp(device.driver, not_ports[i]))
			return false;
	}
	return true;
}

int probe_candidate(size_t n, char name[16])
{
	struct if_nameindex *all = if_nameindex();
	int error = -ENOENT;

	for (size_t i = 0; all && all[i].if_index && error; i++) {
		if (!is_candidate(all[i].if_name) || n-- > 0)
			continue;
		snprintf(name, IF_NAMESIZE, "%s", all[i].if_name);
		error = 0;
	}
	if_freenameindex(all);
	return error;
}
