/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_TESTS_UNIT_ORCHESTRATION_PAIR_H
#define SLUICE_TESTS_UNIT_ORCHESTRATION_PAIR_H

#include <stdio.h>

#include "orchestration/command.h"

/* A certificate that signed itself: NAME.crt for the address, and NAME.key. */
static inline int make_pair(const char *name, const char *address, struct error *error)
{
	char subject[64], key[64], certificate[64], extension[96];
	const char *const command[] = {
		"openssl", "req",   "-x509", "-newkey",	  "ec",	   "-pkeyopt", "ec_paramgen_curve:prime256v1",
		"-nodes",  "-days", "2",     "-subj",	  subject, "-addext",  extension,
		"-keyout", key,	    "-out",  certificate, NULL};

	snprintf(subject, sizeof(subject), "/CN=%s", name);
	snprintf(key, sizeof(key), "%s.key", name);
	snprintf(certificate, sizeof(certificate), "%s.crt", name);
	snprintf(extension, sizeof(extension), "subjectAltName=%s", address);
	return command_run(command, NULL, NULL, NULL, error);
}

#endif
