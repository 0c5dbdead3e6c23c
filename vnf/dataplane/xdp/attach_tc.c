/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filters of our own handles and priorities at the ingress of the clsact qdisc: other people's stay, and those of a
 * smaller priority see packets first. The qdisc is made where there is none and left where it is, since others may use
 * it by then. Like XDP's, the attachment outlives the daemon.
 *
 * A priority each, as the kernel runs those of one priority in no order that a user chooses: the youngest first. That
 * of the answers is there before the router asks it, and as long as it does.
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

/* Both are shown by tc filter show. tc numbers filters by itself from 49152 down, so these are before them. */
static const struct {
	uint32_t handle, priority;
} filters[TC_PROGRAMS] = {[TC_ROUTER] = {0x51, 81}, [TC_ANSWERS] = {0x51, 82}};

/* Id of the program at our place; 0: none. 0 or -errno. */
static int program_there(uint32_t ifindex, enum tc_program which, uint32_t *id)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, options, .handle = filters[which].handle, .priority = filters[which].priority);
	char ignored[160];
	int status;

	libbpf_log_capture(ignored, sizeof(ignored));
	status = bpf_tc_query(&hook, &options);
	libbpf_log_capture(NULL, 0);
	*id = status ? 0 : options.prog_id;
	return status == -ENOENT || status == -EINVAL ? 0 : status; /* EINVAL: there is no clsact qdisc */
}

static uint32_t own_id(const struct attachments *attachments, enum tc_program which)
{
	struct bpf_prog_info info = {0};
	__u32 size = sizeof(info);

	return bpf_obj_get_info_by_fd(attachments->tc_program[which], &info, &size) ? 0 : info.id;
}

static bool one_attached(const struct attachments *attachments, uint32_t ifindex, enum tc_program which)
{
	uint32_t id;

	return !program_there(ifindex, which, &id) && id && id == own_id(attachments, which);
}

bool tc_attached(const struct attachments *attachments, uint32_t ifindex)
{
	return one_attached(attachments, ifindex, TC_ROUTER) && one_attached(attachments, ifindex, TC_ANSWERS);
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

static int add_filter(int program, uint32_t ifindex, enum tc_program which, char *reason, size_t size)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, options, .handle = filters[which].handle, .priority = filters[which].priority,
		    .prog_fd = program, .flags = BPF_TC_F_REPLACE);
	int status;

	libbpf_log_capture(reason, size);
	status = bpf_tc_attach(&hook, &options);
	libbpf_log_capture(NULL, 0);
	return status;
}

/* Is our place free, or a Sluice's? */
static int check_place(const struct attachments *attachments, uint32_t ifindex, enum tc_program which, char *reason,
		       size_t size)
{
	char name[BPF_OBJ_NAME_LEN];
	uint32_t there = 0;
	int status = program_there(ifindex, which, &there);

	if (status || !there || owned_programs_has(attachments->record, there, name, sizeof(name)))
		return status;
	snprintf(reason, size,
		 "the filter with our handle has the program %u%s%s: take it off first (tc filter delete dev DEVICE "
		 "ingress pref %u)",
		 there, *name ? " " : "", name, filters[which].priority);
	return -EBUSY;
}

int tc_attach(const struct attachments *attachments, uint32_t ifindex, char *reason, size_t size)
{
	static const enum tc_program order[TC_PROGRAMS] = {TC_ANSWERS, TC_ROUTER};
	int status = make_qdisc(ifindex, reason, size);

	for (int i = 0; i < TC_PROGRAMS && !status; i++)
		status = check_place(attachments, ifindex, order[i], reason, size);
	for (int i = 0; i < TC_PROGRAMS && !status; i++)
		status = add_filter(attachments->tc_program[order[i]], ifindex, order[i], reason, size);
	if (status && !reason[0])
		snprintf(reason, size, "clsact: %s", strerror(-status));
	return status;
}

/* 0 where a Sluice's program is at our place. */
static int check_ours(const struct attachments *attachments, uint32_t ifindex, enum tc_program which)
{
	char name[BPF_OBJ_NAME_LEN];
	uint32_t there;
	int status = program_there(ifindex, which, &there);

	if (status)
		return status;
	return there && owned_programs_has(attachments->record, there, name, sizeof(name)) ? 0 : -ENOENT;
}

int tc_replace(const struct attachments *attachments, uint32_t ifindex, int program)
{
	int status = check_ours(attachments, ifindex, TC_ROUTER);
	char reason[160] = "";

	return status ? status : add_filter(program, ifindex, TC_ROUTER, reason, sizeof(reason));
}

static int remove_filter(uint32_t ifindex, enum tc_program which)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, options, .handle = filters[which].handle, .priority = filters[which].priority);
	char ignored[160];
	int status;

	libbpf_log_capture(ignored, sizeof(ignored));
	status = bpf_tc_detach(&hook, &options);
	libbpf_log_capture(NULL, 0);
	return status;
}

int tc_clear(const struct attachments *attachments, uint32_t ifindex)
{
	int none = 0, status = 0;

	for (int i = 0; i < TC_PROGRAMS && !status; i++) {
		status = check_ours(attachments, ifindex, i);
		if (!status)
			status = remove_filter(ifindex, i);
		if (status == -ENOENT)
			none++, status = 0;
	}
	return status ? status : none < TC_PROGRAMS ? 0 : -ENOENT;
}

int tc_detach(const struct attachments *attachments, uint32_t ifindex)
{
	int status = 0;

	for (int i = 0; i < TC_PROGRAMS && !status; i++)
		if (one_attached(attachments, ifindex, i))
			status = remove_filter(ifindex, i);
	return status;
}
