/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A filter of our own handle and priority at the ingress of the clsact qdisc: other people's filters stay, and those of
 * a smaller priority see packets first. The qdisc is made where there is none and left where it is, since others may
 * use it by then. Like XDP's, the attachment outlives the daemon.
 */
#include "vnf/dataplane/xdp/attach_tc.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>

#include "vnf/dataplane/xdp/libbpf_log.h"
#include "vnf/dataplane/xdp/owned_programs.h"

#define FILTER_HANDLE	0x51 /* "Sl" of 0x51uice; shown by tc filter show */
#define FILTER_PRIORITY 81   /* before those that tc numbers by itself, from 49152 down */

/* Id of the program at our place; 0: none. 0 or -errno. */
static int program_there(uint32_t ifindex, uint32_t *id)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, options, .handle = FILTER_HANDLE, .priority = FILTER_PRIORITY);
	char ignored[160];
	int status;

	libbpf_log_capture(ignored, sizeof(ignored));
	status = bpf_tc_query(&hook, &options);
	libbpf_log_capture(NULL, 0);
	*id = status ? 0 : options.prog_id;
	return status == -ENOENT || status == -EINVAL ? 0 : status; /* EINVAL: there is no clsact qdisc */
}

static uint32_t own_id(const struct attachments *attachments)
{
	struct bpf_prog_info info = {0};
	__u32 size = sizeof(info);

	return bpf_obj_get_info_by_fd(attachments->tc_program, &info, &size) ? 0 : info.id;
}

bool tc_attached(const struct attachments *attachments, uint32_t ifindex)
{
	uint32_t id;

	return !program_there(ifindex, &id) && id && id == own_id(attachments);
}

/* 0 or -errno. An ingress qdisc that is there does as well. */
static int make_qdisc(uint32_t ifindex, char *reason, size_t size)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = BPF_TC_INGRESS);
	int status;

	libbpf_log_capture(reason, size);
	status = bpf_tc_hook_create(&hook);
	libbpf_log_capture(NULL, 0);
	if (status == -EEXIST)
		status = 0;
	if (!status)
		reason[0] = '\0';
	return status;
}

static int add_filter(int program, uint32_t ifindex, char *reason, size_t size)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, options, .handle = FILTER_HANDLE, .priority = FILTER_PRIORITY, .prog_fd = program,
		    .flags = BPF_TC_F_REPLACE);
	int status;

	libbpf_log_capture(reason, size);
	status = bpf_tc_attach(&hook, &options);
	libbpf_log_capture(NULL, 0);
	return status;
}

int tc_attach(const struct attachments *attachments, uint32_t ifindex, char *reason, size_t size)
{
	char name[BPF_OBJ_NAME_LEN];
	uint32_t there = 0;
	int status = make_qdisc(ifindex, reason, size);

	if (!status)
		status = program_there(ifindex, &there);
	if (!status && there && !owned_programs_has(attachments->record, there, name, sizeof(name))) {
		snprintf(reason, size,
			 "the filter with our handle has the program %u%s%s: take it off first (tc filter delete dev "
			 "DEVICE "
			 "ingress pref %d)",
			 there, *name ? " " : "", name, FILTER_PRIORITY);
		return -EBUSY;
	}
	if (!status)
		status = add_filter(attachments->tc_program, ifindex, reason, size);
	if (status && !reason[0])
		snprintf(reason, size, "clsact: %s", strerror(-status));
	return status;
}

/* 0 where a Sluice's program is at our place. */
static int check_ours(const struct attachments *attachments, uint32_t ifindex)
{
	char name[BPF_OBJ_NAME_LEN];
	uint32_t there;
	int status = program_there(ifindex, &there);

	if (status)
		return status;
	return there && owned_programs_has(attachments->record, there, name, sizeof(name)) ? 0 : -ENOENT;
}

int tc_replace(const struct attachments *attachments, uint32_t ifindex, int program)
{
	int status = check_ours(attachments, ifindex);
	char reason[160] = "";

	return status ? status : add_filter(program, ifindex, reason, sizeof(reason));
}

static int remove_filter(uint32_t ifindex)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, options, .handle = FILTER_HANDLE, .priority = FILTER_PRIORITY);
	char ignored[160];
	int status;

	libbpf_log_capture(ignored, sizeof(ignored));
	status = bpf_tc_detach(&hook, &options);
	libbpf_log_capture(NULL, 0);
	return status;
}

int tc_clear(const struct attachments *attachments, uint32_t ifindex)
{
	int status = check_ours(attachments, ifindex);

	return status ? status : remove_filter(ifindex);
}

int tc_detach(const struct attachments *attachments, uint32_t ifindex)
{
	return tc_attached(attachments, ifindex) ? remove_filter(ifindex) : 0;
}
