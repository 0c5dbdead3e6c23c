-- SPDX-License-Identifier: Apache-2.0
-- Makes wrk end with one line of JSON: what was done and everything that went wrong.
done = function(summary, latency, requests)
	local errors = summary.errors
	io.write(string.format(
		'{"requests": %d, "seconds": %.1f, "p50_us": %d, "p99_us": %d, "connect": %d, "read": %d, "write": %d, ' ..
		'"timeout": %d, "status": %d}\n', summary.requests, summary.duration / 1000000,
		latency:percentile(50), latency:percentile(99), errors.connect, errors.read, errors.write, errors.timeout,
		errors.status))
end
