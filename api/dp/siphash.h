/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * SipHash-1-3 (Aumasson, Bernstein: SipHash, a fast short-input PRF, 2012): a hash with a secret, without which nobody
 * can make keys meet. A message is taken word by word, little endian; the last word has the message's length in bytes
 * in its upper byte.
 */
#ifndef SLUICE_DP_SIPHASH_H
#define SLUICE_DP_SIPHASH_H

#include <linux/types.h>

struct dp_siphash {
	__u64 v0, v1, v2, v3;
};

static inline __attribute__((always_inline)) __u64 dp_rotate(__u64 x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static inline __attribute__((always_inline)) void dp_siphash_round(struct dp_siphash *s)
{
	s->v0 += s->v1;
	s->v1 = dp_rotate(s->v1, 13) ^ s->v0;
	s->v0 = dp_rotate(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = dp_rotate(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = dp_rotate(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = dp_rotate(s->v1, 17) ^ s->v2;
	s->v2 = dp_rotate(s->v2, 32);
}

static inline __attribute__((always_inline)) struct dp_siphash dp_siphash_begin(const __u64 secret[2])
{
	return (struct dp_siphash){secret[0] ^ 0x736f6d6570736575ULL, secret[1] ^ 0x646f72616e646f6dULL,
				   secret[0] ^ 0x6c7967656e657261ULL, secret[1] ^ 0x7465646279746573ULL};
}

static inline __attribute__((always_inline)) void dp_siphash_word(struct dp_siphash *s, __u64 word)
{
	s->v3 ^= word;
	dp_siphash_round(s);
	s->v0 ^= word;
}

static inline __attribute__((always_inline)) __u64 dp_siphash_end(struct dp_siphash *s)
{
	s->v2 ^= 0xff;
	dp_siphash_round(s);
	dp_siphash_round(s);
	dp_siphash_round(s);
	return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

#endif
