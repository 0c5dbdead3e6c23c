/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Is this the twin that observes packets (api/dp/observe.h), and of the twin: does it only explain one? Then it writes
 * to nothing that other packets read. Both are known where the programs are compiled, or loaded: an ordinary program
 * has nothing of what stands behind them.
 */
#ifndef SLUICE_BPF_EXPLAINS_H
#define SLUICE_BPF_EXPLAINS_H

#ifdef OBSERVER
const volatile __u32 explains SEC(".rodata.explains"); /* the loader sets it */
#else
enum { OBSERVER = 0, explains = 0 };
#endif

#endif
