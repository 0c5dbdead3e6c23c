/* SPDX-License-Identifier: Apache-2.0 */
/* The resources of bench_commit_kinds: what is changed, and what it is beside. */
#ifndef SLUICE_BENCH_COMMIT_KINDS_H
#define SLUICE_BENCH_COMMIT_KINDS_H

struct loop;

void world_open(struct loop *loop);
void world_close(void);
void world_add_changed(void);
void world_add_others(void);

/* One commit that changes this kind's resource to what it was not before: two variants in turns. */
void change_vrf(unsigned int turn);
void change_interface(unsigned int turn);
void change_tunnel(unsigned int turn);
void change_next_hop(unsigned int turn);
void change_group(unsigned int turn);
void change_route(unsigned int turn);
void change_pair(unsigned int turn);
void change_pair_group(unsigned int turn);
void change_classifier(unsigned int turn);
void change_chain(unsigned int turn);

/* One commit that creates one, in even turns, or deletes it. */
void churn_vrf(unsigned int turn);
void churn_interface(unsigned int turn);
void churn_tunnel(unsigned int turn);
void churn_next_hop(unsigned int turn);
void churn_group(unsigned int turn);
void churn_route(unsigned int turn);
void churn_pair(unsigned int turn);
void churn_pair_group(unsigned int turn);
void churn_classifier(unsigned int turn);
void churn_chain(unsigned int turn);

#endif
