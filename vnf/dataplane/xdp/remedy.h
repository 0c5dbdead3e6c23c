/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_DATAPLANE_REMEDY_H
#define SLUICE_DATAPLANE_REMEDY_H

/* What helps against the kernel's reason why a device has no native XDP. */
const char *xdp_remedy(const char *reason);

#endif
