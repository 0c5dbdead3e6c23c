/* SPDX-License-Identifier: Apache-2.0 */
/* Which ports have the program, and in which mode. */
#ifndef SLUICE_DATAPLANE_ATTACH_H
#define SLUICE_DATAPLANE_ATTACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum xdp_mode { XDP_NONE, XDP_NATIVE, XDP_GENERIC };

struct attachment {
	uint32_t ifindex;
	enum xdp_mode mode;
	char reason[160]; /* why not native */
};

struct attachments {
	int program;	 /* its descriptor, borrowed */
	char *record;	 /* owned_programs.h; NULL: none */
	bool remembered; /* the program is in there */
	size_t count;
	struct attachment *one;
};

/* As dataplane_attach and dataplane_detach. */
int attachments_add(struct attachments *attachments, uint32_t ifindex, enum xdp_mode *mode, char *reason, size_t size);
void attachments_remove(struct attachments *attachments, uint32_t ifindex);

/* Detaches every port and frees what `attachments` holds; a zeroed one is fine. */
void attachments_end(struct attachments *attachments);

#endif
