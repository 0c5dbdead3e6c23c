/* SPDX-License-Identifier: Apache-2.0 */
#include "control_journal_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "failing.h"
#include "vnf/control/control_state.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/handles.h"
#include "vnf/control/kinds/kinds.h"

struct fixture fixture;
char directory[64];

const char *const base[] = {
	"upsert vrf name=under",
	"upsert vrf name=red",
	"upsert interface name=up device=eth0 vrf=under",
	"upsert interface name=in vrf=red",
	"upsert interface name=out vrf=red",
	"upsert tunnel_endpoint name=t1 kind=1 local_address=192.0.2.1 remote_address=192.0.2.2 "
	"underlay_vrf=under vni_bindings[0].vni=100 vni_bindings[0].vrf=red",
	"upsert next_hop name=gw gateway.interface=up gateway.address=192.0.2.254",
	"upsert next_hop name=th tunnel.tunnel_endpoint=t1 tunnel.vni=100 tunnel.mac=02:00:00:00:00:09",
	"upsert next_hop_group name=g members[0].next_hop=gw members[1].next_hop=th",
	"upsert route vrf=red prefix=10.0.0.0/8 next_hop_group=g",
	"upsert next_hop name=drop discard=",
	"upsert next_hop_group name=h members[0].next_hop=drop",
	"upsert route vrf=red prefix=2001:db8::/32 next_hop_group=h",
	"upsert port_pair name=p ingress=in egress=out",
	"upsert port_pair_group name=s port_pairs[0]=p",
	"upsert flow_classifier name=web vrf=red protocol=6 destination_ports.first=80",
	"upsert port_chain name=c flow_classifiers[0]=web port_pair_groups[0]=s symmetric=1",
	"upsert rate_limiter name=slow rate=1000000 excess_rate=8000",
	"upsert qos_policy name=gold rate_limiter=slow excess_dscp=10",
	"upsert ddos_profile name=d vrf=red syn_rate=10 amplification_ports[0]=53 amplification_rate=5",
	"upsert neighbor vrf=red address=10.1.2.3 mac=02:00:00:00:00:11",
	NULL,
};

void open_control(void)
{
	struct error error = {0};
	bool known;

	fixture_new(&fixture);
	if (control_restore(fixture.control, directory, &known, &error))
		fail_msg("%s: %s", error.fault[0].field, error.fault[0].message);
}

void kill_control(void)
{
	failing_disk = (struct failing_disk){.in = 1, .error = 5, .all = 1};
	fixture_free(&fixture);
	failing_disk = (struct failing_disk){0};
}

void restart(void)
{
	kill_control();
	open_control();
}

int journal_set_up(void **state)
{
	(void)state;
	snprintf(directory, sizeof(directory), "%s/sluice-control.XXXXXX",
		 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	assert_non_null(mkdtemp(directory));
	open_control();
	return 0;
}

static void remove_file(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	unlink(path);
}

int journal_tear_down(void **state)
{
	(void)state;
	fail_in = 0;
	failing_disk = (struct failing_disk){0};
	fixture_free(&fixture);
	remove_file("journal");
	remove_file("journal.new");
	assert_int_equal(rmdir(directory), 0);
	return 0;
}

char *view(void)
{
	const struct snapshot *snapshot = history_newest(&fixture.control->history);
	char *shown = dump(&fixture), *text;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	fprintf(file, "%s", shown);
	free(shown);
	for (int kind = kind_after(0); kind < RESOURCE_KINDS; kind = kind_after(kind))
		for (const struct resource *at = snapshot_next(snapshot, (enum resource_kind)kind, NULL); at;
		     at = snapshot_next(snapshot, (enum resource_kind)kind, at)) {
			char key[RESOURCE_KEY_TEXT];

			fprintf(file, "%d %s %u %llu %s\n", kind, resource_key_format(at, key), resource_id(at),
				(unsigned long long)at->revision, at->owner->text);
		}
	fclose(file);
	return text;
}

void assert_same_view(char *before)
{
	char *after = view();

	assert_string_equal(before, after);
	free(before);
	free(after);
}

enum error_code apply_as(const char *owner, Sluice__V1__Durability durability, const char *const *lines,
			 struct error *error)
{
	Sluice__V1__ApplyChangesRequest *request = changes_of(owner, lines);
	Sluice__V1__ApplyChangesResponse *response = message_new(&sluice__v1__apply_changes_response__descriptor);

	*error = (struct error){0};
	request->options->durability = durability;
	if (!control_apply(fixture.control, request, response, error))
		assert_int_equal(response->result->durability,
				 durability ? durability : SLUICE__V1__DURABILITY__DURABILITY_JOURNALED);
	message_free(request);
	message_free(response);
	return error->code;
}

void must_apply_as(const char *owner, Sluice__V1__Durability durability, const char *const *lines)
{
	struct error error;

	if (apply_as(owner, durability, lines, &error))
		fail_msg("%s", error.fault[0].message);
}
