/* SPDX-License-Identifier: Apache-2.0 */
/* A server of HTTP in this process, and clients of it by their sockets. */
#ifndef SLUICE_TESTS_WEB_FIXTURE_H
#define SLUICE_TESTS_WEB_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "vnf/web/http/path.h"
#include "vnf/web/http/web.h"

#define LONG_BYTES 60000 /* of the answer to /long */

/* Serves /hello, /long, /refuse and /memory. */
struct web *web_start(char *address, bool wait);
struct web *web_start_serving(void); /* at some port of loopback */
extern const struct web_path web_fixture_paths[];
extern char world[]; /* the context of handlers */

int open_connection(const struct web *web); /* waits for the server to listen */
void say(int fd, const char *text);

extern char heard[2 * LONG_BYTES];
/* Reads until `end` is in what was heard (NULL: until the connection ends), 10 s at most; how much that was. */
size_t hear(int fd, const char *end);
void expect(const char *text); /* in what was heard */

/* One request on a connection of its own, which the server is asked to close. */
size_t ask(const struct web *web, const char *line, const char *headers);

#endif
