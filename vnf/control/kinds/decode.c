/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/kinds/decode.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/kinds.h"

/* What printf would do: a stream of a million changes enters two million messages. */
size_t decoder_enter_element(struct decoder *decoder, const char *field, size_t index)
{
	size_t length = decoder->length, digits = 1, size = strlen(field);
	char *at;

	for (size_t rest = index; rest >= 10; rest /= 10)
		digits++;
	if (length + size + digits + 4 > sizeof(decoder->path))
		return decoder_enter(decoder, "%s[%zu]", field, index);
	at = decoder->path + length;
	if (length)
		*at++ = '.';
	memcpy(at, field, size);
	at += size;
	*at++ = '[';
	for (size_t i = digits; i > 0; i--, index /= 10)
		at[i - 1] = (char)('0' + index % 10);
	at += digits;
	*at++ = ']';
	*at = '\0';
	decoder->length = (size_t)(at - decoder->path);
	return length;
}

size_t decoder_enter_field(struct decoder *decoder, const char *field)
{
	size_t length = decoder->length, size = strlen(field);

	if (length + size + 2 > sizeof(decoder->path))
		return decoder_enter(decoder, "%s", field);
	if (length)
		decoder->path[decoder->length++] = '.';
	memcpy(decoder->path + decoder->length, field, size + 1);
	decoder->length += size;
	return length;
}

size_t decoder_enter(struct decoder *decoder, const char *format, ...)
{
	size_t length = decoder->length, room = sizeof(decoder->path) - length;
	va_list arguments;
	int written;

	if (length && room > 1) {
		decoder->path[length] = '.';
		decoder->length++;
		room--;
	}
	va_start(arguments, format);
	written = vsnprintf(decoder->path + decoder->length, room, format, arguments);
	va_end(arguments);
	if (written > 0)
		decoder->length += (size_t)written < room ? (size_t)written : room - 1;
	return length;
}

void decoder_leave(struct decoder *decoder, size_t length)
{
	decoder->length = length;
	decoder->path[length] = '\0';
}

void decode_fault(struct decoder *decoder, const char *field, const char *format, ...)
{
	char message[320], path[192 + 96];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	snprintf(path, sizeof(path), "%s%s%s", decoder->path, *field ? "." : "", field);
	error_add(decoder->error, ERROR_INVALID_ARGUMENT, path, "%s", message);
	decoder->failed = true;
}

void decode_no_memory(struct decoder *decoder)
{
	error_no_memory(decoder->error, NULL);
	decoder->failed = true;
}

/* Bytes of the UTF-8 character at `text`, 0: malformed (RFC 3629: shortest form, no surrogates, up to U+10FFFF). */
static unsigned int character(const unsigned char *text, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned int bytes = text[0] < 0x80 ? 1 : text[0] < 0xc0 ? 0 : text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;

	if (bytes == 0 || text[0] > 0xf4)
		return 0;
	*code = bytes == 1 ? text[0] : text[0] & (0xffU >> (bytes + 1));
	for (unsigned int i = 1; i < bytes; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (text[i] & 0x3f);
	}
	if (*code < least[bytes] || *code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff))
		return 0;
	return bytes;
}

bool decode_text(struct decoder *decoder, const char *field, const char *text, bool is_name)
{
	const unsigned char *at = (const unsigned char *)text;

	if (!*text) {
		decode_fault(decoder, field, "must not be empty");
		return false;
	}
	while (*at) {
		uint32_t code;
		unsigned int bytes = character(at, &code);

		if (!bytes) {
			decode_fault(decoder, field, "is not UTF-8 (byte %zu)", (size_t)((const char *)at - text));
			return false;
		}
		if (code < 0x20 || (code >= 0x7f && code < 0xa0)) {
			decode_fault(decoder, field, "has the control character U+%04X", (unsigned int)code);
			return false;
		}
		if (is_name && code == '/') {
			decode_fault(decoder, field, "has a '/': not allowed in names");
			return false;
		}
		at += bytes;
	}
	if ((const char *)at - text > NAME_BYTES) {
		decode_fault(decoder, field, "has %zu bytes: at most %d", (size_t)((const char *)at - text),
			     NAME_BYTES);
		return false;
	}
	return true;
}

struct handle *decode_name(struct decoder *decoder, enum resource_kind kind, const char *field, const char *text)
{
	struct handle *handle;

	if (!decode_text(decoder, field, text, kind != HANDLE_OWNER))
		return NULL;
	handle = handles_get(decoder->handles, kind, text);
	if (!handle)
		decode_no_memory(decoder);
	return handle;
}

