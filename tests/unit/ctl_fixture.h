/* SPDX-License-Identifier: Apache-2.0 */
/* sluicectl run by its command line in a directory of its own, against the fake control plane over a socket. */
#ifndef TESTS_UNIT_CTL_FIXTURE_H
#define TESTS_UNIT_CTL_FIXTURE_H

#define OUTPUT (1 << 22)
extern char output[OUTPUT]; /* of the last run: stdout and stderr */

int start(void **state);
int stop(void **state);

/* The path of a file in the directory; it lives until the next call. */
const char *in_directory(const char *name);
void write_file(const char *name, const char *text);

/* Runs "sluicectl <line>" in the directory, by a shell for its redirections. Returns the exit code. */
/* Runs a command of bash in the folder of the case, with $SLUICE_SERVER set; the exit code, and its output in `output`.
 */
int shell(const char *command);
int ctl(const char *line);
/* The same, with this exit code and this text in the output, or the test fails. */
void expect(const char *line, int code, const char *text);

#endif
