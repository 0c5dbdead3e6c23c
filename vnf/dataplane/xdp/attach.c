/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program on its ports: native where the driver can, else generic, and then loudly. Attached by netlink rather than
 * by a BPF link: the kernel then says why it refuses, and the program stays on the port when the daemon dies.
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
#include "vnf/dataplane/xdp/libbpf_log.h"
#include "vnf/dataplane/xdp/owned_programs.h"
#include "vnf/dataplane/xdp/remedy.h"

static const char *mode_name(enum xdp_mode mode)
{
	return mode == XDP_NATIVE ? "native" : "generic";
}

static uint32_t flags_of(enum xdp_mode mode)
{
	return mode == XDP_NATIVE ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE;
}

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

/* Makes the port free for us in `mode`: another mode's program of ours goes; nobody else's does. In the same mode it
 * is left to be replaced in one step, without a packet that meets none. */
static int make_way(const struct attachments *attachments, uint32_t ifindex, enum xdp_mode mode, char *reason,
		    size_t size)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);
	char name[BPF_OBJ_NAME_LEN];
	int status = bpf_xdp_query(ifindex, 0, &query);

	if (status || query.attach_mode == XDP_ATTACHED_NONE)
		return status;
	for (enum xdp_mode there = XDP_NATIVE; there <= XDP_GENERIC; there++) {
		uint32_t id = there == XDP_NATIVE ? query.drv_prog_id : query.skb_prog_id;

		if (!id)
			continue;
		if (!owned_programs_has(attachments->record, id, name, sizeof(name))) {
			snprintf(reason, size,
				 "the XDP program %u%s%s is on it: take it off first (ip link set dev DEVICE xdp off)",
				 id, *name ? " " : "", name);
			return -EBUSY;
		}
		if (there != mode)
			status = bpf_xdp_detach(ifindex, flags_of(there), NULL);
	}
	return status;
}

static int attach_in(struct attachments *attachments, uint32_t ifindex, enum xdp_mode mode, char *reason, size_t size)
{
	int status = make_way(attachments, ifindex, mode, reason, size);

	if (status)
		return status;
	libbpf_log_capture(reason, size);
	status = bpf_xdp_attach(ifindex, attachments->program, flags_of(mode), NULL);
	libbpf_log_capture(NULL, 0);
	if (status && !reason[0])
		snprintf(reason, size, "%s",
			 status == -EOPNOTSUPP ? "the driver does not support native XDP" : strerror(-status));
	return status;
}

/* For the daemon that comes after this one, before it can be needed. */
static void remember(struct attachments *attachments)
{
	struct bpf_prog_info info;
	int error = program_info(attachments->program, &info);

	if (attachments->remembered)
		return;
	attachments->remembered = true;
	if (!error)
		error = owned_programs_add(attachments->record, info.id);
	if (error)
		log_warning("%s: %s: after a crash the next daemon will not know the XDP program as Sluice's",
			    attachments->record, strerror(-error));
}

/* Still there, with our very program? A device may have been taken away, or the program taken off by hand. */
static bool still_attached(const struct attachments *attachments, const struct attachment *attachment)
{
	struct bpf_prog_info info;
	__u32 id;

	return !program_info(attachments->program, &info) &&
	       !bpf_xdp_query_id(attachment->ifindex, flags_of(attachment->mode), &id) && id == info.id;
}

int attachments_add(struct attachments *attachments, uint32_t ifindex, enum xdp_mode *mode, char *reason, size_t size)
{
	struct attachment *attachment = find(attachments, ifindex);
	char name[IF_NAMESIZE] = "?", why[sizeof(attachment->reason)] = "", generic[sizeof(why)] = "";
	int status;

	*mode = XDP_NONE;
	if (attachment && still_attached(attachments, attachment))
		goto done;
	if (!attachment) {
		attachment = realloc(attachments->one, (attachments->count + 1) * sizeof(*attachment));
		if (!attachment)
			return -ENOMEM;
		attachments->one = attachment;
		attachment += attachments->count;
		memset(attachment, 0, sizeof(*attachment));
		attachment->ifindex = ifindex;
		attachments->count++;
	}
	if_indextoname(ifindex, name);
	remember(attachments);
	attachment->mode = XDP_NATIVE;
	status = attach_in(attachments, ifindex, XDP_NATIVE, why, sizeof(why));
	if (status && status != -ENODEV && status != -EBUSY && status != -EPERM) {
		attachment->mode = XDP_GENERIC;
		status = attach_in(attachments, ifindex, XDP_GENERIC, generic, sizeof(generic));
		if (!status)
			log_warning("%s (ifindex %u): no native XDP (%s); in generic mode it is several times slower. "
				    "Remedy: %s",
				    name, ifindex, why, xdp_remedy(why));
	}
	if (status) {
		snprintf(reason, size, "%s", generic[0] ? generic : why);
		log_warning("%s (ifindex %u): cannot attach the XDP program: %s", name, ifindex, reason);
		*attachment = attachments->one[--attachments->count];
		return status;
	}
	snprintf(attachment->reason, sizeof(attachment->reason), "%s", why);
	log_info("%s (ifindex %u): XDP attached, %s mode", name, ifindex, mode_name(attachment->mode));
done:
	*mode = attachment->mode;
	snprintf(reason, size, "%s", attachment->reason);
	return 0;
}

void attachments_remove(struct attachments *attachments, uint32_t ifindex)
{
	struct attachment *attachment = find(attachments, ifindex);
	LIBBPF_OPTS(bpf_xdp_attach_opts, options, .old_prog_fd = attachments->program);
	char why[sizeof(attachment->reason)];
	int status;

	if (!attachment)
		return;
	/* Only our own: by now the port may have another's program, or be gone. */
	libbpf_log_capture(why, sizeof(why));
	status = bpf_xdp_detach(ifindex, flags_of(attachment->mode) | XDP_FLAGS_REPLACE, &options);
	libbpf_log_capture(NULL, 0);
	if (status && status != -ENODEV && status != -EEXIST)
		log_warning("ifindex %u: cannot detach the XDP program: %s", ifindex, strerror(-status));
	*attachment = attachments->one[--attachments->count];
}

void attachments_end(struct attachments *attachments)
{
	while (attachments->count)
		attachments_remove(attachments, attachments->one[attachments->count - 1].ifindex);
	free(attachments->one);
	free(attachments->record);
	*attachments = (struct attachments){0};
}
