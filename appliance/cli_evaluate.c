/* daybreak evaluate: how right a model is on data sets whose stages are known. */
#include "cli.h"

int cli_evaluate(int argc, char **argv)
{
	(void)argc, (void)argv;
	return refuse_usage("evaluate is not there yet");
}
