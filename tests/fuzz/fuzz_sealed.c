/* rooms: wire */
/* Any bytes as a sealed question or answer. The keys are the test's own, so the corpus holds ones that open. */
#include "wire/pack.h"
#include "wire/sealed.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char private_pem[] = "-----BEGIN EC PRIVATE KEY-----\n"
				  "MHcCAQEEICiqvzDrSuHc2WCNr7FXKzHN+L38WVwwxIaD61fUZittoAoGCCqGSM49\n"
				  "AwEHoUQDQgAE5q2BT8Rej7xG9NxqV8VZmcel/AtTJvp4K5PedOxkxxvGzUgWT4rk\n"
				  "irUsNi+uY2g9r/NOro6omCFhdaYL0dCPoA==\n"
				  "-----END EC PRIVATE KEY-----\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t answer_key[CRYPTO_KEY_SIZE] = {1}, asked[SEALED_BATCH_SIZE] = {1};
	static char public_pem[CRYPTO_PEM_SIZE];
	OWN(buf_done) struct buf content = BUF_INIT(PACK_SIZE_MAX);
	uint8_t batch[SEALED_BATCH_SIZE], key[CRYPTO_KEY_SIZE];
	struct err err = {0};
	if (!public_pem[0])
		assert(crypto_pair_public(private_pem, public_pem, &err));
	/* What opens also looks right to who only carries it. */
	if (sealed_question_open(private_pem, data, size, batch, &content, key, &err))
		assert(content.size == size - SEALED_QUESTION_OVERHEAD &&
		    sealed_question_check(public_pem, batch, data, size, &err));
	else
		assert(err.detail[0] && content.size == 0);
	if (sealed_answer_open(answer_key, asked, data, size, &content, &err))
		assert(content.size == size - SEALED_ANSWER_OVERHEAD && sealed_answer_check(asked, data, size, &err));
	else
		assert(err.detail[0]);
	return 0;
}
