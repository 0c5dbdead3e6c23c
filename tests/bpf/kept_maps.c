/* SPDX-License-Identifier: Apache-2.0 */
/* Maps that outlive the daemon (vnf/dataplane/xdp/kept_maps.h), in a network and a mount namespace of the test's own.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "api/dp/hash.h"
#include "vnf/dataplane/bank/limits.h"
#include "vnf/dataplane/dataplane.h"
#include "vnf/dataplane/internal.h"
#include "vnf/dataplane/xdp/load_helper.h"

#define ROUTES	1000
#define SKIPPED 77 /* tells ctest */

static struct dp_limits limits = {.routes = ROUTES};

/* In a BPF file system of the test's own. */
static struct dataplane *daemon_with(const struct map_store *store, uint32_t routes)
{
	struct dataplane_options options = {
		.limits = {.routes = routes}, .xdp = XDP_ALWAYS, .store = store, .flow_salt = 1};
	int error;
	struct dataplane *one = dataplane_new(&options, &error);

	assert_non_null(one);
	return one;
}

static uint64_t count_of(const struct dataplane *of, uint32_t index)
{
	struct dp_counter counter;

	dataplane_counter(of, index, &counter);
	return counter.packets;
}

/* As a daemon that is killed: it leaves what it has left. */
static void kill_daemon(struct dataplane *one)
{
	dataplane_leave_attached(one);
	dataplane_free(one);
}

/* A packet by interface 9 on lo, by a bank that has nothing else. */
static void pass_by(struct dataplane *of)
{
	struct dp_port port = {.ifindex = if_nametoindex("lo"), .vrf = 1, .interface = 9};
	uint32_t slot = dp_hash((const __u64 *)&port, 1) & (bank_rows(dataplane_limits(of), DP_TABLE_ports) - 1);
	unsigned char frame[64] = {[12] = 0x08, [13] = 0x00, [14] = 0x45};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = sizeof(frame));

	dataplane_idle_bank(of)->ports[slot] = port;
	dataplane_flip(of);
	assert_int_equal(bpf_prog_test_run_opts(dataplane_program_fd(of), &options), 0);
}

static void set_about(const char *path, const struct kept_about *about)
{
	uint32_t first = 0;
	int fd = bpf_obj_get(path);

	assert_true(fd >= 0);
	assert_int_equal(bpf_map_update_elem(fd, &first, about, BPF_ANY), 0);
	close(fd);
}

static void test_maps_are_kept(void **state)
{
	const struct map_store store = {.directory = "/tmp/bpf/router/a"}, nowhere = {.directory = "/tmp/sluice-none"};
	struct kept_about about = {KEPT_MAGIC, kept_layout(), load_build(), 1234};
	struct dataplane *one, *other;

	(void)state;
	/* One that cannot be left anywhere works all the same. */
	one = daemon_with(&nowhere, ROUTES);
	dataplane_leave_maps(one);
	dataplane_free(one);
	/* Before it has left them, nobody finds them. */
	one = daemon_with(&store, ROUTES);
	assert_false(dataplane_counters_adopted(one));
	one->counters[DP_COUNTER_ROUTES + 7].packets = 5;
	one->tunnel_paths[3].path = 99;
	one->member_loads[3] = one->member_loads[4] = (struct dp_member_load){7, 8};
	one->limiters[1].time = one->limiters[2].time = one->limiters[2].excess_time = 5;
	other = daemon_with(&store, ROUTES);
	assert_false(dataplane_counters_adopted(other));
	dataplane_free(other);
	dataplane_leave_maps(one);
	kill_daemon(one);
	/* The next one's are the same, while both are there. */
	one = daemon_with(&store, ROUTES);
	assert_true(dataplane_counters_adopted(one) && dataplane_paths_adopted(one));
	assert_int_equal(count_of(one, DP_COUNTER_ROUTES + 7), 5);
	assert_int_equal(dataplane_tunnel_path(one, 3).path, 99);
	dataplane_counter_reset(one, DP_COUNTER_LIMITERS + 2); /* with which the limiter's buckets are empty */
	assert_int_equal(one->limiters[2].time + one->limiters[2].excess_time, 0);
	assert_int_equal(one->limiters[1].time, 5);
	dataplane_member_load_reset(one, 4);
	assert_int_equal(dataplane_member_load(one, 3).connections, 7);
	assert_int_equal(dataplane_member_load(one, 3).opened, 8);
	assert_int_equal(dataplane_member_load(one, 4).connections + dataplane_member_load(one, 4).opened, 0);
	dataplane_leave_maps(one);
	other = daemon_with(&store, ROUTES);
	pass_by(other);
	assert_int_equal(count_of(one, DP_COUNTER_RX + 9), 1);
	pass_by(one);
	assert_int_equal(count_of(other, DP_COUNTER_RX + 9), 2);
	kill_daemon(other);
	kill_daemon(one);
	/* Another build: all but what only programs know. */
	about.build++;
	set_about("/tmp/bpf/router/a/" KEPT_ABOUT, &about);
	one = daemon_with(&store, ROUTES);
	assert_int_equal(dataplane_counters_since(one), 1234);
	assert_int_equal(count_of(one, DP_COUNTER_ROUTES + 7), 5);
	assert_false(kept_maps_adopted(&one->kept, "owed"));
	assert_true(kept_maps_adopted(&one->kept, "fragments"));
	dataplane_leave_maps(one);
	kill_daemon(one);
	/* Other limits: the counters are of another size. Then the first ones' are gone, too. */
	one = daemon_with(&store, ROUTES + 1000);
	assert_false(dataplane_counters_adopted(one));
	assert_true(dataplane_paths_adopted(one));
	assert_int_equal(count_of(one, DP_COUNTER_ROUTES + 7), 0);
	assert_true(dataplane_counters_since(one) > 1234);
	dataplane_leave_maps(one);
	kill_daemon(one);
	one = daemon_with(&store, ROUTES);
	assert_false(dataplane_counters_adopted(one));
	dataplane_leave_maps(one);
	kill_daemon(one);
	/* Another layout, and what is no description: nothing fits. */
	about.layout++;
	set_about("/tmp/bpf/router/a/" KEPT_ABOUT, &about);
	one = daemon_with(&store, ROUTES);
	assert_false(dataplane_counters_adopted(one) || dataplane_paths_adopted(one));
	dataplane_leave_maps(one);
	assert_int_equal(access("/tmp/bpf/router/a/counters", F_OK), 0);
	/* One that takes its programs off leaves nothing. */
	dataplane_free(one);
	assert_int_not_equal(access("/tmp/bpf/router/a", F_OK), 0);
}

