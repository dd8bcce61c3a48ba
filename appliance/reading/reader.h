/* The client side of one daybreak-reader process: start it, ask it, notice its death, start it
 * again. The process may die of a hostile picture; that is what it is for. Whoever asks then halves
 * the batch to find the frame.
 *
 * Threads: one owner thread at a time for a reader; several readers may live in several threads. */
#pragma once

#include "reading/protocol.h"
#include "reading/read.h"

#include <sys/types.h>

struct reader;

/* The process ends with this status when the network on its descriptor does not open. */
enum { READER_NO_NETWORK = 3 };

/* The model that a process reads with. */
struct reader_model {
	int fd; /* a sealed memory file that holds network.bin; borrowed, the reader keeps a copy */
	const char *label; /* "NAME-VERSION" */
};

/* Runs program with the sandbox's socket as fd 3 and the network as fd 4, and waits for its HELLO.
 * ERR_UNAVAILABLE when it does not start or can not read with this network, ERR_CONFLICT when it is another
 * version than this client. */
bool reader_start(
    const char *program, const struct reader_model *model, struct reader **ret_reader, struct err *err);
void reader_stop(struct reader *reader);
OWN_DEFINE(struct reader *, reader_stop)

/* Cuts and reads time points; answers[i] is that of items[i]. Large batches go in several
 * messages. False: the process died, hung or broke the protocol (ERR_UNAVAILABLE): it has been
 * killed, the next call starts another, and the answers are void. */
bool reader_cut(struct reader *reader, const struct reader_item *items, size_t count,
    struct reader_answer *answers, struct err *err);
/* As reader_cut, but reads nothing: the readings are void. */
bool reader_crop(struct reader *reader, const struct reader_item *items, size_t count,
    struct reader_answer *answers, struct err *err);
/* Reads cuts that were made earlier. */
bool reader_read(struct reader *reader, const struct cut *cuts, size_t count, struct reading *ret_readings,
    struct err *err);

/* Starts the process again where it has died. A batch that then fails is to blame itself; when this fails,
 * no batch is: ERR_UNAVAILABLE. */
bool reader_wake(struct reader *reader, struct err *err);

/* Names the network and the code that reads with it; readings are stored under it. */
const uint8_t *reader_digest(const struct reader *reader);
const char *reader_label(const struct reader *reader);

/* Milliseconds one message may take before the process counts as hung and is killed. */
void reader_limit_time(struct reader *reader, int milliseconds);
/* The process id now, 0 between a death and the next start. For tests and alarms. */
pid_t reader_process(const struct reader *reader);
