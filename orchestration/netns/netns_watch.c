/* SPDX-License-Identifier: Apache-2.0 */
#include "orchestration/netns/netns_watch.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "orchestration/namespace.h"
#include "orchestration/process.h"

struct netns_watch {
	struct netns_watch *next;
	pid_t pid; /* 0: it has ended */
	int pidfd;
	struct event *event;
	void (*died)(void *context);
	void *context;
};

static void on_end(evutil_socket_t fd, short events, void *context)
{
	struct netns_watch *watch = context;

	(void)fd;
	(void)events;
	waitpid(watch->pid, NULL, WNOHANG); /* where it is our child */
	watch->pid = 0;
	watch->died(watch->context);
}

static void free_one(struct netns_watch *watch)
{
	if (watch->event)
		event_free(watch->event);
	if (watch->pidfd >= 0)
		close(watch->pidfd);
	free(watch);
}

void netns_watch_free(struct netns_watch *list)
{
	while (list) {
		struct netns_watch *next = list->next;

		free_one(list);
		list = next;
	}
}

/* Frees the watches that have ended; is this process watched? */
static bool is_watched(struct netns_watch **list, pid_t pid)
{
	bool watched = false;

	while (*list) {
		struct netns_watch *watch = *list;

		if (watch->pid) {
			watched |= watch->pid == pid;
			list = &watch->next;
		} else {
			*list = watch->next;
			free_one(watch);
		}
	}
	return watched;
}

static int add(struct netns_watch **list, struct event_base *base, pid_t pid, void (*died)(void *context),
	       void *context, struct error *error)
{
	struct netns_watch *watch;

	if (!pid || is_watched(list, pid))
		return 0;
	watch = calloc(1, sizeof(*watch));
	if (watch) {
		*watch =
			(struct netns_watch){.pid = pid, .pidfd = pidfd_open(pid, 0), .died = died, .context = context};
		if (watch->pidfd < 0 && errno == ESRCH) { /* already: the next look finds it */
			free(watch);
			return 0;
		}
		watch->event = watch->pidfd < 0 ? NULL : event_new(base, watch->pidfd, EV_READ, on_end, watch);
	}
	if (!watch || !watch->event || event_add(watch->event, NULL)) {
		error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL, "process %d cannot be watched", (int)pid);
		if (watch)
			free_one(watch);
		return -1;
	}
	watch->next = *list;
	*list = watch;
	return 0;
}

int netns_watch_add(struct netns_watch **list, struct event_base *base, const struct instance *instance,
		    void (*died)(void *context), void *context, struct error *error)
{
	char name[INSTANCE_NAME], mark[NAMESPACE_NAME];

	instance_name(instance, name);
	if (add(list, base, process_find(name), died, context, error))
		return -1;
	for (size_t i = 0; i < instance->stages; i++) {
		snprintf(mark, sizeof(mark), "%s.%s", name, instance->stage[i].name);
		if (add(list, base, process_find(mark), died, context, error))
			return -1;
	}
	return 0;
}