/* A frame by each port proves the program with its tables, and is in no counter afterwards. */
static void a_port_is_tried(void **state)
{
	struct dp_port port = {.ifindex = if_nametoindex("lo"), .interface = 9}, other = port, gone = port;
	struct dataplane *one = daemon_with(NULL, ROUTES);

	(void)state;
	other.interface = 8;
	gone.ifindex = 99999;
	assert_int_equal(dataplane_try_port(one, &port), -EBADMSG);
	pass_by(one);
	for (int i = 0; i < 3 * DP_PENDING_RECORDS; i++)
		assert_int_equal(dataplane_try_port(one, &port), 0);
	assert_int_equal(dataplane_try_port(one, &other), -EBADMSG);
	assert_int_equal(dataplane_try_port(one, &gone), -ENODEV);
	/* That of pass_by, and the one that should have been interface 8's. */
	assert_int_equal(count_of(one, DP_COUNTER_RX + 9), 2);
	assert_int_equal(count_of(one, DP_COUNTER_REASONS + DP_REASON_wrong_mac), 1);
	assert_int_equal(count_of(one, DP_COUNTER_REASONS + DP_REASON_unmanaged_port), 1);
	dataplane_free(one);
}

static uint32_t map_id(int fd)
{
	struct bpf_map_info info = {0};
	uint32_t size = sizeof(info);

	assert_int_equal(bpf_obj_get_info_by_fd(fd, &info, &size), 0);
	return info.id;
}

static void *serve_one(void *listener)
{
	int socket = accept(*(int *)listener, NULL, NULL);

	assert_true(socket >= 0);
	loader_serve(socket);
	close(socket);
	return NULL;
}

/* Of a loader that is there for it. */
static int ask(const struct loaded *adopted, struct loaded *loaded)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/tmp/loader"};
	int listener = socket(AF_UNIX, SOCK_SEQPACKET, 0), status;
	pthread_t thread;

	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(pthread_create(&thread, NULL, serve_one, &listener), 0);
	status = loader_ask(address.sun_path, LOAD_ROUTER, &limits, adopted, LOADER_TIMEOUT_MS, loaded);
	pthread_join(thread, NULL);
	close(listener);
	unlink(address.sun_path);
	return status;
}

/* The programs go on with maps that the daemon has, and with no others. */
static void with_maps_of_before(void **state)
{
	struct loaded before, adopted = {.count = 2}, loaded;

	(void)state;
	assert_int_equal(load_programs(LOAD_ROUTER, &limits, NULL, &before), 0);
	adopted.object[0] = (struct loaded_object){"counters", loaded_fd(&before, "counters")};
	adopted.object[1] = (struct loaded_object){"fragments", loaded_fd(&before, "fragments")};
	assert_int_equal(ask(&adopted, &loaded), 0);
	assert_int_equal(map_id(loaded_fd(&loaded, "counters")), map_id(loaded_fd(&before, "counters")));
	assert_int_equal(map_id(loaded_fd(&loaded, "fragments")), map_id(loaded_fd(&before, "fragments")));
	assert_int_not_equal(map_id(loaded_fd(&loaded, "pending")), map_id(loaded_fd(&before, "pending")));
	loaded_close(&loaded);
	/* one of another size */
	adopted.object[0].fd = loaded_fd(&before, "fragments");
	assert_int_equal(ask(&adopted, &loaded), -EPROTO);
	assert_int_equal(load_programs(LOAD_ROUTER, &limits, &adopted, &loaded), -EPROTO);
	/* and what is no map */
	adopted.object[0].fd = STDIN_FILENO;
	assert_int_equal(ask(&adopted, &loaded), -EINVAL);
	loaded_close(&before);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_maps_are_kept),
		cmocka_unit_test(a_port_is_tried),
		cmocka_unit_test(with_maps_of_before),
	};

	if (geteuid() || unshare(CLONE_NEWNET | CLONE_NEWNS)) {
		printf("SKIP: namespaces and a BPF program take root\n");
		return SKIPPED;
	}
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) || mount("tmpfs", "/tmp", "tmpfs", 0, NULL) ||
	    mkdir("/tmp/bpf", 0700) || mount("bpf", "/tmp/bpf", "bpf", 0, NULL)) {
		fprintf(stderr, "cannot mount a BPF file system: %s\n", strerror(errno));
		return 1;
	}
	limits_complete(&limits);
	return cmocka_run_group_tests_name("kept_maps", tests, NULL, NULL);
}
