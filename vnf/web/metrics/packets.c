/* SPDX-License-Identifier: Apache-2.0 */
/* What became of packets. */
#include "vnf/control/control.h"
#include "vnf/web/http/message.h"
#include "vnf/web/metrics/groups.h"

static const char *verdict_text(Sluice__V1__Verdict verdict)
{
	static const char *const names[] = {"unspecified", "forwarded", "punted", "dropped", "answered"};

	return names[(unsigned int)verdict < sizeof(names) / sizeof(*names) ? verdict : 0];
}

void metrics_packets(struct scrape *scrape)
{
	static const struct metric packets = {"sluice_packets", METRIC_COUNTER, "packets",
					      "Packets, by what ended their way"};
	static const struct metric bytes = {"sluice_packet_bytes", METRIC_COUNTER, "bytes",
					    "Bytes of frames, by what ended their way"};
	Sluice__V1__ListPacketCountersResponse *answer =
		web_message_new(&sluice__v1__list_packet_counters_response__descriptor);
	struct text second = {0};
	struct error error = {0};

	if (!answer || control_packet_counters(scrape->control, answer, &error)) {
		scrape->text.failed = true;
		web_message_free(answer);
		return;
	}
	metric_begin(&scrape->text, &packets, scrape->open_metrics);
	metric_begin(&second, &bytes, scrape->open_metrics);
	for (size_t i = 0; i < answer->n_counters; i++) {
		const Sluice__V1__PacketCounter *counter = answer->counters[i];
		const struct label labels[] = {
			{"reason", counter->name}, {"verdict", verdict_text(counter->verdict)}, {NULL, NULL}};

		metric_sample(&scrape->text, &packets, labels, counter->counters->packets);
		metric_sample(&second, &bytes, labels, counter->counters->bytes);
	}
	text_move(&scrape->text, &second);
	web_message_free(answer);
}