void decode_host(struct decoder *decoder, const char *field, const char *text, struct ip_address *address)
{
	static const uint8_t zeros[15], mapped[12] = {[10] = 0xff, [11] = 0xff};
	const uint8_t *byte = address->byte;

	if (!*text) {
		decode_fault(decoder, field, "must not be empty: an IPv4 or IPv6 address");
		return;
	}
	if (ip_address_parse(text, address)) {
		decode_fault(decoder, field, "\"%.64s\" is not an IPv4 or IPv6 address", text);
		return;
	}
	if (address->family == 4) {
		if (byte[0] == 0)
			decode_fault(decoder, field, "%s is in 0.0.0.0/8: not the address of a host", text);
		else if (byte[0] == 127)
			decode_fault(decoder, field, "%s is a loopback address", text);
		else if ((byte[0] & 0xf0) == 0xe0)
			decode_fault(decoder, field, "%s is a multicast address", text);
		else if (byte[0] >= 0xf0)
			decode_fault(decoder, field, "%s is reserved or broadcast", text);
		return;
	}
	if (memcmp(byte, zeros, sizeof(zeros)) == 0 && byte[15] <= 1)
		decode_fault(decoder, field, "%s is the %s address", text, byte[15] ? "loopback" : "unspecified");
	else if (byte[0] == 0xff)
		decode_fault(decoder, field, "%s is a multicast address", text);
	else if (memcmp(byte, mapped, sizeof(mapped)) == 0)
		decode_fault(decoder, field, "%s is an IPv4-mapped address: write it as IPv4", text);
}

/* "203.0.113.5/24 has bits set beyond /24: write 203.0.113.0/24" */
static void host_bits(struct decoder *decoder, const char *field, const char *text)
{
	char address[IP_PREFIX_TEXT], right[IP_PREFIX_TEXT];
	const char *slash = strchr(text, '/');
	struct ip_prefix prefix = {.length = (uint8_t)atoi(slash + 1)};

	snprintf(address, sizeof(address), "%.*s", (int)(slash - text), text);
	ip_address_parse(address, &prefix.address);
	for (unsigned int bit = prefix.length; bit < 128; bit++)
		prefix.address.byte[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
	decode_fault(decoder, field, "%s has bits set beyond /%u: write %s", text, prefix.length,
		     ip_prefix_format(&prefix, right));
}

/* Addresses to or from which no packet is routed: a prefix of such addresses alone would promise what never happens. */
static const struct {
	struct ip_prefix prefix;
	const char *what;
} never_routed[] = {
	{{{4, {0}}, 8}, "addresses of this host (RFC 1122 3.2.1.3)"},
	{{{4, {127}}, 8}, "loopback addresses"},
	{{{4, {224}}, 4}, "multicast addresses"},
	{{{4, {255, 255, 255, 255}}, 32}, "the broadcast address"},
	{{{6, {0}}, 127}, "the unspecified and the loopback address"},
	{{{6, {[10] = 0xff, [11] = 0xff}}, 96}, "IPv4-mapped addresses: write them as IPv4"},
	{{{6, {0xfe, 0x80}}, 10}, "link-local addresses"},
	{{{6, {0xff}}, 8}, "multicast addresses"},
};

static void check_routed(struct decoder *decoder, const char *field, const char *text, const struct ip_prefix *prefix)
{
	for (size_t i = 0; i < sizeof(never_routed) / sizeof(*never_routed); i++) {
		const struct ip_prefix *never = &never_routed[i].prefix;

		if (prefix->length >= never->length && ip_prefix_contains(never, &prefix->address))
			decode_fault(decoder, field, "%s can never match: no packet is routed by %s", text,
				     never_routed[i].what);
	}
}

void decode_prefix(struct decoder *decoder, const char *field, const char *text, struct ip_prefix *prefix)
{
	if (!*text) {
		decode_fault(decoder, field, "must not be empty: a prefix such as 203.0.113.0/24");
		return;
	}
	switch (ip_prefix_parse(text, prefix)) {
	case 0:
		check_routed(decoder, field, text, prefix);
		break;
	case -EDOM:
		host_bits(decoder, field, text);
		break;
	case -ERANGE:
		decode_fault(decoder, field,
			     "\"%.64s\" is longer than its address: at most /32 for IPv4, /128 for IPv6", text);
		break;
	default:
		decode_fault(decoder, field, "\"%.64s\" is not a prefix such as 203.0.113.0/24 or 2001:db8::/32", text);
	}
}

void decode_mac(struct decoder *decoder, const char *field, const char *text, uint8_t mac[6])
{
	static const uint8_t zero[6];

	if (!*text)
		decode_fault(decoder, field, "must not be empty: a MAC such as 02:00:00:00:00:01");
	else if (mac_parse(text, mac))
		decode_fault(decoder, field, "\"%.64s\" is not a MAC such as 02:00:00:00:00:01", text);
	else if (mac[0] & 1)
		decode_fault(decoder, field, "%s is a multicast MAC: must be one station's", text);
	else if (memcmp(mac, zero, sizeof(zero)) == 0)
		decode_fault(decoder, field, "%s is no station's MAC", text);
}

bool decode_range(struct decoder *decoder, const char *field, uint32_t value, uint32_t first, uint32_t last)
{
	if (value >= first && value <= last)
		return true;
	decode_fault(decoder, field, "%u is out of range: %u to %u", value, first, last);
	return false;
}

static int by_value(const void *a, const void *b)
{
	const struct decode_item *x = a, *y = b;

	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

void decode_duplicates(struct decoder *decoder, struct decode_item *items, size_t count, const char *field,
		       const char *member)
{
	qsort(items, count, sizeof(*items), by_value);
	for (size_t i = 1; i < count; i++) {
		char path[96];

		if (items[i].value != items[i - 1].value || !items[i].value)
			continue;
		snprintf(path, sizeof(path), "%s[%zu]%s", field, items[i].index, member);
		decode_fault(decoder, path, "is the same as %s[%zu]", field, items[i - 1].index);
	}
}
