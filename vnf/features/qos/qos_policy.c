/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/kinds/check.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/features/qos/qos.h"

#define DSCP_MOST 63 /* RFC 2474 3 */

static struct resource *decode(struct decoder *decoder, const void *message)
{
	const Sluice__V1__QosPolicy *from = message;
	struct qos_policy *policy = (struct qos_policy *)resource_new(RESOURCE_QOS_POLICY, sizeof(*policy));
	bool marks = from->dscp_set_case == SLUICE__V1__QOS_POLICY__DSCP_SET_DSCP;

	if (!policy)
		return NULL;
	policy->dscp = policy->excess_dscp = DP_DSCP_KEEP;
	if (*from->rate_limiter)
		policy->rate_limiter = decode_name(decoder, RESOURCE_RATE_LIMITER, "rate_limiter", from->rate_limiter);
	else if (!marks)
		decode_fault(decoder, "", "does nothing: set rate_limiter, dscp or both");
	if (marks && decode_range(decoder, "dscp", from->dscp, 0, DSCP_MOST))
		policy->dscp = (uint8_t)from->dscp;
	if (from->excess_dscp_set_case != SLUICE__V1__QOS_POLICY__EXCESS_DSCP_SET_EXCESS_DSCP)
		return &policy->resource;
	if (!*from->rate_limiter)
		decode_fault(decoder, "excess_dscp", "needs a rate_limiter with excess_rate");
	if (decode_range(decoder, "excess_dscp", from->excess_dscp, 0, DSCP_MOST))
		policy->excess_dscp = (uint8_t)from->excess_dscp;
	return &policy->resource;
}

static int encode(const struct resource *resource, void *message)
{
	const struct qos_policy *policy = (const struct qos_policy *)resource;
	Sluice__V1__QosPolicy *to = message;

	if (policy->dscp != DP_DSCP_KEEP) {
		to->dscp_set_case = SLUICE__V1__QOS_POLICY__DSCP_SET_DSCP;
		to->dscp = policy->dscp;
	}
	if (policy->excess_dscp != DP_DSCP_KEEP) {
		to->excess_dscp_set_case = SLUICE__V1__QOS_POLICY__EXCESS_DSCP_SET_EXCESS_DSCP;
		to->excess_dscp = policy->excess_dscp;
	}
	return policy->rate_limiter ? encode_text(&to->rate_limiter, policy->rate_limiter->text) : 0;
}

static bool equal(const struct resource *a, const struct resource *b)
{
	const struct qos_policy *x = (const struct qos_policy *)a, *y = (const struct qos_policy *)b;

	return x->rate_limiter == y->rate_limiter && x->dscp == y->dscp && x->excess_dscp == y->excess_dscp;
}

static void references(const struct resource *resource, reference_visit visit, void *context)
{
	struct handle *rate_limiter = ((const struct qos_policy *)resource)->rate_limiter;

	if (rate_limiter)
		visit(&(struct reference){rate_limiter, "rate_limiter", -1, NULL, false}, context);
}

static void check(struct check *check, const struct resource *before, const struct resource *after)
{
	const struct qos_policy *policy = (const struct qos_policy *)after;
	const struct rate_limiter *limiter;

	(void)before;
	if (!policy || policy->excess_dscp == DP_DSCP_KEEP)
		return;
	limiter = (const struct rate_limiter *)policy->rate_limiter->resource;
	if (limiter && !limiter->excess_rate)
		check_fault(check, ERROR_INVALID_ARGUMENT, "excess_dscp", -1, NULL,
			    "rate limiter \"%s\" has no excess_rate: set it there, or leave this out",
			    policy->rate_limiter->text);
}

extern const struct kind_ops qos_policy_ops;
const struct kind_ops qos_policy_ops = {
	.kind = RESOURCE_QOS_POLICY,
	.name = "qos_policy",
	.label = "QoS policy",
	.plural = "qos_policies",
	.limit = LIMIT_qos_policies,
	.message = &sluice__v1__qos_policy__descriptor,
	.key = {KEY_NAME, offsetof(Sluice__V1__QosPolicy, name), 0},
	.size = sizeof(struct qos_policy),
	.decode = decode,
	.encode = encode,
	.equal = equal,
	.references = references,
	.check = check,
};
