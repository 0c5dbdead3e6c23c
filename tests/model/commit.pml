/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The protocol of a commit (docs/adr/0001, 0005): one writer, two CPUs that run packets, a thread on each. A bank is
 * two words, x and y, that a revision writes one after the other. Revisions that wait together go into the idle bank
 * one after the other, share a flip, and are acknowledged one after the other. Checked: a run finds both words of one
 * revision, one that a flip has shown whole, and none older than what was acknowledged when it began.
 *
 * Runs of a CPU may nest (a test run in process context, interrupted by a driver's softirq): the inner one ends first.
 * A watching thread makes a step only while its CPU has no run under way: bottom halves are disabled in a run, which disables
 * preemption.
 *
 * Each of these breaks the protocol, and the check must find it:
 *   NO_WAIT      the other bank is written at once
 *   ASK_FIRST    the threads are asked before the flip
 *   ONE_CPU      one CPU's thread is not waited for
 *   PREEMPTION   the threads run beside a run, as on PREEMPT_RT
 *   TWO_READS    a run reads the generation again for its second look-up
 *   EARLY_ANSWER the first of those that wait together is acknowledged before the flip
 *   SPLIT        they are acknowledged by one flip that comes between them
 */
#define CPUS	  2
#define REVISIONS 3
#define RUNS	  2 /* of each CPU, and two nested in each */

typedef Bank {
	byte x, y
};
Bank bank[2];
byte generation, acknowledged, question;
byte answered[CPUS];
byte runs[CPUS]; /* under way, nested ones too */

#ifdef ASK_FIRST
#define FLIP_AND_ASK question++; generation++
#else
#define FLIP_AND_ASK generation++; question++
#endif
#ifdef PREEMPTION
#define ON_CPU(cpu) true
#else
#define ON_CPU(cpu) (runs[cpu] == 0)
#endif
#ifdef ONE_CPU
#define WAITED_FOR 1
#else
#define WAITED_FOR CPUS
#endif

#define WRITE(revision)                                              \
	bank[1 - generation % 2].x = revision;                       \
	bank[1 - generation % 2].y = revision

active proctype writer()
{
	byte done, last, revision, cpu;

	do
	:: done == REVISIONS -> break
	:: else ->
		/* As many as happen to wait. */
		if
		:: last = done + 1
		:: done + 2 <= REVISIONS -> last = done + 2
		fi;
		/* The commits, in the idle bank, then the flip. */
		for (revision : done + 1 .. last) {
			WRITE(revision);
#ifdef EARLY_ANSWER
			acknowledged = revision;
#endif
#ifdef SPLIT
			if
			:: revision < last -> FLIP_AND_ASK
			:: else
			fi
#endif
		}
		FLIP_AND_ASK;
		for (revision : done + 1 .. last) {
			acknowledged = revision
		}
#ifndef NO_WAIT
		for (cpu : 0 .. WAITED_FOR - 1) {
			answered[cpu] == question
		}
#endif
		/* The settling: the difference of all of them at once. */
		WRITE(last);
		done = last
	od
}

proctype watch(byte cpu)
{
	byte asked;

	do
	:: true ->
end:		question != asked;
		asked = question;
		/* In user mode on this CPU. */
		ON_CPU(cpu);
		answered[cpu] = asked
	od
}

/* A run: what it reads, step by step. `nested` is what may happen between the steps. */
#ifdef TWO_READS
#define READ_AGAIN(read) read = generation % 2
#else
#define READ_AGAIN(read) skip
#endif
#define RUN(read, oldest, word, nested)                              \
	atomic { runs[number]++; oldest = acknowledged }             \
	read = generation % 2;                                       \
	nested;                                                      \
	word = bank[read].x;                                         \
	nested;                                                      \
	READ_AGAIN(read);                                            \
	atomic {                                                     \
		assert(bank[read].y == word);                        \
		assert(word >= oldest);                              \
		runs[number]--; read = 0; oldest = 0; word = 0       \
	}
#define NESTED                                                       \
	if                                                           \
	:: RUN(inner_read, inner_oldest, inner_word, skip)           \
	:: skip                                                      \
	fi

proctype processor(byte number)
{
	byte begun, read, oldest, word, inner_read, inner_oldest, inner_word;

	for (begun : 1 .. RUNS) {
		RUN(read, oldest, word, NESTED)
	}
}

init
{
	atomic {
		byte number;

		for (number : 0 .. CPUS - 1) {
			run watch(number);
			run processor(number)
		}
	}
}
