/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/reconcile/shown_links.h"

#include <stdatomic.h>
#include <stdlib.h>

struct shown_link {
	_Atomic uint32_t lack, hosts, learned;
	_Atomic uint64_t refused;
};

struct shown_links {
	uint32_t end;
	struct shown_link link[];
};

struct shown_links *shown_links_new(uint32_t interfaces)
{
	struct shown_links *links = calloc(1, sizeof(*links) + (interfaces + 1) * sizeof(links->link[0]));

	if (links)
		links->end = interfaces + 1;
	return links;
}

void shown_links_free(struct shown_links *links)
{
	free(links);
}

void shown_link_set_lack(struct shown_links *links, uint32_t interface, enum link_lack lack)
{
	if (interface < links->end)
		atomic_store_explicit(&links->link[interface].lack, lack, memory_order_relaxed);
}

void shown_link_set_hosts(struct shown_links *links, uint32_t interface, uint32_t hosts, uint32_t learned,
			  uint64_t refused)
{
	if (interface >= links->end)
		return;
	atomic_store_explicit(&links->link[interface].hosts, hosts, memory_order_relaxed);
	atomic_store_explicit(&links->link[interface].learned, learned, memory_order_relaxed);
	atomic_store_explicit(&links->link[interface].refused, refused, memory_order_relaxed);
}

void shown_link_read(const struct shown_links *links, uint32_t interface, struct link_facts *facts)
{
	*facts = (struct link_facts){0};
	if (interface >= links->end)
		return;
	facts->lack = (enum link_lack)atomic_load_explicit(&links->link[interface].lack, memory_order_relaxed);
	facts->hosts = atomic_load_explicit(&links->link[interface].hosts, memory_order_relaxed);
	facts->learned = atomic_load_explicit(&links->link[interface].learned, memory_order_relaxed);
	facts->refused = atomic_load_explicit(&links->link[interface].refused, memory_order_relaxed);
}
