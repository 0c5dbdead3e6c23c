# shellcheck shell=bash
# shellcheck disable=SC2154 # variables are build.sh's
# SPDX-License-Identifier: Apache-2.0
# Sluice's own packages, from where everybody has them. The orchestrator is the host's, the documentation is elsewhere.

build_packages() {
	# Their time is their own, unless one was asked for: that of the last commit that changed them, so that they are
	# built once for who installs them here and elsewhere.
	SOURCE_DATE_EPOCH=$given_epoch "$root/orchestration/install/debian/build.sh" -o "$root/build/packages" &&
		mkdir "$work/packages" &&
		cp "$root"/build/packages/{sluice,sluicectl}_*.deb "$work/packages/"
}
