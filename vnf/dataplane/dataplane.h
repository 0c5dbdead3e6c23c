/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dataplane from the daemon's side: the loaded XDP program, its two banks in mapped memory, its counters. The only
 * place that knows libbpf.
 */
#ifndef SLUICE_DATAPLANE_DATAPLANE_H
#define SLUICE_DATAPLANE_DATAPLANE_H

#include <stddef.h>
#include <stdint.h>

#include "api/dp/reason.h"
#include "api/dp/bank.h"
#include "vnf/dataplane/bank/bank.h"
#include "vnf/dataplane/connections/connections.h"
#include "vnf/dataplane/xdp/attach.h"
#include "vnf/dataplane/xdp/map_store.h"

struct dataplane;

struct dataplane_options {
	struct dp_limits limits; /* size the tables; where one is 0: limits_complete's */
	/* A file, gone at boot, in which daemons leave the ids of their programs to the next. NULL: none. */
	const char *record;
	uint64_t flow_salt;	 /* of the flow hash; 0: the one in `salt_record`, which is made where there is none */
	const char *salt_record; /* a file; NULL: a new salt every time */
	/* Where maps that packets write come from, and are left to the next daemon by dataplane_leave_maps. Must live
	 * as long as the dataplane. NULL: they are this one's alone. */
	const struct map_store *store;
	/* The unix socket of who loads the program, loader.h. NULL: this process, which takes CAP_PERFMON. */
	const char *loader;
	int loader_socket;    /* of a process that loads more for this one later (load_helper.h); 0: there is none */
	enum xdp_choice xdp;  /* for every port */
	void (*loaded)(void); /* called when the program is loaded, before a thread is started; may be NULL */
};

/* Loads the program and maps the tables, both banks empty, generation 0. NULL and *error (-errno) on failure, with the
 * verifier's or libbpf's words in the log. */
struct dataplane *dataplane_new(const struct dataplane_options *options, int *error);
void dataplane_free(struct dataplane *dataplane); /* detaches every port; NULL is fine */

/* File descriptors of the XDP program and of those for the clsact qdisc, for test runs. */
int dataplane_program_fd(const struct dataplane *dataplane);
int dataplane_tc_program_fd(const struct dataplane *dataplane, enum tc_program which);

/* Attaches the programs of the clsact qdisc, and XDP in the driver where that is right: *mode says which and `reason`
 * (size bytes) why not XDP. 0 or -errno. Attached until detached or the dataplane is freed; attaching twice is fine. */
int dataplane_attach(struct dataplane *dataplane, uint32_t ifindex, enum xdp_mode *mode, char *reason, size_t size);
void dataplane_detach(struct dataplane *dataplane, uint32_t ifindex);
/* XDP_NONE: it is attached nowhere there. */
enum xdp_mode dataplane_port_mode(const struct dataplane *dataplane, uint32_t ifindex);

/* Whatever is attached stays so when the dataplane is freed, and packets go on by its last generation. */
void dataplane_leave_attached(struct dataplane *dataplane);
/* Puts the programs back onto their ports where another daemon has put its own there meanwhile. */
void dataplane_attach_again(struct dataplane *dataplane);
/* Detaches the programs of a daemon before this one from every device of this namespace that this dataplane is not
 * attached to. */
void dataplane_detach_strays(struct dataplane *dataplane);
/* Detaches every port, and those strays, whatever this dataplane is doing: the process ends next. Any thread. */
void dataplane_detach_all(const struct dataplane *dataplane);
/* Puts a program that drops everything in their place, until this dataplane is attached there. 0 or -1, and has logged
 * why. */
int dataplane_close_strays(struct dataplane *dataplane);

/* Are the counters, or the tunnels' paths, those of the daemon before, by the ids that it had? */
bool dataplane_counters_adopted(const struct dataplane *dataplane);
bool dataplane_paths_adopted(const struct dataplane *dataplane);
/* When they began at zero: seconds since 1970. Any thread. */
uint64_t dataplane_counters_since(const struct dataplane *dataplane);
/* Leaves the maps that packets write to the next daemon, unless the dataplane is freed and has not been left attached.
 * A failure is only logged: the next daemon begins anew. */
