/* SPDX-License-Identifier: Apache-2.0 */
/* The access policy: identities, what rules allow, and files that change. */
#include <event2/event.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <cmocka.h>

#include "vnf/access/access.h"
#include "vnf/access/watch.h"
#include "vnf/core/loop.h"

static char directory[] = "/tmp/sluice-access-XXXXXX", path[64];

static const char policy_text[] =
	"rules:\n"
	"- name: operators\n  identities: [uid:0, gid:4242]\n  role: admin\n"
	"- identities: [\"spiffe://net.example/tenant/*\"]\n  role: write\n  owners: [a, \"b-*\"]\n  vrfs: [blue]\n"
	"  prefixes: [10.0.0.0/8, \"2001:db8::/32\"]\n"
	"- identities: [\"spiffe://net.example/tenant/two\"]\n  role: write\n  owners: [two]\n"
	"- identities: [cn:watcher]\n  role: read\n  methods: [sluice.v1.StateService/*]\n";

static void write_policy(const char *text)
{
	FILE *stream = fopen(path, "w");

	assert_non_null(stream);
	assert_int_equal(fputs(text, stream), 1);
	assert_int_equal(fclose(stream), 0);
}

static struct access *loaded(const char *text)
{
	struct access *access = access_new();
	struct error error = {0};

	assert_non_null(access);
	write_policy(text);
	if (access_load(access, path, &error))
		fail_msg("%s: %s", error.fault[0].field, error.fault[0].message);
	return access;
}

static struct access_caller *certified(struct access *access, const char *spiffe_id, const char *common_name)
{
	struct identity identity;

	identity_of_certificate(&identity, spiffe_id, NULL, common_name);
	return access_caller(access, &identity);
}

static void identities_of_certificates(void **state)
{
	char longest[400] = "spiffe://";
	struct identity identity;

	(void)state;
	identity_of_certificate(&identity, "spiffe://net.example/a", "host.example", "name");
	assert_string_equal(identity.name, "spiffe://net.example/a");
	assert_int_equal(identity.proof, IDENTITY_CERTIFICATE);
	identity_of_certificate(&identity, NULL, "host.example", "name");
	assert_string_equal(identity.name, "dns:host.example");
	identity_of_certificate(&identity, NULL, NULL, "name");
	assert_string_equal(identity.name, "cn:name");
	memset(longest + 9, 'x', 300);
	for (const char *const *bad =
		     (const char *const[]){"spiffe://a b", "spiffe://\xc3\xa9", "http://a", "", longest, NULL};
	     *bad; bad++) {
		identity_of_certificate(&identity, *bad, "host.example", "name");
		assert_string_equal(identity.name, "anonymous");
		assert_int_equal(identity.proof, IDENTITY_UNPROVED);
	}
	identity_of_certificate(&identity, NULL, NULL, NULL);
	assert_int_equal(identity.proof, IDENTITY_UNPROVED);
}

