/* SPDX-License-Identifier: Apache-2.0 */
/* A control plane over a dataplane that is only a few variables, and short ways to write requests. */
#ifndef SLUICE_TESTS_CONTROL_FIXTURE_H
#define SLUICE_TESTS_CONTROL_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "api/dp/limits.h"
#include "vnf/control/control.h"

struct loop;

struct fixture {
	struct control *control;
	struct loop *loop;
};

/* What the program did and is to do. Set after fixture_new, which resets it. */
struct fake_program {
	bool fail;	  /* the next commit, with RESOURCE_EXHAUSTED "table full" */
	const char *full; /* there is no room for new VRFs from this name on: the same failure */
	unsigned int commits, settles;
	uint64_t generation;
	uint64_t dropped[128];	    /* packets of each reason, on top of that */
	bool uncounted;		    /* all counters are zero; else they tell their numbers */
	const char *missing_device; /* its interface waits for the device */
};
extern struct fake_program fake_program;
extern struct dp_limits fake_limits; /* as high as they can be */

void fixture_new(struct fixture *fixture);
void fixture_free(struct fixture *fixture);
/* Runs what the loop has to do right now. */
void fixture_turn(struct fixture *fixture);
/* Waits until the loop has nothing but timers to run until `done` says so, or fails after some seconds. */
void fixture_wait(struct fixture *fixture, bool (*done)(struct fixture *fixture));

/*
 * Changes, one a string: "op kind field=value ...", fields by their paths as in faults:
 *   "upsert tunnel_endpoint name=t1 kind=1 vni_bindings[0].vni=100 vni_bindings[0].vrf=red"
 * '~' stands for a space in values. NULL ends the list.
 */
Sluice__V1__ApplyChangesRequest *changes_of(const char *owner, const char *const *lines);
Sluice__V1__StageChangesRequest *stage_of(const char *transaction, const char *const *lines);
#define LINES(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Any message, by the same paths: "interface=up fields.source=10.0.0.1". Free with message_free. */
void *message_of(const ProtobufCMessageDescriptor *descriptor, const char *line);

/* Applies as owner "test". The answer (free with message_free), or NULL and the error. */
Sluice__V1__ApplyChangesResponse *apply(struct fixture *fixture, struct error *error, const char *const *lines);
void must_apply(struct fixture *fixture, const char *const *lines);
/* Fails with this fault among the others, and changes nothing. `text`: part of its message. */
void must_refuse(struct fixture *fixture, enum error_code code, const char *field, const char *text,
		 const char *const *lines);

/* The limit of this name, which there must be. */
const Sluice__V1__Limit *limit_named(const Sluice__V1__ListLimitsResponse *limits, const char *name);

/* Everything that a client can read, as one text: free it. */
char *dump(struct fixture *fixture);

#endif
