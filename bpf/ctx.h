/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kernel's context of a packet, behind names of our own: so the same pipeline (router.h) can be built for XDP and
 * for other hooks. A program includes the header of its hook before router.h, and that header gives
 *
 *   struct ctx_buff                 the context
 *   ctx_data(), ctx_end()           where the linear part begins and ends
 *   ctx_begin()                     makes the headers linear, where the hook can; the bytes that are there at least
 *   ctx_pull(size)                  makes so many bytes linear, if CTX_COMPLETE
 *   ctx_verified()                  has the device verified the outermost UDP or TCP checksum?
 *   ctx_length()                    bytes of the frame, fragment buffers included: may take a call
 *   ctx_segment()                   bytes of data of a segment into which the kernel cuts the frame later (GSO), if
 *                                   CTX_SEGMENTS; 0: it is sent as it is
 *   ctx_ingress()                   index of the device by which the frame came
 *   ctx_tag()                       the outermost VLAN tag, where it stands beside the frame: CTX_TAG and its control
 *                                   word (IEEE 802.1Q); else 0
 *   ctx_tag_proto()                 and the EtherType that says it
 *   ctx_load(offset, to, size)      copies bytes of the frame, fragment buffers included
 *   ctx_reshape(shape)              replaces what is in front of the IP header (ctx_shape.h); moves the frame
 *   ctx_cut_tail(size)              cuts the frame down to its first bytes
 *   ctx_push_tag(eth_proto, id)     puts a VLAN tag in front, if CTX_TAGS_BESIDE; moves the frame
 *   ctx_replace(replace)            puts 16 bits in the place of others, and moves the checksum that covers them, if
 *                                   CTX_COMPLETE
 *   ctx_change_checksum(change)     has a checksum take up changes, if CTX_COMPLETE
 *   ctx_redirect(device)            the verdict that sends the frame out of a device
 *   ctx_resolve(device, host)       the same to a host on its link, for whose MAC the kernel asks, if CTX_COMPLETE
 *   CTX_PASS, CTX_DROP              the other verdicts
 *   CTX_FUNCTION                    of a function that is inlined in XDP, which saves a call, and none in the complete
 *                                   program, which saves the verifier a look at each way to it
 *   CTX_COMPLETE                    is this the program that does everything? Else it leaves frames to that one
 *   CTX_TAGS_BESIDE                 are tags no part of the frame that leaves? Then ctx_reshape() takes them all off
 *
 * ctx_pull(), ctx_reshape(), ctx_cut_tail(), ctx_push_tag(), ctx_replace() and ctx_change_checksum() answer 0, or a
 * negative number where the frame does not allow it. A pointer into the frame is worth nothing behind them.
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

#endif
