#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# protobuf-c 1.4.1 (Debian 12, 1.4.1-1+b1): a proto3 message field that arrives in two pieces loses the scalars of its
# first piece.
#
# The encoding allows a message field to occur more than once on the wire; a parser has to merge the occurrences, field
# by field, as if they had been one (protobuf.dev, "Encoding", "Last One Wins"). Google's own parser does. protobuf-c
# merges strings, bytes and messages, but of numbers it takes the second piece's value even where that piece has none:
# the zero of the absent field replaces what the first piece had said. The parser reports success.
#
# Who meets it: anything that concatenates encoded messages to merge them, which the encoding's documentation offers as
# a feature, and writes to a receiver in C.
#   findings/protobuf_c_split_message.sh     exit 0: as described; 1: it is different now
set -euo pipefail
packages=(libprotobuf-c1=1.4.1-1+b1 libprotobuf-c-dev=1.4.1-1+b1 protobuf-c-compiler=1.4.1-1+b1
	libprotobuf32=3.21.12-3+deb12u1 libprotoc32=3.21.12-3+deb12u1 protobuf-compiler=3.21.12-3+deb12u1
	python3-protobuf=3.21.12-3+deb12u1)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

echo "installs ${packages[*]} into a temporary folder" >&2
apt-get -q download "${packages[@]}" >apt.log 2>&1 || { cat apt.log >&2; echo "cannot get the packages" >&2; exit 2; }
for package in ./*.deb; do dpkg -x "$package" root; done
lib=$work/root/usr/lib/$(gcc -print-multiarch)
export LD_LIBRARY_PATH=$lib PATH=$work/root/usr/bin:$PATH PYTHONPATH=$work/root/usr/lib/python3/dist-packages

cat >m.proto <<'END'
syntax = "proto3";
message Inner { uint32 number = 1; string text = 2; uint32 other = 3; }
message Outer { Inner inner = 1; }
END
protoc --plugin=protoc-gen-c="$work/root/usr/bin/protoc-gen-c" --c_out=. --python_out=. m.proto

# The two pieces: {number: 7, text: "a"} and {other: 9}.
cat >pieces.py <<'END'
import m_pb2
first = m_pb2.Outer(inner=m_pb2.Inner(number=7, text="a")).SerializeToString()
second = m_pb2.Outer(inner=m_pb2.Inner(other=9)).SerializeToString()
open("wire", "wb").write(first + second)
inner = m_pb2.Outer.FromString(first + second).inner
print(f"number={inner.number} text={inner.text} other={inner.other}")
END
cat >read.c <<'END'
#include <stdio.h>
#include "m.pb-c.h"
int main(void)
{
	uint8_t wire[64];
	FILE *file = fopen("wire", "rb");
	size_t size = file ? fread(wire, 1, sizeof(wire), file) : 0;
	Outer *outer = outer__unpack(NULL, size, wire);

	if (!outer || !outer->inner)
		return 1;
	printf("number=%u text=%s other=%u\n", outer->inner->number, outer->inner->text, outer->inner->other);
	return 0;
}
END
gcc -I. -I"$work/root/usr/include" read.c m.pb-c.c -L"$lib" -lprotobuf-c -o read
google=$(python3 pieces.py)
protobuf_c=$(./read)
echo "protobuf (Python): $google"
echo "protobuf-c:        $protobuf_c"
[ "$google" = "number=7 text=a other=9" ] && [ "$protobuf_c" = "number=0 text=a other=9" ]
