/* SPDX-License-Identifier: Apache-2.0 */
#include "orchestration/device.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* A request about a device: 0 or -errno. */
static int request(const char *device, unsigned long number, void *data, struct ifreq *result)
{
	struct ifreq ifreq = {.ifr_data = data};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), status = 0;

	if (fd < 0)
		return -errno;
	snprintf(ifreq.ifr_name, sizeof(ifreq.ifr_name), "%s", device);
	if (ioctl(fd, number, &ifreq))
		status = -errno;
	close(fd);
	if (result)
		*result = ifreq;
	return status;
}

int device_prepare(const char *device, struct error *error)
{
	struct ethtool_value checksum = {.cmd = ETHTOOL_STXCSUM, .data = 0}, gro = {.cmd = ETHTOOL_SGRO, .data = 1};
	int status = request(device, SIOCETHTOOL, &checksum, NULL);

	if (!status)
		status = request(device, SIOCETHTOOL, &gro, NULL);
	if (status)
		error_add(error, ERROR_INTERNAL, device, "offloads cannot be set: %s", strerror(-status));
	return status ? -1 : 0;
}

bool device_is_up(const char *device)
{
	struct ifreq ifreq;

	return !request(device, SIOCGIFFLAGS, NULL, &ifreq) &&
	       (ifreq.ifr_flags & (IFF_UP | IFF_RUNNING)) == (IFF_UP | IFF_RUNNING);
}

/* Reads the driver's name: sysfs would show the devices of the namespace that it was mounted in. */
bool device_is_bridge(const char *device)
{
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};

	return !request(device, SIOCETHTOOL, &info, NULL) && strcmp(info.driver, "bridge") == 0;
}
