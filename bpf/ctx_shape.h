/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a hook has to know to replace what is in front of the IP header that a packet is routed by. */
#ifndef SLUICE_BPF_CTX_SHAPE_H
#define SLUICE_BPF_CTX_SHAPE_H

#include <stdbool.h>

#include <linux/types.h>

#define CTX_TAG (1U << 16) /* there is a tag beside the frame: its control word is in the lower half */

/* Families are 4 or 6. */
struct ctx_shape {
	__u32 l3;    /* offset of the IP header now, */
	__u32 link;  /* and what shall be in front of it: Ethernet and tags, */
	__u32 encap; /* and behind these a tunnel's headers; 0: none */
	__u8 tags;   /* on the frame now, */
	__u8 beside; /* and how many of them beside it */
	__u8 family; /* of that IP header; of a piece between tunnels of one family that one, */
	__u8 from;   /* of the tunnel's by which it came; 0: none, */
	__u8 plain;  /* and in which there was no Ethernet header, */
	__u8 into;   /* and of the tunnel's into which it goes, */
	__u8 udp;    /* which is one over UDP, */
	__u8 frame;  /* and has an Ethernet header inside */
};

/* 16 bits that the checksum of an upper layer covers. */
struct ctx_replace {
	__u32 offset, l4; /* of them, and of what the checksum covers */
	__u32 checksum;	  /* offset of that */
	__be16 from, to;
};

/* A checksum that takes up changes (RFC 1624): of the pseudo-header, and of the bytes that it covers. */
struct ctx_change {
	__u32 checksum; /* offset */
	__u32 pseudo, data;
	__u8 may_be_none; /* UDP's: 0 says that there is none */
};

#endif
