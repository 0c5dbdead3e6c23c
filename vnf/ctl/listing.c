/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/ctl/listing.h"

#include <stdlib.h>
#include <string.h>

#define PAGE 5000

static int hand_out(const Sluice__V1__ListResourcesResponse *response, struct listing *listing)
{
	int rc = DONE;

	for (size_t i = 0; i < response->n_states && rc == DONE; i++)
		rc = listing->each(response->states[i], listing->context);
	if (rc == DONE && listing->page)
		rc = listing->page(listing->context);
	return rc;
}

int list_resources(struct session *session, unsigned int kind, struct listing *listing)
{
	Sluice__V1__ListResourcesRequest request = SLUICE__V1__LIST_RESOURCES_REQUEST__INIT;
	char *token = NULL;
	int rc = DONE;

	request.kind = kind;
	request.page_size = PAGE;
	if (listing->vrf)
		request.vrf = (char *)listing->vrf;
	do {
		Sluice__V1__ListResourcesResponse *response;
		struct error error;

		if (token)
			request.page_token = token;
		response = (Sluice__V1__ListResourcesResponse *)session_call(
			session, &sluice__v1__state_service__descriptor, "ListResources", &request.base, &error);
		free(token);
		token = NULL;
		if (!response)
			return session_report(&error, NULL, 0);
		listing->revision = response->revision;
		rc = hand_out(response, listing);
		if (rc == DONE && *response->next_page_token) {
			token = strdup(response->next_page_token);
			if (!token)
				rc = out_of_memory();
		}
		sluice__v1__list_resources_response__free_unpacked(response, NULL);
	} while (token && rc == DONE);
	free(token);
	return rc;
}
