/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/xdp/strays.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <string.h>
#include <unistd.h>

#include "vnf/core/log.h"
#include "vnf/dataplane/xdp/attach_tc.h"
#include "vnf/dataplane/xdp/closed_program.h"
#include "vnf/dataplane/xdp/owned_programs.h"

/* Takes a Sluice's XDP program off. 0; -ENOENT: there is none; or another -errno. */
static int clear_xdp(const struct attachments *attachments, uint32_t ifindex)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);
	char name[BPF_OBJ_NAME_LEN];
	int status = bpf_xdp_query((int)ifindex, 0, &query);

	if (status)
		return status;
	if (query.drv_prog_id && owned_programs_has(attachments->record, query.drv_prog_id, name, sizeof(name)))
		return bpf_xdp_detach((int)ifindex, XDP_FLAGS_DRV_MODE, NULL);
	if (query.skb_prog_id && owned_programs_has(attachments->record, query.skb_prog_id, name, sizeof(name)))
		return bpf_xdp_detach((int)ifindex, XDP_FLAGS_SKB_MODE, NULL);
	return -ENOENT;
}

/* Calls `visit` for every device that is no port. The first error that is not -ENOENT or -ENODEV, or 0. */
static int each_stray(const struct attachments *attachments,
		      int (*visit)(const struct attachments *attachments, const struct if_nameindex *device,
				   int program),
		      int program)
{
	struct if_nameindex *devices = if_nameindex();
	int result = 0;

	if (!devices)
		return -errno;
	for (const struct if_nameindex *device = devices; device->if_index; device++) {
		int status;

		if (attachments_has(attachments, device->if_index))
			continue;
		status = visit(attachments, device, program);
		if (!status || status == -ENOENT || status == -ENODEV)
			continue;
		log_warning("%s (ifindex %u): a daemon before this one has left packet programs there: %s",
			    device->if_name, device->if_index, strerror(-status));
		result = result ? result : status;
	}
	if_freenameindex(devices);
	return result;
}

static int detach_one(const struct attachments *attachments, const struct if_nameindex *device, int program)
{
	int xdp = clear_xdp(attachments, device->if_index), tc = tc_clear(attachments, device->if_index);

	(void)program;
	if (!xdp || !tc)
		log_info("%s (ifindex %u): detached: no interface is configured on it any more", device->if_name,
			 device->if_index);
	return xdp && xdp != -ENOENT ? xdp : tc;
}

/* First what drops everything that comes to it, then nothing comes past it. */
static int close_one(const struct attachments *attachments, const struct if_nameindex *device, int program)
{
	int status = tc_replace(attachments, device->if_index, program);

	if (status)
		return status;
	log_warning("%s (ifindex %u): it forwarded by a state that is not known any more: closed until it is "
		    "configured",
		    device->if_name, device->if_index);
	return clear_xdp(attachments, device->if_index);
}

void strays_detach(const struct attachments *attachments)
{
	each_stray(attachments, detach_one, -1);
}

/* The id goes where the next daemon, and this one, find which programs are Sluice's. */
static int load_closed(const struct attachments *attachments, int counters, uint32_t per_cpu)
{
	int program = closed_program_load(counters, per_cpu);
	struct bpf_prog_info info = {0};
	__u32 size = sizeof(info);

	if (program < 0)
		return program;
	if (bpf_obj_get_info_by_fd(program, &info, &size)) {
		int error = -errno;

		close(program);
		return error;
	}
	owned_programs_add(attachments->record, info.id);
	return program;
}

int strays_close(const struct attachments *attachments, int counters, uint32_t per_cpu)
{
	int program = load_closed(attachments, counters, per_cpu), status = program;

	if (program >= 0) {
		status = each_stray(attachments, close_one, program);
		close(program);
	}
	if (!status)
		return 0;
	log_error("cannot close the ports whose state is not known: %s", strerror(-status));
	return -1;
}
