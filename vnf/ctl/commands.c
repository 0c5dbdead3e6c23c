/* SPDX-License-Identifier: Apache-2.0 */
/* A command is a row here and a file of its own. */
#include "vnf/ctl/commands.h"

#include <stdio.h>

#include "vnf/ctl/cli_complete.h"
#include "vnf/ctl/history.h"
#include "vnf/ctl/keys.h"
#include "vnf/ctl/kind.h"

static void print_kinds(void)
{
	printf("\nKinds:");
	for (unsigned int i = 0; kind_at(i); i++)
		printf(" %s", kind_at(i)->name);
	putchar('\n');
}

const struct cli_command commands[] = {
	{"apply", NULL, 0, 0,
	 TAKES_FILES | TAKES_YES | TAKES_DRY_RUN | TAKES_REHEARSAL | TAKES_REVISION | TAKES_PRUNE | TAKES_CONFIRM |
		 TAKES_OUTPUT,
	 command_apply,
	 "-f FILE... [-y] [--dry-run] [--rehearse] [--confirm TIME] [--expected-revision N] [--prune] [-o json]",
	 "Shows the changes that the files make, asks for confirmation on a terminal, and applies them in one commit.\n"
	 "  -f FILE                 YAML; - is the standard input; may be repeated\n"
	 "  -y, --yes               do not ask\n"
	 "  --dry-run               only show\n"
	 "  --rehearse              show what would become of sampled packets and of connections, too\n"
	 "  --confirm TIME          undo it after TIME (120, 120s, 2m, 1h), unless sluicectl confirm comes before\n"
	 "  --expected-revision N   refuse unless the router is at this revision\n"
	 "  --prune                 delete the owner's resources that the files do not name, in the same commit\n"
	 "  -o json                 print the answer as JSON, and no differences\n\n"
	 "Example: sluicectl apply -f tenant-a.yaml -f routes.yaml",
	 NULL, NULL},
	{"diff", NULL, 0, 2, TAKES_FILES | TAKES_REVISION | TAKES_PRUNE | TAKES_OUTPUT, command_diff,
	 "-f FILE... [--expected-revision N] [--prune] [-o json] | REVISION [REVISION] [-o json]",
	 "Shows the changes that the files would make, or what differs between two revisions; the second is the "
	 "newest\n"
	 "one where it is left out. Exit code 0: nothing, 1: something, 2: an error.\n\n"
	 "Example: sluicectl diff -f tenant-a.yaml\n         sluicectl diff 811 812",
	 history_offer_revisions, NULL},
	{"history", NULL, 0, 0, TAKES_OUTPUT | TAKES_ALL, command_history, "[-o table|wide|json] [-a]",
	 "Shows the last 20 revisions (-a: all that the router knows), the newest first: when, whose, what they "
	 "changed,\n"
	 "and whether they wait for their confirmation.\n\n"
	 "Example: sluicectl history",
	 NULL, NULL},
	{"confirm", NULL, 0, 1, TAKES_OUTPUT, command_confirm, "[REVISION] [-o json]",
	 "Keeps what the owner applied with --confirm. REVISION is one of those that wait; without it, whatever "
	 "waits.\n\n"
	 "Example: sluicectl confirm 812",
	 history_offer_revisions, NULL},
	{"rollback", NULL, 1, 1,
	 TAKES_YES | TAKES_DRY_RUN | TAKES_REHEARSAL | TAKES_REVISION | TAKES_CONFIRM | TAKES_OUTPUT, command_rollback,
	 "REVISION [-y] [--dry-run] [--rehearse] [--confirm TIME] [--expected-revision N] [-o json]",
	 "Brings the owner's resources back to what they were at a revision, in one commit; others' stay as they are.\n"
	 "Shows the changes and asks first, as apply does.\n\n"
	 "Example: sluicectl rollback 811",
	 history_offer_revisions, NULL},
	{"show", NULL, 1, 2,
	 TAKES_OUTPUT | TAKES_VRF | TAKES_ALL | TAKES_CONNECTIONS | TAKES_BY | TAKES_PROTOCOL | TAKES_PORT |
		 TAKES_RULE | TAKES_VERDICTS,
	 command_show,
	 "KIND [KEY] [-o table|wide|yaml|json] [--vrf VRF] [-a] [--prefix PREFIX] [--protocol PROTOCOL] [--port PORT] "
	 "[--rule RULE] [--member MEMBER] [--listener LISTENER] [--load-balancer LOAD-BALANCER] [--by source] "
	 "[--from REVISION] [--reason REASON]",
	 "KIND is a kind of resource, in the singular or plural, or one of\n"
	 "  all        every resource\n"
	 "  counters   verdicts of packets: forwarded, punted to the kernel, dropped\n"
	 "  drops      only drops, by reason (-a: also reasons that never occurred)\n"
	 "  verdicts   what became of packets by the revision that they met, and by rules that drop (--from, "
	 "--reason)\n"
	 "  ports      devices that the dataplane is attached to\n"
	 "  limits     sizes of the tables\n"
	 "  connections  those that stateful rules and services follow (--vrf, --prefix, --protocol, --port, --rule, "
	 "--member,\n"
	 "             --listener, --load-balancer: only these; --by source: the 20 sources, IPv6 by /64, that hold "
	 "most "
	 "of them)\n"
	 "KEY is a name, or VRF/PREFIX for a route. The output of -o yaml can be applied again.\n\n"
	 "Example: sluicectl show routes --vrf tenant-a",
	 show_complete, print_kinds},
	{"delete", NULL, 0, 2,
	 TAKES_FILES | TAKES_YES | TAKES_DRY_RUN | TAKES_REVISION | TAKES_CONFIRM | TAKES_OUTPUT | TAKES_VRF |
		 TAKES_ALL | TAKES_CONNECTIONS | TAKES_PROTOCOL | TAKES_PORT | TAKES_RULE,
	 command_delete,
	 "(KIND KEY | -f FILE...) [-y] [--dry-run] [--confirm TIME] [--expected-revision N] [-o json] | "
	 "connections [--vrf VRF] [--prefix PREFIX] [--protocol PROTOCOL] [--port PORT] [--rule RULE] [--member "
	 "MEMBER] [--listener LISTENER] "
	 "[--load-balancer LOAD-BALANCER] [-a]",
	 "Deletes one resource, or all that the files name, where they are there; or makes the router forget "
	 "connections\n"
	 "that all of the options select (-a: every one): their next packets are judged anew.\n\n"
	 "Example: sluicectl delete route tenant-a/10.9.0.0/16\n"
	 "         sluicectl delete -f tenant-a.yaml\n"
	 "         sluicectl delete connections --vrf tenant-a --prefix 10.9.0.7",
	 delete_complete, print_kinds},
	{"load", NULL, 1, 1, TAKES_VRF | TAKES_GROUP | TAKES_REVISION, command_load,
	 "FILE [--vrf VRF] [--next-hop-group GROUP] [--expected-revision N]",
	 "Stages a table of any size in one transaction, with progress, and commits it. FILE is YAML as apply takes "
	 "it, or "
	 "a\nlist with PREFIX or PREFIX GROUP on each line (# begins a comment); - is the standard input, gzip is "
	 "recognised.\n"
	 "  --vrf VRF               the VRF of a list's routes\n"
	 "  --next-hop-group GROUP  the group of a list's lines that name none\n"
	 "  --expected-revision N   refuse unless the router is at this revision\n\n"
	 "Example: sluicectl load table.txt.gz --vrf internet --next-hop-group transit",
	 cli_offer_files, NULL},
	{"replace", NULL, 0, 0, TAKES_FILES | TAKES_DRY_RUN | TAKES_VRF | TAKES_GROUP | TAKES_REVISION | TAKES_OUTPUT,
	 command_replace,
	 "-f FILE [--dry-run] [--vrf VRF] [--next-hop-group GROUP] [--expected-revision N] [-o table|json]",
	 "Makes the file everything that the owner has: what it has and the file does not name is deleted, in the "
	 "same\n"
	 "commit. FILE is as load takes it, of any size; - is the standard input. A list of prefixes is all routes of "
	 "the\nVRF, and concerns nothing else. A file that names nothing is refused.\n"
	 "  --dry-run               only show\n"
	 "  --vrf VRF               only what is of this VRF; and the VRF of a list's routes\n"
	 "  --next-hop-group GROUP  the group of a list's lines that name none\n"
	 "  --expected-revision N   refuse unless the router is at this revision\n\n"
	 "Example: sluicectl replace -f tenant-a.yaml --owner tenant-a",
	 NULL, NULL},
	{"stream", NULL, 0, 0, TAKES_FILES | TAKES_STOP, command_stream, "-f FILE [--stop]",
	 "Commits each document of the file by itself, in order, up to 256 of them in flight: what changes in quick\n"
	 "succession, such as routes. FILE is YAML as apply takes it, with --- between the commits; - is the standard\n"
	 "input. Refusals are printed with their lines, and then how many there were. Exit code 2: one was refused.\n"
	 "  --stop                  do nothing behind one that was refused\n\n"
	 "Example: bgp-to-yaml | sluicectl stream -f -",
	 NULL, NULL},
	{"watch", NULL, 0, 32, TAKES_OUTPUT | TAKES_VRF | TAKES_WATCH, command_watch,
	 "[KIND...] [--vrf VRF] [--from REVISION] [--programmed] [-o table|json]",
	 "Shows resources of these kinds (otherwise all but what is learned), then what changes, as packets meet it, a "
	 "line\nan event; Ctrl-C ends it.\n"
	 "  --from REVISION         only what has changed since then, where that is known\n"
	 "  --programmed            also when something is programmed, or is not any more\n"
	 "  -o json                 an object a line\n\n"
	 "Example: sluicectl watch routes --vrf tenant-a",
	 watch_complete, print_kinds},
	{"tx", "begin", 0, 0, TAKES_REVISION | TAKES_IDLE, command_tx_begin, "[--idle SECONDS] [--expected-revision N]",
	 "Opens a transaction and prints its id. It expires when it is not touched for its idle time.\n\n"
	 "Example: id=$(sluicectl tx begin --idle 300)",
	 NULL, NULL},
	{"tx", "stage", 1, 1, TAKES_FILES, command_tx_stage, "ID -f FILE...",
	 "Adds the changes of the files to a transaction.\n\nExample: sluicectl tx stage $id -f routes.yaml", NULL,
	 NULL},
	{"tx", "validate", 1, 1, TAKES_REHEARSAL, command_tx_validate, "ID [--rehearse]",
	 "Shows the changes that a commit would make, and with --rehearse what would become of sampled packets and of "
	 "connections.\n\nExample: sluicectl tx validate $id",
	 NULL, NULL},
	{"tx", "commit", 1, 1, TAKES_REVISION | TAKES_CONFIRM, command_tx_commit,
	 "ID [--confirm TIME] [--expected-revision N]",
	 "Commits the staged changes, all of them or none.\n\nExample: sluicectl tx commit $id", NULL, NULL},
	{"tx", "abort", 1, 1, 0, command_tx_abort, "ID", "Forgets a transaction.\n\nExample: sluicectl tx abort $id",
	 NULL, NULL},
	{"drain", NULL, 2, 2, TAKES_OUTPUT | TAKES_WAIT | TAKES_INTERVAL, command_drain,
	 "member|pool NAME [--wait TIME [--interval SECONDS]] [-o table|wide|json]",
	 "Shows how far a member, or each of a pool, has come with getting rid of its flows: since which generation no "
	 "new\n"
	 "flow comes to it, the connections that are left, how many of them began behind that, and how long the last "
	 "is\n"
	 "remembered if nothing more comes. Exit code 0: nothing is left, 1: something is, or flows come still.\n"
	 "  --wait TIME             until nothing is left, at most TIME (120, 120s, 2m, 1h), with progress; a sluiced "
	 "that\n"
	 "                          restarts is waited for\n"
	 "  --interval SECONDS      between two readings, 0.1 to 3600, default 2\n\n"
	 "Example: sluicectl drain member api-3 --wait 10m",
	 keys_offer_kind_and_key, NULL},
	{"explain", NULL, 0, 0, TAKES_PACKETS | TAKES_PORT | TAKES_PROTOCOL | TAKES_EXPLAIN | TAKES_OUTPUT,
	 command_explain,
	 "--interface INTERFACE (--from ADDRESS --to ADDRESS [--protocol PROTOCOL] [--sport PORT] [--dport PORT] "
	 "[--ttl "
	 "TTL] [--tcp-flags FLAGS] [--length BYTES] [--vni VNI] [--tunnel TUNNEL] | --packet HEX | --pcap FILE "
	 "[--packet-number N]) [--transaction ID] [-o table|wide|json]",
	 "Shows what would happen to a packet that comes by the interface (--port means the same), step by step: the "
	 "router's\n"
	 "own program is run, nothing is sent or counted. Exit code 0: it goes on, 1: it is dropped, 2: an error.\n"
	 "  --from, --to ADDRESS    its ends; --protocol, --sport, --dport: the upper-layer header; an echo request\n"
	 "                          where none is named\n"
	 "  --tcp-flags FLAGS       such as syn,ack; syn where none are named\n"
	 "  --vni VNI               put into the tunnel that has the VNI, or --tunnel TUNNEL\n"
	 "  --packet HEX            the frame from its Ethernet header on\n"
	 "  --pcap FILE             the first packet, or the N-th, of a pcap or pcapng file; - is the standard input\n"
	 "  --transaction ID        by the tables to which its commit would lead\n\n"
	 "Example: sluicectl explain --interface under0 --from 10.0.0.10 --to 198.51.100.10 --protocol tcp --dport 443",
	 NULL, NULL},
	{"trace", NULL, 0, 0,
	 TAKES_PACKETS | TAKES_PORT | TAKES_PROTOCOL | TAKES_RULE | TAKES_VRF | TAKES_FILTER | TAKES_COUNT |
		 TAKES_OUTPUT,
	 command_trace,
	 "--count N [--seconds N] [--interface INTERFACE] [--out-interface INTERFACE] [--vrf VRF] [--from PREFIX] "
	 "[--to PREFIX] "
	 "[--protocol PROTOCOL] [--sport PORT] [--dport PORT] [--either] [--vni VNI] [--tunnel TUNNEL] [--rule RULE] "
	 "[--reason REASON] [--verdict VERDICT] [-o table|wide|json]",
	 "Shows the steps of the next N packets that all of the options select, as they come; Ctrl-C ends it before. "
	 "Others\nare not slowed down.\n"
	 "  --seconds N             it ends after so many, however few packets came\n"
	 "  --either                addresses and ports may also fit the other way round: both directions of a flow\n"
	 "  --reason REASON         how their way ended, as \"show counters\" names it\n"
	 "  --verdict VERDICT       forwarded, punted, dropped or answered; may be repeated\n\n"
	 "Example: sluicectl trace --verdict dropped --vrf tenant-a --count 10",
	 NULL, NULL},
	{"capture", NULL, 0, 0,
	 TAKES_PACKETS | TAKES_PORT | TAKES_PROTOCOL | TAKES_RULE | TAKES_VRF | TAKES_FILTER | TAKES_COUNT |
		 TAKES_CAPTURE,
	 command_capture,
	 "--count N [--seconds N] [-w FILE] [--in] [--out] [--snap BYTES] [--interface INTERFACE] [--out-interface "
	 "INTERFACE] [--vrf "
	 "VRF] [--from PREFIX] [--to PREFIX] [--protocol PROTOCOL] [--sport PORT] [--dport PORT] [--either] [--vni "
	 "VNI] "
	 "[--tunnel TUNNEL] [--rule RULE] [--reason REASON] [--verdict VERDICT]",
	 "Captures the next N packets that all of the options select (see trace), as they came and as they leave; "
	 "Ctrl-C\nends it before.\n"
	 "  -w, --write FILE        as pcapng: an interface a port and a tunnel, both frames of a packet with one id, "
	 "VRF, "
	 "verdict\n"
	 "                          and generation in a comment; - is the standard output. Without it a line a "
	 "packet.\n"
	 "  --in, --out             only as they came, or as they leave\n"
	 "  --snap BYTES            of each frame, 14 to 1664, otherwise 256\n\n"
	 "Example: sluicectl capture --from 10.0.0.10 --either --count 1000 -w flow.pcapng",
	 NULL, NULL},
	{"latency", NULL, 0, 0,
	 TAKES_PACKETS | TAKES_PROTOCOL | TAKES_FLOWS | TAKES_INTERVAL | TAKES_COUNT | TAKES_OUTPUT, command_latency,
	 "[--from PREFIX] [--to PREFIX] [--protocol PROTOCOL] [--sport PORT] [--dport PORT] [--one-in N] [--interval "
	 "SECONDS] [--count N] [-o table|json]",
	 "Measures how long packets are at each member of a chain's stage, and how long it takes until what goes into "
	 "a\ntunnel or to a next hop by TCP is acknowledged: half of them no longer than P50, 99 of 100 than P99. "
	 "Ctrl-C "
	 "ends it.\n"
	 "  --from, --to, ...       only these flows, in both directions\n"
	 "  --one-in N              one flow in N (a power of two): where there are many packets\n"
	 "  --interval SECONDS      between two reports, 0.1 to 60, default 2; each tells of all since the beginning\n"
	 "  --count N               end after so many\n\n"
	 "Example: sluicectl latency --to 10.9.0.0/16 --one-in 16",
	 NULL, NULL},
	{"status", NULL, 0, 0, TAKES_OUTPUT, command_status, "[-o table|json]",
	 "Version, revision, commits that wait for their confirmation, ports with their XDP mode, limits in use.\n\n"
	 "Example: sluicectl status -o json",
	 NULL, NULL},
	{"top", NULL, 0, 0, TAKES_OUTPUT | TAKES_INTERVAL | TAKES_COUNT, command_top,
	 "[--interval SECONDS] [--count N] [-o table|json]",
	 "Shows what the router does now: packets and bits a second of interfaces, verdicts (drops first), tunnels, "
	 "stages\n"
	 "of chains and members of pools, the busiest first. On a terminal as a screen that fits its size, until q or\n"
	 "Ctrl-C; else as text, again and again.\n"
	 "  --interval SECONDS  between two readings, 0.1 to 3600, default 2\n"
	 "  --count N           end after so many\n"
	 "  -o json             rates between two readings; without --count once\n\n"
	 "Example: sluicectl top --interval 1\n         sluicectl top -o json",
	 NULL, NULL},
	{"preflight", NULL, 0, 64, TAKES_OUTPUT, command_preflight, "[DEVICE...] [-o table|json]",
	 "Checks this machine for all that keeps the router from working at its best: kernel, clock, memory, and for\n"
	 "each device, or for those that are named, the XDP mode that it can have, queues and offloads. Each finding\n"
	 "comes with its remedy. Exit code 1: an error was found.\n\nExample: sluicectl preflight eth1 eth2",
	 cli_offer_devices, NULL},
	{"whoami", NULL, 0, 0, TAKES_OUTPUT, command_whoami, "[-o table|json]",
	 "Shows who the router takes the caller for, how that was proved, and the rules of its access policy that "
	 "name\n"
	 "the caller: what one of them allows is allowed.\n\nExample: sluicectl whoami",
	 NULL, NULL},
	{"health", NULL, 0, 1, 0, command_health, "[SERVICE]",
	 "Asks for the router's health, or that of one of its services (grpc.health.v1), and prints it: for probes.\n"
	 "Exit code 0: SERVING, 1: not, 2: an error, 3: no answer.\n\n"
	 "Example: sluicectl --timeout 2 health",
	 NULL, NULL},
	{"version", NULL, 0, 0, 0, NULL, "", "Prints the version of sluicectl.\n\nExample: sluicectl version", NULL,
	 NULL},
	{"help", NULL, 0, 2, 0, NULL, "[COMMAND]",
	 "Prints this, or help on a command.\n\nExample: sluicectl help apply", cli_offer_commands, NULL},
	{.name = NULL},
};
