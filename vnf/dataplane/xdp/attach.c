/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The programs on their ports: those of the clsact qdisc on each, and before them XDP in the driver where that is
 * right and can be. Attached by netlink rather than by BPF links: the kernel then says why it refuses, and the programs
 * stay on the port when the daemon dies.
 */
#include "vnf/dataplane/xdp/attach.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/core/log.h"
#include "vnf/dataplane/xdp/attach_choose.h"
#include "vnf/dataplane/xdp/attach_tc.h"
#include "vnf/dataplane/xdp/libbpf_log.h"
#include "vnf/dataplane/xdp/owned_programs.h"
#include "vnf/dataplane/xdp/remedy.h"

static struct attachment *find(const struct attachments *attachments, uint32_t ifindex)
{
	for (size_t i = 0; i < attachments->count; i++) {
		if (attachments->one[i].ifindex == ifindex)
			return &attachments->one[i];
	}
	return NULL;
}

/* The program's id and name; 0 or -errno. */
static int program_info(int program, struct bpf_prog_info *info)
{
	__u32 size = sizeof(*info);

	memset(info, 0, sizeof(*info));
	return bpf_obj_get_info_by_fd(program, info, &size) ? -errno : 0;
}

/* Frees the port of XDP programs of ours; nobody else's is taken off. One in the driver is left, if `keep`, to be
 * replaced in one step, without a packet that meets none. 0 or -errno. */
static int make_way(const struct attachments *attachments, uint32_t ifindex, bool keep, char *reason, size_t size)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);
	char name[BPF_OBJ_NAME_LEN];
	int status = bpf_xdp_query(ifindex, 0, &query);

	if (status || query.attach_mode == XDP_ATTACHED_NONE)
		return status;
	for (int generic = 0; generic < 2; generic++) {
		uint32_t id = generic ? query.skb_prog_id : query.drv_prog_id;

		if (!id)
			continue;
		if (!owned_programs_has(attachments->record, id, name, sizeof(name))) {
			snprintf(reason, size,
				 "the XDP program %u%s%s is on it: take it off first (ip link set dev DEVICE xdp off)",
				 id, *name ? " " : "", name);
			return -EBUSY;
		}
		if (generic || !keep)
			status = bpf_xdp_detach(ifindex, generic ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE, NULL);
	}
	return status;
}

static int attach_native(struct attachments *attachments, uint32_t ifindex, char *reason, size_t size)
{
	int status;

	libbpf_log_capture(reason, size);
	status = bpf_xdp_attach(ifindex, attachments->program, XDP_FLAGS_DRV_MODE, NULL);
	libbpf_log_capture(NULL, 0);
	if (status && !reason[0])
		snprintf(reason, size, "%s",
			 status == -EOPNOTSUPP ? "the driver does not support native XDP" : strerror(-status));
	return status;
}

static int remember_one(struct attachments *attachments, int program)
{
	struct bpf_prog_info info;
	int error = program_info(program, &info);

	return error ? error : owned_programs_add(attachments->record, info.id);
}

/* For the daemon that comes after this one, before it can be needed. */
static void remember(struct attachments *attachments)
{
	int error;

	if (attachments->remembered)
		return;
	attachments->remembered = true;
	error = remember_one(attachments, attachments->program);
	for (int i = 0; i < TC_PROGRAMS && !error; i++)
		error = remember_one(attachments, attachments->tc_program[i]);
	if (error)
		log_warning("%s: %s: after a crash the next daemon will not know the packet programs as Sluice's",
			    attachments->record, strerror(-error));
}

/* Still there, with our very programs? A device may have been taken away, or a program taken off by hand. */
static bool still_attached(const struct attachments *attachments, const struct attachment *attachment)
{
	struct bpf_prog_info info;
	__u32 id;

	if (!tc_attached(attachments, attachment->ifindex))
		return false;
	return attachment->mode == XDP_TC ||
	       (!program_info(attachments->program, &info) &&
		!bpf_xdp_query_id(attachment->ifindex, XDP_FLAGS_DRV_MODE, &id) && id == info.id);
}

/* XDP in the driver, or in `why` the reason for doing without. 0 or -errno: the port cannot be had. */
static int attach_xdp(struct attachments *attachments, struct attachment *attachment, const struct probe_device *device,
		      char *why, size_t size)
{
	const char *objection = xdp_objection(device, attachments->choice);
	int status = make_way(attachments, attachment->ifindex, !objection, why, size);

	attachment->mode = XDP_TC;
	if (status)
		return status;
	if (objection) {
		snprintf(why, size, "%s", objection);
		return 0;
	}
	if (!attach_native(attachments, attachment->ifindex, why, size)) {
		attachment->mode = XDP_NATIVE;
		return 0;
	}
	log_warning("%s (ifindex %u): no native XDP (%s): it is several times slower. Remedy: %s", device->name,
		    attachment->ifindex, why, xdp_remedy(why));
	return make_way(attachments, attachment->ifindex, false, why, size);
}

