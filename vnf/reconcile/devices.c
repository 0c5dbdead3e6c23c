/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/reconcile/devices.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/dataplane/dataplane.h"

struct device {
	uint32_t ifindex;
	enum xdp_mode mode; /* XDP_NONE: it could not be attached */
	bool again;	    /* the link has changed: worth a look, or another try */
	bool wanted;	    /* not attached yet; by TC until it is known better */
	bool loose;	    /* in the list of those */
	char reason[160];
};

struct devices {
	struct dataplane *dataplane;
	pthread_mutex_t lock;  /* held to change the list, and to read it on another thread */
	struct device *device; /* in order of ifindex */
	size_t count, capacity;
	uint32_t *loose; /* ifindexes; room for all devices */
	size_t loose_count;
	size_t due; /* devices that devices_apply has to look at */
};

struct devices *devices_new(struct dataplane *dataplane)
{
	struct devices *devices = calloc(1, sizeof(*devices));

	if (!devices)
		return NULL;
	devices->dataplane = dataplane;
	pthread_mutex_init(&devices->lock, NULL);
	return devices;
}

/* Where the ifindex is, or would have to be put in. */
static size_t position(const struct devices *devices, uint32_t ifindex)
{
	size_t low = 0, high = devices->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (devices->device[middle].ifindex < ifindex)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct device *find(const struct devices *devices, uint32_t ifindex)
{
	size_t i = position(devices, ifindex);

	return i < devices->count && devices->device[i].ifindex == ifindex ? &devices->device[i] : NULL;
}

/* Is it up to devices_apply? One that could not be attached is tried by who wants it. */
static bool is_due(const struct device *device)
{
	return device->wanted || (device->again && device->mode != XDP_NONE);
}

static void drop(struct devices *devices, size_t i)
{
	if (is_due(&devices->device[i]))
		devices->due--;
	if (devices->device[i].mode != XDP_NONE && !devices->device[i].wanted)
		dataplane_detach(devices->dataplane, devices->device[i].ifindex);
	pthread_mutex_lock(&devices->lock);
	memmove(&devices->device[i], &devices->device[i + 1], (--devices->count - i) * sizeof(*devices->device));
	pthread_mutex_unlock(&devices->lock);
}

void devices_free(struct devices *devices)
{
	if (!devices)
		return;
	while (devices->count)
		drop(devices, devices->count - 1);
	pthread_mutex_destroy(&devices->lock);
	free(devices->device);
	free(devices->loose);
	free(devices);
}

static int grow(struct devices *devices)
{
	size_t capacity = devices->capacity ? devices->capacity * 2 : 16;
	uint32_t *loose = realloc(devices->loose, capacity * sizeof(*loose));
	struct device *grown;

	if (!loose)
		return -ENOMEM;
	devices->loose = loose;
	grown = realloc(devices->device, capacity * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	devices->device = grown;
	devices->capacity = capacity;
	return 0;
}

static int insert(struct devices *devices, const struct device *device)
{
	size_t i = position(devices, device->ifindex);
	int error = 0;

	pthread_mutex_lock(&devices->lock);
	if (devices->count == devices->capacity)
		error = grow(devices);
	if (error)
		goto out;
	memmove(&devices->device[i + 1], &devices->device[i], (devices->count++ - i) * sizeof(*devices->device));
	devices->device[i] = *device;
out:
	pthread_mutex_unlock(&devices->lock);
	return error;
}

/* The outcome of an attempt, in *device. */
static void attach(struct devices *devices, struct device *device)
{
	device->again = device->wanted = false;
	device->reason[0] = '\0';
	if (dataplane_attach(devices->dataplane, device->ifindex, &device->mode, device->reason,
			     sizeof(device->reason)) >= 0)
		return;
	device->mode = XDP_NONE;
	if (!device->reason[0])
		snprintf(device->reason, sizeof(device->reason), "the packet programs could not be attached");
}

static void replace(struct devices *devices, struct device *there, const struct device *device)
{
	pthread_mutex_lock(&devices->lock);
	*there = *device;
	pthread_mutex_unlock(&devices->lock);
}

int devices_want(struct devices *devices, uint32_t ifindex)
{
	struct device *there = find(devices, ifindex);
	struct device device = {.ifindex = ifindex, .mode = XDP_TC, .wanted = true};

	if (!there) {
		int error = insert(devices, &device);

		devices->due += !error;
		return error;
	}
	if (there->mode == XDP_NONE && there->again) {
		device = *there;
		attach(devices, &device);
		replace(devices, there, &device);
	}
	return there->mode != XDP_NONE ? 0 : -EIO;
}

void devices_apply(struct devices *devices, void (*changed)(void *context, uint32_t ifindex), void *context)
{
	for (size_t i = 0; devices->due && i < devices->count; i++) {
		struct device *there = &devices->device[i], device = *there;

		if (!is_due(there))
			continue;
		devices->due--;
		attach(devices, &device);
		if (device.mode != there->mode)
			changed(context, device.ifindex);
		replace(devices, there, &device);
	}
}

bool devices_transmit_xdp(const struct devices *devices, uint32_t ifindex)
{
	const struct device *device = find(devices, ifindex);

	return device && device->mode == XDP_NATIVE;
}

void devices_loosen(struct devices *devices, uint32_t ifindex)
{
	struct device *device = ifindex ? find(devices, ifindex) : NULL;

	if (!device || device->loose)
		return;
	device->loose = true;
	devices->loose[devices->loose_count++] = ifindex;
}

void devices_sweep(struct devices *devices, bool (*in_use)(void *context, uint32_t ifindex), void *context)
{
	while (devices->loose_count) {
		uint32_t ifindex = devices->loose[--devices->loose_count];
		size_t i = position(devices, ifindex);

		devices->device[i].loose = false;
		if (!in_use(context, ifindex))
			drop(devices, i);
	}
}

void devices_link_changed(struct devices *devices, uint32_t ifindex)
{
	struct device *device = find(devices, ifindex);

	if (!device || device->again)
		return;
	if (!device->wanted && device->mode != XDP_NONE)
		devices->due++;
	device->again = true;
}

static void copy(const struct device *device, uint8_t *mode, char *reason, size_t size)
{
	*mode = (uint8_t)device->mode;
	snprintf(reason, size, "%s", device->reason);
}

int devices_find(struct devices *devices, uint32_t ifindex, uint8_t *mode, char *reason, size_t size)
{
	const struct device *device;

	pthread_mutex_lock(&devices->lock);
	device = find(devices, ifindex);
	if (device)
		copy(device, mode, reason, size);
	pthread_mutex_unlock(&devices->lock);
	return device ? 0 : -ENOENT;
}

int devices_nth(struct devices *devices, size_t n, uint32_t *ifindex, uint8_t *mode, char *reason, size_t size)
{
	int error = -ENOENT;

	pthread_mutex_lock(&devices->lock);
	for (size_t i = 0; i < devices->count; i++) {
		if (devices->device[i].mode == XDP_NONE || n-- > 0)
			continue;
		*ifindex = devices->device[i].ifindex;
		copy(&devices->device[i], mode, reason, size);
		error = 0;
		break;
	}
	pthread_mutex_unlock(&devices->lock);
	return error;
}
