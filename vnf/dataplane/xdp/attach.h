/* SPDX-License-Identifier: Apache-2.0 */
/* Which ports have the programs, and which ones. */
#ifndef SLUICE_DATAPLANE_ATTACH_H
#define SLUICE_DATAPLANE_ATTACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Every port has the programs of the clsact qdisc. NATIVE: before them, in the driver, there is the one for XDP, too.
 */
enum xdp_mode { XDP_NONE, XDP_NATIVE, XDP_TC };

/* AUTO: XDP where nothing that the kernel keeps beside frames is lost by it (attach_choose.c). ALWAYS: wherever the
 * driver can, for who knows that his hosts finish checksums and segments themselves. */
enum xdp_choice { XDP_AUTO, XDP_ALWAYS, XDP_NEVER };

struct attachment {
	uint32_t ifindex;
	enum xdp_mode mode;
	char reason[160]; /* why not native */
};

/* The filters of the clsact qdisc: the router, and behind it what answers packets for it. */
enum tc_program { TC_ROUTER, TC_ANSWERS, TC_PROGRAMS };

struct attachments {
	int program, tc_program[TC_PROGRAMS]; /* descriptors, borrowed */
	enum xdp_choice choice;
	char *record;	 /* owned_programs.h; NULL: none */
	bool remembered; /* the programs are in there */
	bool leave;	 /* nothing is detached any more */
	size_t count;
	struct attachment *one;
};

/* As dataplane_attach and dataplane_detach. */
int attachments_add(struct attachments *attachments, uint32_t ifindex, enum xdp_mode *mode, char *reason, size_t size);
void attachments_remove(struct attachments *attachments, uint32_t ifindex);

/* Puts the programs back where they are not any more; a port that cannot be had is none of these any longer. */
void attachments_again(struct attachments *attachments);

/* Is it a port of these? */
bool attachments_has(const struct attachments *attachments, uint32_t ifindex);
enum xdp_mode attachments_mode(const struct attachments *attachments, uint32_t ifindex); /* NONE: it is not */

/* Detaches every port and frees what `attachments` holds; a zeroed one is fine. */
void attachments_end(struct attachments *attachments);

#endif
