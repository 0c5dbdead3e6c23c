/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/core/error.h"

#include <stdarg.h>
#include <stdio.h>

#include "vnf/core/text.h"

void error_add(struct error *error, enum error_code code, const char *field, const char *format, ...)
{
	struct fault *fault;
	va_list arguments;

	if (error->count == 0)
		error->code = code;
	if (error->count++ >= ERROR_FAULTS)
		return;
	fault = &error->fault[error->count - 1];
	snprintf(fault->field, sizeof(fault->field), "%s", field ? field : "");
	text_clean(fault->field);
	va_start(arguments, format);
	vsnprintf(fault->message, sizeof(fault->message), format, arguments);
	va_end(arguments);
	text_clean(fault->message);
}

void error_no_memory(struct error *error, const char *consequence)
{
	error_add(error, ERROR_RESOURCE_EXHAUSTED, NULL, "out of memory%s%s", consequence ? ": " : "",
		  consequence ? consequence : "");
}

const char *error_code_name(enum error_code code)
{
	switch (code) {
	case ERROR_NONE:
		return "OK";
	case ERROR_CANCELLED:
		return "CANCELLED";
	case ERROR_INVALID_ARGUMENT:
		return "INVALID_ARGUMENT";
	case ERROR_DEADLINE_EXCEEDED:
		return "DEADLINE_EXCEEDED";
	case ERROR_NOT_FOUND:
		return "NOT_FOUND";
	case ERROR_ALREADY_EXISTS:
		return "ALREADY_EXISTS";
	case ERROR_PERMISSION_DENIED:
		return "PERMISSION_DENIED";
	case ERROR_RESOURCE_EXHAUSTED:
		return "RESOURCE_EXHAUSTED";
	case ERROR_FAILED_PRECONDITION:
		return "FAILED_PRECONDITION";
	case ERROR_OUT_OF_RANGE:
		return "OUT_OF_RANGE";
	case ERROR_ABORTED:
		return "ABORTED";
	case ERROR_UNIMPLEMENTED:
		return "UNIMPLEMENTED";
	case ERROR_INTERNAL:
		return "INTERNAL";
	case ERROR_UNAVAILABLE:
		return "UNAVAILABLE";
	}
	return "UNKNOWN";
}
