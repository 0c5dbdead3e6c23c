/* SPDX-License-Identifier: Apache-2.0 */
/* whoami: prints who the router takes us for, and what its access policy lets us do. */
#include <stdio.h>

#include "sluice/v1/system_service.pb-c.h"
#include "vnf/ctl/commands.h"
#include "vnf/json/json_write.h"

static const char *proof_text(Sluice__V1__IdentityProof proof)
{
	switch (proof) {
	case SLUICE__V1__IDENTITY_PROOF__IDENTITY_PROOF_NONE:
		return "nothing proves it";
	case SLUICE__V1__IDENTITY_PROOF__IDENTITY_PROOF_UNIX_PEER:
		return "peer of the unix socket";
	case SLUICE__V1__IDENTITY_PROOF__IDENTITY_PROOF_CERTIFICATE:
		return "client's certificate";
	default:
		return "in a way that this sluicectl does not know";
	}
}

static void print_texts(const char *what, char *const *text, size_t count, const char *none)
{
	if (!count && !none)
		return;
	printf("    %-8s ", what);
	for (size_t i = 0; i < count; i++)
		printf("%s%s", i ? ", " : "", text[i]);
	printf("%s\n", count ? "" : none);
}

static void print_grant(const Sluice__V1__AccessGrant *grant)
{
	static const char *const roles[] = {"none", "read", "write", "admin"};
	bool scoped = grant->role == SLUICE__V1__ACCESS_ROLE__ACCESS_ROLE_WRITE || grant->reads_scope;
	size_t role = (size_t)grant->role;

	printf("  %s: %s\n", grant->rule, role < sizeof(roles) / sizeof(*roles) ? roles[role] : "?");
	print_texts("methods", grant->methods, grant->n_methods, NULL);
	print_texts("owners", grant->owners, grant->n_owners, scoped ? "all" : NULL);
	print_texts("vrfs", grant->vrfs, grant->n_vrfs, scoped ? "all" : NULL);
	print_texts("prefixes", grant->prefixes, grant->n_prefixes, scoped ? "all" : NULL);
	if (grant->reads_scope)
		printf("    reads    what is of these\n");
}

int command_whoami(void *context, char **arguments)
{
	struct session *session = context;
	Sluice__V1__WhoAmIRequest request = SLUICE__V1__WHO_AM_IREQUEST__INIT;
	Sluice__V1__WhoAmIResponse *response;
	struct error error;
	int rc = DONE;

	(void)arguments;
	if (session->options->output == OUTPUT_YAML) {
		fprintf(stderr, "error: only resources are shown as YAML: use -o json\n");
		return FAILED;
	}
	response =
		(void *)session_call(session, &sluice__v1__system_service__descriptor, "WhoAmI", &request.base, &error);
	if (!response)
		return session_report(&error, NULL, 0);
	if (session->options->output == OUTPUT_JSON) {
		rc = json_print(json_message(&response->base)) ? out_of_memory() : DONE;
	} else {
		printf("identity  %s (%s)\n", response->identity, proof_text(response->proof));
		printf("policy    %s\n", *response->policy ? response->policy : "none: whoever can connect may do all");
		printf("rules     %s\n", response->n_grants ? "" : "none: nothing is allowed");
		for (size_t i = 0; i < response->n_grants; i++)
			print_grant(response->grants[i]);
	}
	sluice__v1__who_am_iresponse__free_unpacked(response, NULL);
	return rc;
}