static void the_kernel_says_who_a_peer_is(void **state)
{
	struct identity identity;
	char expected[32];
	int fd[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	assert_true(identity_of_socket(&identity, fd[0]));
	snprintf(expected, sizeof(expected), "uid:%u", geteuid());
	assert_string_equal(identity.name, expected);
	assert_int_equal(identity.proof, IDENTITY_UNIX);
	assert_int_equal(identity.group[0], getegid());
	close(fd[0]);
	close(fd[1]);
	assert_false(identity_of_socket(&identity, fd[0]));
	assert_int_equal(identity.proof, IDENTITY_UNPROVED);
}

#define GET   "sluice.v1.StateService/GetResource"
#define APPLY "sluice.v1.ConfigService/ApplyChanges"

static void expect_call(struct access_caller *caller, const char *method, enum access_role needs, const char *says)
{
	struct error error = {0};
	int status = access_check_call(caller, method, needs, strcmp(method, GET) == 0, &error);

	assert_int_equal(status, says ? -1 : 0);
	if (!says)
		return;
	assert_int_equal(error.code, ERROR_PERMISSION_DENIED);
	if (!strstr(error.fault[0].message, says))
		fail_msg("%s", error.fault[0].message);
}

static void rules_allow_calls(void **state)
{
	struct access *access = loaded(policy_text);
	struct identity operator= {.proof = IDENTITY_UNIX, .name = "uid:7", .uid = 7, .group = {7, 4242}, .groups = 2};
	struct access_caller *tenant = certified(access, "spiffe://net.example/tenant/one", NULL),
			     *watcher = certified(access, NULL, "watcher"), *stranger = certified(access, NULL, "who"),
			     *root = access_caller(access, &operator);
	struct access_status status;

	(void)state;
	expect_call(root, APPLY, ROLE_WRITE, NULL);
	expect_call(root, "x.Y/Z", ROLE_ADMIN, NULL);
	expect_call(tenant, APPLY, ROLE_WRITE, NULL);
	expect_call(tenant, GET, ROLE_READ, NULL);
	expect_call(tenant, "x.Y/Z", ROLE_ADMIN,
		    "spiffe://net.example/tenant/one has the role write, and x.Y/Z needs admin");
	expect_call(watcher, GET, ROLE_READ, NULL);
	expect_call(watcher, APPLY, ROLE_WRITE, "has the role read, and " APPLY " needs write");
	expect_call(watcher, "sluice.v1.SystemService/GetSystem", ROLE_READ, "add it to the methods of a rule");
	expect_call(stranger, GET, ROLE_READ, "no rule names cn:who, which calls " GET);
	expect_call(stranger, GET, ROLE_NONE, NULL);
	access_status(access, &status);
	assert_int_equal(status.denied, 4);
	assert_int_equal(status.rules, 4);
	access_caller_put(tenant);
	access_caller_put(watcher);
	access_caller_put(stranger);
	access_caller_put(root);
	access_free(access);
}

static void expect_change(struct access_caller *caller, const char *owner, const char *vrf, const char *prefix_text,
			  const char *says)
{
	struct access_change change = {.owner = owner, .vrf = {vrf}, .vrfs = vrf ? 1 : 0};
	struct error error = {0};
	struct ip_prefix prefix;

	if (prefix_text) {
		assert_int_equal(ip_prefix_parse(prefix_text, &prefix), 0);
		change.prefix = &prefix;
	}
	assert_int_equal(access_check_change(caller, &change, "changes[0]", &error), says ? -1 : 0);
	if (says && !strstr(error.fault[0].message, says))
		fail_msg("%s", error.fault[0].message);
	if (says)
		assert_string_equal(error.fault[0].field, "changes[0]");
}

static void rules_allow_changes(void **state)
{
	struct access *access = loaded(policy_text);
	struct access_caller *one = certified(access, "spiffe://net.example/tenant/one", NULL),
			     *two = certified(access, "spiffe://net.example/tenant/two", NULL);

	(void)state;
	assert_true(access_is_scoped(one));
	expect_change(one, "a", "blue", "10.1.0.0/16", NULL);
	expect_change(one, "b-7", "blue", "10.0.0.0/8", NULL);
	expect_change(one, "a", NULL, NULL, NULL);
	expect_change(one, "a", "blue", "2001:db8:1::/48", NULL);
	expect_change(one, "a", "red", "10.1.0.0/16", "may not write to the VRF \"red\" as a");
	expect_change(one, "a", "blue", "0.0.0.0/0", "0.0.0.0/0 as a, which is in none of its prefixes");
	expect_change(one, "a", "blue", "11.0.0.0/16", "none of its prefixes");
	expect_change(one, "a", "blue", "a00::/16", "none of its prefixes"); /* the bytes of 10.0.0.0 */
	expect_change(one, "c", "blue", "10.1.0.0/16", "may not write as the owner \"c\"");
	expect_change(one, "two", "blue", "10.1.0.0/16", "may not write as the owner \"two\"");
	/* what one rule allows is allowed, but two do not add up */
	expect_change(two, "two", "red", "0.0.0.0/0", NULL);
	expect_change(two, "a", "red", "0.0.0.0/0", "may not write to the VRF \"red\"");
	expect_change(NULL, "c", "red", "0.0.0.0/0", NULL);
	access_caller_put(one);
	access_caller_put(two);
	access_free(access);
}

static void quotas_are_counted(void **state)
{
	static const char text[] = "rules:\n- {identities: [\"cn:*\"], role: read, quotas: {requests: 2}}\n"
				   "- {identities: [\"*\"], role: read, quotas: {requests: 9, transactions: 4}}\n"
				   "- {identities: [\"spiffe://x/admin\"], role: admin}\n";
	struct access *access = loaded(text);
	struct access_caller *one = certified(access, NULL, "one"), *two = certified(access, NULL, "two"),
			     *admin = certified(access, "spiffe://x/admin", NULL),
			     *three = certified(access, "spiffe://x/three", NULL);
	struct error error = {0};

	(void)state;
	assert_int_equal(access_quota(one, QUOTA_REQUESTS), 2);
	assert_int_equal(access_quota(one, QUOTA_TRANSACTIONS), 4);
	assert_int_equal(access_quota(one, QUOTA_STREAMS), 64); /* as no rule says one */
	assert_int_equal(access_quota(three, QUOTA_REQUESTS), 9);
	assert_int_equal(access_quota(NULL, QUOTA_REQUESTS), 0);
	assert_int_equal(access_take(one, QUOTA_REQUESTS, &error), 0);
	assert_int_equal(access_take(one, QUOTA_REQUESTS, &error), 0);
	assert_int_equal(access_take(one, QUOTA_REQUESTS, &error), -1);
	assert_int_equal(error.code, ERROR_RESOURCE_EXHAUSTED);
	assert_non_null(strstr(error.fault[0].message, "cn:one may have 2 calls in flight"));
	assert_non_null(strstr(error.fault[0].message, "raise quotas.requests"));
	assert_int_equal(access_take(two, QUOTA_REQUESTS, &error), 0); /* another's are its own */
	access_give(one, QUOTA_REQUESTS);
	assert_int_equal(access_take(one, QUOTA_REQUESTS, &error), 0);
	for (int i = 0; i < 64; i++)
		assert_int_equal(access_take(one, QUOTA_STREAMS, &error), 0);
	assert_int_equal(access_take(one, QUOTA_STREAMS, &error), -1);
	assert_int_equal(access_quota(admin, QUOTA_REQUESTS), 9);
	for (int i = 0; i < 100; i++)
		assert_int_equal(access_take(admin, QUOTA_STREAMS, &error), 0); /* there is no limit */
	access_caller_put(admin);
	access_caller_put(one);
	access_caller_put(two);
	access_caller_put(three);
	access_free(access);
}

static void without_a_policy_all_is_allowed(void **state)
{
	struct access *access = access_new();
	struct access_caller *caller = certified(access, NULL, "who");
	struct access_status status;

	(void)state;
	expect_call(caller, APPLY, ROLE_ADMIN, NULL);
	expect_change(caller, "a", "b", "0.0.0.0/0", NULL);
	assert_false(access_is_scoped(caller));
	assert_false(access_is_scoped(NULL));
	access_status(access, &status);
	assert_string_equal(status.path, "");
	access_caller_put(caller);
	access_free(access);
}

static void one_caller_for_an_identity(void **state)
{
	struct access *access = access_new();
	struct access_caller *first = certified(access, NULL, "one"), *again = certified(access, NULL, "one"),
			     *other = certified(access, NULL, "two");
	struct identity member = {.proof = IDENTITY_UNIX, .name = "uid:7", .uid = 7, .group = {7, 8}, .groups = 2};
	struct access_caller *before = access_caller(access, &member), *after;

	(void)state;
	assert_ptr_equal(first, again);
	assert_ptr_not_equal(first, other);
	member.groups = 1; /* it has left a group */
	after = access_caller(access, &member);
	assert_ptr_not_equal(before, after);
	for (struct access_caller **each = (struct access_caller *[]){first, again, other, before, after, NULL}; *each;
	     each++)
		access_caller_put(*each);
	access_free(access);
}

static void on_deadline(evutil_socket_t fd, short events, void *context)
{
	(void)fd;
	(void)events;
	*(bool *)context = true;
}

/* Until there are so many rules, and a fault or none. */
static void turn_until(struct loop *loop, struct access *access, size_t rules, bool fault)
{
	const struct timeval soon = {.tv_sec = 20};
	struct access_status status;
	bool late = false;
	struct event *deadline = evtimer_new(loop_base(loop), on_deadline, &late);

	evtimer_add(deadline, &soon);
	do {
		event_base_loop(loop_base(loop), EVLOOP_ONCE);
		access_status(access, &status);
	} while (!late && (status.rules != rules || fault != (status.fault[0] != '\0')));
	event_free(deadline);
	assert_false(late);
}

static void a_file_that_changes_is_read_again(void **state)
{
	static const char one[] = "rules:\n- {identities: [uid:0], role: read}\n";
	struct access *access = loaded(policy_text);
	struct loop *loop = loop_new();
	struct access_watch *watch = access_watch_new(loop, access, path);
	char other[80];

	(void)state;
	assert_non_null(watch);
	write_policy(one); /* over it */
	turn_until(loop, access, 1, false);
	write_policy("rules: nonsense\n");
	turn_until(loop, access, 1, true); /* the one before stays */
	snprintf(other, sizeof(other), "%s.new", path);
	assert_int_equal(rename(path, other), 0);
	write_policy(policy_text);
	turn_until(loop, access, 4, false);
	write_policy("rules: nonsense\n");
	turn_until(loop, access, 4, true);
	assert_int_equal(unlink(path), 0);
	write_policy(one);
	assert_int_equal(rename(path, other), 0);
	assert_int_equal(symlink(other, path), 0); /* a link that is turned */
	turn_until(loop, access, 1, false);
	write_policy(policy_text);
	raise(SIGHUP);
	turn_until(loop, access, 4, false);
	unlink(other);
	access_watch_free(watch);
	loop_free(loop);
	access_free(access);
}

static int begin(void **state)
{
	(void)state;
	if (!mkdtemp(directory))
		return -1;
	snprintf(path, sizeof(path), "%s/access.yaml", directory);
	return 0;
}

static int end(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(directory);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(identities_of_certificates), cmocka_unit_test(the_kernel_says_who_a_peer_is),
		cmocka_unit_test(rules_allow_calls),	      cmocka_unit_test(rules_allow_changes),
		cmocka_unit_test(quotas_are_counted),	      cmocka_unit_test(without_a_policy_all_is_allowed),
		cmocka_unit_test(one_caller_for_an_identity), cmocka_unit_test(a_file_that_changes_is_read_again),
	};

	return cmocka_run_group_tests_name("access", tests, begin, end);
}
