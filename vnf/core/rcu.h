/* SPDX-License-Identifier: Apache-2.0 */
/* The one flavour of liburcu that Sluice uses, and the one place that names it. */
#ifndef SLUICE_CORE_RCU_H
#define SLUICE_CORE_RCU_H

#define URCU_INLINE_SMALL_FUNCTIONS
#include <urcu/urcu-memb.h>

/* A thread that calls these has registered: */
#define rcu_thread_enter() urcu_memb_register_thread()
#define rcu_thread_leave() urcu_memb_unregister_thread()

#define rcu_reader_enter() urcu_memb_read_lock()
#define rcu_reader_leave() urcu_memb_read_unlock()

/* Pointers are published with rcu_assign_pointer and read, between enter and leave, with rcu_dereference. */

#endif
