/* What the box says about itself. */
#include "serve/handlers.h"

#include <string.h>

/* The description of the API travels inside the program. */
__asm__(".pushsection .rodata\n"
	".global openapi_text, openapi_end\n"
	"openapi_text: .incbin \"" DAYBREAK_SOURCE_DIR "/appliance/serve/api.yaml\"\n"
	"openapi_end: .byte 0\n"
	".popsection\n");
extern const char openapi_text[], openapi_end[];

bool get_health(struct call *call, struct err *err)
{
	(void)err;
	reply_json(call->request, 200, json_pack("{s:s, s:s, s:s}", "state", "ok", "version", DAYBREAK_VERSION,
	    "build", DAYBREAK_VERSION));
	return true;
}

bool get_openapi(struct call *call, struct err *err)
{
	(void)err;
	reply_header(call->request, "Cache-Control", "no-cache");
	reply_bytes(call->request, 200, "application/yaml", openapi_text, (size_t)(openapi_end - openapi_text));
	return true;
}

bool get_profiles(struct call *call, struct err *err)
{
	(void)err;
	const char *text = call->serve->profiles;
	reply_header(call->request, "Cache-Control", "no-cache");
	reply_bytes(call->request, 200, "application/json", text, strlen(text));
	return true;
}
