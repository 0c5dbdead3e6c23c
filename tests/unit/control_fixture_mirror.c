/* SPDX-License-Identifier: Apache-2.0 */
#include "control_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control_fixture_mirror.h"
#include "vnf/reconcile/reconciler.h"

struct fake_mirror fake_mirror;
const struct source_batch *fake_mirror_at_start;
static struct mirror_ops ops;
static struct source_batch out;

struct mirror *mirror_new(const struct mirror_ops *given, struct error *error)
{
	(void)error;
	ops = *given;
	return (struct mirror *)&fake_mirror;
}

static void forget_config(void)
{
	for (size_t i = 0; i < fake_mirror.configs; i++)
		free(fake_mirror.config[i].range);
	fake_mirror.configs = 0;
}

void mirror_free(struct mirror *mirror)
{
	if (!mirror)
		return;
	forget_config();
	memset(&fake_mirror, 0, sizeof(fake_mirror));
}

int mirror_follow(struct mirror *mirror, const struct source_config *config, size_t count)
{
	(void)mirror;
	assert_true(count <= sizeof(fake_mirror.config) / sizeof(fake_mirror.config[0]));
	forget_config();
	memcpy(fake_mirror.config, config, count * sizeof(*config));
	fake_mirror.configs = count;
	fake_mirror.follows++;
	return 0;
}

void fake_mirror_hand_out(const struct source_batch *batch)
{
	assert_null(fake_mirror.out);
	out = *batch;
	fake_mirror.out = &out;
	ops.ready(ops.context, fake_mirror.out);
}

void mirror_done(struct mirror *mirror, struct source_batch *batch, bool programmed)
{
	(void)mirror;
	assert_ptr_equal(batch, fake_mirror.out);
	fake_mirror.out = NULL;
	if (programmed)
		fake_mirror.taken++;
	else
		fake_mirror.refused++;
}

void mirror_again(struct mirror *mirror, const struct ip_prefix *prefix)
{
	(void)mirror;
	fake_mirror.again = *prefix;
}

int mirror_facts(struct mirror *mirror, uint32_t source, struct source_facts *facts)
{
	(void)mirror;
	for (size_t i = 0; i < fake_mirror.configs; i++)
		if (fake_mirror.config[i].source == source) {
			*facts = (struct source_facts){.state = 2, .updates = source};
			return 0;
		}
	return -ENOENT;
}

bool mirror_wait_first(struct mirror *mirror, uint64_t deadline_ms)
{
	struct source_batch batch;

	(void)mirror;
	(void)deadline_ms;
	if (!fake_mirror_at_start)
		return true;
	batch = *fake_mirror_at_start;
	batch.source = fake_mirror.config[0].source;
	fake_mirror_hand_out(&batch);
	return true;
}

/* The kernel's devices eth0, eth1 and so on have the numbers from 1 on. */
int reconciler_place(struct reconciler *reconciler, uint32_t ifindex, char device[16], uint16_t *vlan_id)
{
	(void)reconciler;
	if (!ifindex)
		return -ENOENT;
	snprintf(device, 16, "eth%u", ifindex - 1);
	*vlan_id = 0;
	return 0;
}
