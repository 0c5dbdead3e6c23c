/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reconciler over a fake snapshot, kernel and dataplane (compile_fake.h) with the real FIB engine. To begin with: VRF
 * "red", interface "a" on eth0 (3) with the address 192.0.2.254, next hop "hop", group "group", route 10.0.0.0/8.
 */
#ifndef SLUICE_TESTS_RECONCILER_FIXTURE_H
#define SLUICE_TESTS_RECONCILER_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "compile_fake.h"
#include "vnf/reconcile/reconciler.h"

struct loop;

extern struct loop *loop;
extern struct reconciler *reconciler;

int reconciler_set_up(void **state);
int reconciler_set_up_resumed(void **state); /* the same, as the state of the daemon before, behind generation 6 */
extern int fixture_result;		     /* what the set-up's commit is to return; 0 */
int reconciler_tear_down(void **state);

/* Changes of the commit in the making, and the commit: 0, or -errno and they are taken back. */
void change(struct resource *after);
void withdraw(enum resource_kind kind, const char *name);
void withdraw_route(const char *vrf, const char *prefix);
int commit(void);
extern const struct reconciler_gate *commit_gate; /* of commit(); NULL */
const struct snapshot *in_the_making(void);
bool is_changed(enum resource_kind kind, const char *name); /* in the making; or there is no room for more */
bool is_key_changed(const struct resource *resource);
void withdraw_this(const struct resource *resource);
/* A commit of these differences, which are not in the snapshot. */
void commit_delta(const struct delta *differences);

/* The active bank's tables say what they would if all were made at once of the snapshot and the kernel's facts. */
void assert_as_compiled_anew(void);

const struct bank *active(void);
const struct bank *idle(void);
void assert_banks_equal(void);
/* The same but for the FIB's pool and trees, which may differ in where things are. */
void assert_tables_equal(const struct bank *a, const struct bank *b);
/* A copy of a bank as it is; bank_free it. */
struct bank *copy_of(const struct bank *bank);
size_t table_rows(int table);
void assert_bank_is(const struct bank *bank, const struct bank *copy);

/* What a packet would find. */
struct dp_fib_leaf lookup_in(const struct bank *bank, const char *vrf, const char *address);
uint32_t route_to(const char *vrf, const char *address); /* in the active bank */
uint32_t group_to(const char *vrf, const char *address);

void run_loop_until_generation(uint64_t generation);

#endif
