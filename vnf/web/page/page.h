/* SPDX-License-Identifier: Apache-2.0 */
/* The page for people: a few files that are part of the program. It asks for /api/... and changes nothing. */
#ifndef SLUICE_WEB_PAGE_H
#define SLUICE_WEB_PAGE_H

#include "vnf/web/http/path.h"

web_handle page_handle;

#endif
