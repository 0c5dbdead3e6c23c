# shellcheck shell=bash
# shellcheck disable=SC2154 # variables are build.sh's
# SPDX-License-Identifier: Apache-2.0
# The program: built for release in a folder of its own, and installed as in the image below $work/program.

build_program() {
	# Assertions name their source file: without this, by where the tree happens to be.
	cmake -S "$root" -B "$root/build/image/program" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo \
		-DCMAKE_INSTALL_PREFIX=/usr -DCMAKE_C_FLAGS="-ffile-prefix-map=$root=." &&
		cmake --build "$root/build/image/program" --target sluiced sluicectl sluice-health &&
		DESTDIR=$work/program cmake --install "$root/build/image/program/vnf" --strip # the orchestrator is the host's
}
