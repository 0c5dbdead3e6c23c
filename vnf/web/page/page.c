/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/web/page/page.h"

#include <event2/buffer.h>
#include <string.h>

#include "vnf/web/page/files.h"

int page_handle(const struct web_request *request, struct web_answer *answer)
{
	const struct page_file *file = page_files;

	while (file->path && strcmp(file->path, request->path) != 0)
		file++;
	if (!file->path)
		return web_fail(answer, 404, "there is no such file");
	answer->type = file->type;
	answer->policy = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
	answer->cache = "no-cache"; /* it is asked for again, and answered by its tag */
	answer->etag = file->etag;
	return evbuffer_add_reference(answer->body, file->bytes, file->length, NULL, NULL);
}
