/* SPDX-License-Identifier: Apache-2.0 */
/* Ends a stream that the person at the terminal, or who closed the pipe, wants no more of. */
#ifndef SLUICE_CTL_INTERRUPT_H
#define SLUICE_CTL_INTERRUPT_H

#include <stdbool.h>

struct rpc_stream;

/* From here until interrupt_end, SIGINT and SIGTERM cancel the stream in place of ending the program. Before a stream
 * there may be none (NULL). One at a time. 0, or -1 and a line on stderr. */
int interrupt_begin(void);
void interrupt_cancels(struct rpc_stream *stream);
/* True: it was interrupted. */
bool interrupt_end(void);

#endif
