/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kernel's context of a packet, behind names of our own: so the same pipeline (router.h) can be built for XDP and
 * for other hooks. A program includes the header of its hook before router.h, and that header gives
 *
 *   struct ctx_buff                 the context
 *   ctx_data(), ctx_end()           where the linear part begins and ends
 *   ctx_length()                    bytes of the frame, fragment buffers included: by a call
 *   ctx_ingress()                   index of the device by which the frame came
 *   ctx_pull(size)                  makes that many bytes linear; may move the frame
 *   ctx_cut_head(bytes)             takes bytes off the frame's head, or adds them where negative; moves the frame
 *   ctx_redirect(device)            the verdict that sends the frame out of a device
 *   CTX_PASS, CTX_DROP              the other verdicts
 *
 * ctx_pull() and ctx_cut_head() answer 0, or a negative number where the frame does not allow it. A pointer into the
 * frame is worth nothing behind them.
 */
#ifndef SLUICE_BPF_CTX_H
#define SLUICE_BPF_CTX_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#ifndef CTX_PASS
#error "include the header of a hook, such as bpf/ctx_xdp.h, first"
#endif

/* Bytes of the linear part. */
static __always_inline __u32 ctx_linear(const struct ctx_buff *ctx)
{
	return ctx_end(ctx) - ctx_data(ctx);
}

#endif
