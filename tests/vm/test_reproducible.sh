#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A second build has the same bytes.
. "$(dirname "$0")/../lab/lib.sh"
. "$(dirname "$0")/image.sh"

need_image
build_image "$lab/second.qcow2"
equal "$(sha256sum <"$lab/second.qcow2")" "$(sha256sum <"$image")" "the SHA-256 of a second build"