/* First what handles everything, then what leaves to that what it does not handle. */
static int attach(struct attachments *attachments, struct attachment *attachment, char *why, size_t size)
{
	struct probe_device device;
	char name[IF_NAMESIZE];
	int status;

	if (!if_indextoname(attachment->ifindex, name) || probe_device(name, &device)) {
		snprintf(why, size, "there is no such device");
		return -ENODEV;
	}
	if (!device.ethernet) {
		snprintf(why, size, "it is not Ethernet");
		return -EOPNOTSUPP;
	}
	remember(attachments);
	status = tc_attach(attachments, attachment->ifindex, why, size);
	if (!status)
		status = attach_xdp(attachments, attachment, &device, why, size);
	if (status)
		(void)tc_detach(attachments, attachment->ifindex);
	else
		log_info("%s (ifindex %u): attached, %s%s", name, attachment->ifindex,
			 attachment->mode == XDP_NATIVE ? "XDP in native mode" : "TC only: ", why);
	return status;
}

/* NULL: out of memory. */
static struct attachment *add_one(struct attachments *attachments, uint32_t ifindex)
{
	struct attachment *grown = realloc(attachments->one, (attachments->count + 1) * sizeof(*grown));

	if (!grown)
		return NULL;
	attachments->one = grown;
	grown += attachments->count++;
	*grown = (struct attachment){.ifindex = ifindex};
	return grown;
}

int attachments_add(struct attachments *attachments, uint32_t ifindex, enum xdp_mode *mode, char *reason, size_t size)
{
	struct attachment *attachment = find(attachments, ifindex);
	char why[sizeof(attachment->reason)] = "";
	int status;

	*mode = XDP_NONE;
	if (attachment && still_attached(attachments, attachment))
		goto done;
	if (!attachment)
		attachment = add_one(attachments, ifindex);
	if (!attachment)
		return -ENOMEM;
	status = attach(attachments, attachment, why, sizeof(why));
	if (status) {
		snprintf(reason, size, "%s", why);
		log_warning("ifindex %u: cannot be a port: %s", ifindex, why);
		*attachment = attachments->one[--attachments->count];
		return status;
	}
	snprintf(attachment->reason, sizeof(attachment->reason), "%s", why);
done:
	*mode = attachment->mode;
	snprintf(reason, size, "%s", attachment->reason);
	return 0;
}

void attachments_again(struct attachments *attachments)
{
	char reason[sizeof(attachments->one->reason)];
	enum xdp_mode mode;

	for (size_t i = attachments->count; i > 0; i--) /* one that fails gives its place to the last */
		attachments_add(attachments, attachments->one[i - 1].ifindex, &mode, reason, sizeof(reason));
}

/* Only our own: by now the port may have another's program, or be gone. */
static int detach_xdp(const struct attachments *attachments, uint32_t ifindex)
{
	LIBBPF_OPTS(bpf_xdp_attach_opts, options, .old_prog_fd = attachments->program);
	char ignored[160];
	int status;

	libbpf_log_capture(ignored, sizeof(ignored));
	status = bpf_xdp_detach(ifindex, XDP_FLAGS_DRV_MODE | XDP_FLAGS_REPLACE, &options);
	libbpf_log_capture(NULL, 0);
	return status;
}

void attachments_remove(struct attachments *attachments, uint32_t ifindex)
{
	struct attachment *attachment = find(attachments, ifindex);
	int status = 0;

	if (!attachment)
		return;
	if (attachments->leave)
		goto out;
	if (attachment->mode == XDP_NATIVE)
		status = detach_xdp(attachments, ifindex);
	if (!status || status == -ENODEV || status == -EEXIST)
		status = tc_detach(attachments, ifindex);
	if (status && status != -ENODEV)
		log_warning("ifindex %u: cannot detach the packet programs: %s", ifindex, strerror(-status));
out:
	*attachment = attachments->one[--attachments->count];
}

bool attachments_has(const struct attachments *attachments, uint32_t ifindex)
{
	return find(attachments, ifindex) != NULL;
}

enum xdp_mode attachments_mode(const struct attachments *attachments, uint32_t ifindex)
{
	const struct attachment *one = find(attachments, ifindex);

	return one ? one->mode : XDP_NONE;
}

void attachments_end(struct attachments *attachments)
{
	while (attachments->count)
		attachments_remove(attachments, attachments->one[attachments->count - 1].ifindex);
	free(attachments->one);
	free(attachments->record);
	*attachments = (struct attachments){0};
}
