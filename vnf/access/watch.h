/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the policy again when its file changes, and at SIGHUP. */
#ifndef SLUICE_ACCESS_WATCH_H
#define SLUICE_ACCESS_WATCH_H

struct access;
struct access_watch;
struct loop;

/* Watches the file's directory, so that also a file that takes its name is noticed, and a link that is turned. The path
 * is borrowed. NULL: it cannot be watched, and errno says why. Control thread. */
struct access_watch *access_watch_new(struct loop *loop, struct access *access, const char *path);
void access_watch_free(struct access_watch *watch); /* NULL is fine */

#endif
