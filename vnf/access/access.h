/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may do what. Each call has a caller, one object for each identity that has calls; the policy that is in force
 * when something is asked decides, so that a new one also holds for calls that are under way. Without a policy every
 * caller may do everything: who can connect is then all that counts.
 *
 * Any thread may call these, but for access_load and access_check_file, which are the control thread's.
 */
#ifndef SLUICE_ACCESS_ACCESS_H
#define SLUICE_ACCESS_ACCESS_H

#include "vnf/access/policy.h"

struct access;
struct access_caller;

struct access *access_new(void);	 /* NULL: out of memory */
void access_free(struct access *access); /* after all callers; NULL is fine */

/* Reads the policy's file and, where all of it is right, puts it in force; else the one before stays, if there is one,
 * and access_status says why. 0, or -1 and *error. */
int access_load(struct access *access, const char *path, struct error *error);
/* Only looks whether access_load would take it. 0, or -1 and *error. */
int access_check_file(const char *path, struct error *error);

#define ACCESS_FAULT 520

struct access_status {
	char path[1024];	  /* "": there is no policy */
	char fault[ACCESS_FAULT]; /* why the file as it is now is not in force; "": it is */
	size_t rules;
	uint64_t denied; /* calls and changes, since the start */
};
void access_status(struct access *access, struct access_status *status);

/* --- callers --- */

/* A reference to the identity's caller; NULL: out of memory. */
struct access_caller *access_caller(struct access *access, const struct identity *identity);
struct access_caller *access_caller_get(struct access_caller *caller); /* one more; NULL is fine */
void access_caller_put(struct access_caller *caller);		       /* NULL is fine */
const struct identity *access_identity(const struct access_caller *caller);

/* On whose behalf this thread works; NULL: the router's own. Borrowed. A handler runs between enter and leave. */
struct access_caller *access_current(void);
void access_enter(struct access_caller *caller);
void access_leave(void);

/* The caller's rules with the policy that they are of, which is the caller's to put; NULL: there is no policy. */
struct policy *access_policy(struct access_caller *caller);

/* --- questions; 0, or -1 with PERMISSION_DENIED, which is counted and logged. NULL may do everything. --- */

/* `narrows`: the method asks an access_view what it may answer. */
int access_check_call(struct access_caller *caller, const char *method, enum access_role needs, bool narrows,
		      struct error *error);
/* At `field`. */
int access_check_owner(struct access_caller *caller, const char *owner, const char *field, struct error *error);

/* Is there a change that the caller could be refused? Where not, access_check_change need not be asked. */
bool access_is_scoped(struct access_caller *caller);

#define ACCESS_VRFS 300 /* of one change at most */

/* What a change touches; texts are borrowed. */
struct access_change {
	const char *owner;
	const char *vrf[ACCESS_VRFS];
	size_t vrfs;
	const struct ip_prefix *prefix; /* NULL: it has none */
};
int access_check_change(struct access_caller *caller, const struct access_change *change, const char *field,
			struct error *error);

/* --- what a caller sees: the rules by which it may call the method decide. Of a view only policy may be looked at. ---
 */

struct access_view {
	struct access_caller *caller; /* NULL: it sees everything */
	const char *method;
	struct policy *policy; /* NULL: likewise */
	bool all;
};
/* By the policy in force. caller NULL is fine; method outlives the view. */
void access_view_open(struct access_view *view, struct access_caller *caller, const char *method);
void access_view_close(struct access_view *view);	     /* a zeroed one is fine */
bool access_view_is_current(const struct access_view *view); /* there is no newer policy */
bool access_view_sees(const struct access_view *view, const struct access_change *what);
/* Who is told of what an owner does, wherever that is: by a rule that names the owner, or that narrows nothing. */
bool access_view_sees_owner(const struct access_view *view, const char *owner);

/* --- quotas: the first rule that names the caller and has the quota decides; where none has, there are defaults, which
 * do not hold for who has the role admin --- */

uint32_t access_quota(struct access_caller *caller, enum policy_quota quota); /* 0: there is no limit */
/* RESOURCE_EXHAUSTED: it has reached it. */
void access_quota_fault(struct access_caller *caller, enum policy_quota quota, struct error *error);
/* One more of what is counted here: calls, streams, connections. 0, or -1 and the fault; error NULL: without. */
int access_take(struct access_caller *caller, enum policy_quota quota, struct error *error);
void access_give(struct access_caller *caller, enum policy_quota quota); /* one less; NULL is fine */

#endif
