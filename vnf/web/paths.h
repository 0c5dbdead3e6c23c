/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_WEB_PATHS_H
#define SLUICE_WEB_PATHS_H

#include "vnf/web/http/path.h"

/* Every path that sluiced serves; its handlers' context is the struct control. */
extern const struct web_path web_paths[];

#endif