void dataplane_leave_maps(struct dataplane *dataplane);
/* The maps for a daemon that takes over, as kept_maps_hand. */
int dataplane_hand_maps(const struct dataplane *dataplane, int fd[], char *names, size_t size);

/* Sends the program a frame for another station, as if by the port, which is untagged and of no stage: it must count it
 * for the interface and drop it. It is taken out of the counters again. 0; -ENODEV: there is no such device; -EBADMSG:
 * that is not what became of it; or another -errno. */
int dataplane_try_port(struct dataplane *dataplane, const struct dp_port *port);

/* The tables of bank 0 or 1; they stay where they are. */
const struct bank *dataplane_bank(const struct dataplane *dataplane, unsigned int index);

/* How many of each resource this router holds; its tables have their sizes from it. */
const struct dp_limits *dataplane_limits(const struct dataplane *dataplane);

/* Words of a bank's tables of routes in use, as its owner has noted them. Any thread. */
void dataplane_note_fib_words(struct dataplane *dataplane, uint64_t held, uint64_t kept);
uint64_t dataplane_fib_words(const struct dataplane *dataplane);
uint64_t dataplane_fib_words_kept(const struct dataplane *dataplane); /* free, and for VRFs that have reserved them */

/* The salt of the flow hash, as it was configured or chosen. Any thread. */
uint64_t dataplane_flow_salt(const struct dataplane *dataplane);

/* The connections that packets follow, and how they do so by the bank that they read. Any thread. */
const struct connection_tables *dataplane_connections(const struct dataplane *dataplane);
struct conntracks dataplane_conntracks(const struct dataplane *dataplane);
/* Ages them from now on, on the loop, which must live longer. 0 or -ENOMEM. */
struct loop;
int dataplane_sweep_connections(struct dataplane *dataplane, struct loop *loop);

/* What packets have counted of the member; zeros past the end. Any thread. */
struct dp_member_load dataplane_member_load(const struct dataplane *dataplane, uint32_t member);
/* Zeroes it: an id is about to be given to something new. */
void dataplane_member_load_reset(struct dataplane *dataplane, uint32_t member);

/* The bank that packets do not read. After a flip that is the old one: wait before writing to it. */
const struct bank *dataplane_idle_bank(struct dataplane *dataplane);
unsigned int dataplane_idle_index(const struct dataplane *dataplane); /* 0 or 1 */

/* Shows the idle bank to the next packet and returns the new generation. */
uint64_t dataplane_flip(struct dataplane *dataplane);
uint64_t dataplane_generation(const struct dataplane *dataplane); /* any thread */

/* Generations go on behind this one; while both banks are empty and nothing is attached. */
void dataplane_start_at(struct dataplane *dataplane, uint64_t generation);

/* Returns when no run of the program can still read the idle bank. By the thread that flipped. */
void dataplane_wait_readers(struct dataplane *dataplane);

/* What packets have found out about the tunnel; zeros past the end. Of tunnel 0: how often that has changed for any.
 * Any thread. */
struct dp_tunnel_path dataplane_tunnel_path(const struct dataplane *dataplane, uint32_t tunnel);
/* Zeroes it: an id is about to be given to something new. */
void dataplane_tunnel_path_reset(struct dataplane *dataplane, uint32_t tunnel);

/* Sum over the CPUs of counter `index` (DP_COUNTER_*); any thread. Zeros past the end. */
void dataplane_counter(const struct dataplane *dataplane, uint32_t index, struct dp_counter *sum);
/* Of all reasons (DP_COUNTER_REASONS), in one pass; any thread. */
void dataplane_reason_counters(const struct dataplane *dataplane, struct dp_counter sum[DP_REASON_COUNT]);
/* Zeroes it: an id is about to be given to something new. With the counter of a rate limiter its buckets are empty. */
void dataplane_counter_reset(struct dataplane *dataplane, uint32_t index);

#endif
