/* SPDX-License-Identifier: Apache-2.0 */
/* sluicectl's YAML: any text gives changes, or faults that name their places, and leaks nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "vnf/ctl/yaml_read.h"

/* The number of changes; -1: refused. */
static int read_yaml(const uint8_t *data, size_t size)
{
	struct change_list list = {0};
	struct error error = {0};
	FILE *stream = fmemopen((void *)data, size, "r");
	int refused, count;

	if (!stream)
		abort();
	refused = yaml_read(&list, stream, "t.yaml", &error);
	fclose(stream);
	if (!refused != !error.count)
		abort();
	count = refused ? -1 : (int)list.count;
	for (size_t i = 0; !refused && i < list.count; i++)
		protobuf_c_message_get_packed_size(&list.change[i]->base);
	change_list_free(&list);
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size)
		read_yaml(data, size);
	return 0;
}

size_t fuzz_corpus(unsigned int n, uint8_t *bytes)
{
	static const char *const texts[] = {
		"vrf:\n  - name: tenant-a\n  - {name: underlay, gateway_addresses: [{address: 10.0.0.1/24}]}\n"
		"tunnel_endpoint:\n  - {name: host, kind: vxlan, local_address: 172.16.0.1, remote_address: "
		"172.16.0.10,\n"
		"     underlay_vrf: underlay, vni_bindings: [{vni: 100, vrf: tenant-a}]}\n"
		"next_hop_group:\n  - {name: \"g\\u00fc\", members: [{next_hop: a, weight: 16}, {next_hop: 'b'}]}\n"
		"route: [{vrf: tenant-a, prefix: \"2001:db8::/32\", next_hop_group: g}]\n"
		"delete:\n  route:\n    - {vrf: tenant-a, prefix: 10.9.0.0/16} # gone\n",
		"{\"vrf\": [{\"name\": \"a\"}], \"next_hop\": [{\"name\": \"d\", \"discard\": {}}]}\n---\nvrf: [{name: "
		"b}]\n...\n",
	};
	size_t size;

	if (n >= sizeof(texts) / sizeof(texts[0]))
		return 0;
	size = strlen(texts[n]);
	memcpy(bytes, texts[n], size);
	return size;
}

void fuzz_must_accept(const uint8_t *data, size_t size)
{
	if (read_yaml(data, size) < 3)
		abort();
}
