/* SPDX-License-Identifier: Apache-2.0 */
/* The page's files; what defines them is made from them by embed.cmake. */
#ifndef SLUICE_WEB_PAGE_FILES_H
#define SLUICE_WEB_PAGE_FILES_H

#include <stddef.h>

struct page_file {
	const char *path; /* NULL: the table ends */
	const char *type;
	const char *etag; /* a weak one (RFC 9110, section 8.8.3): the body may be packed on its way */
	const unsigned char *bytes;
	size_t length;
};

extern const struct page_file page_files[];

#endif
