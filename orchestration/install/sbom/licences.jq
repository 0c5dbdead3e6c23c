# SPDX-License-Identifier: Apache-2.0
# Debian's names of licences in SPDX's. One that is not here, or an exception, is not guessed: it makes NOASSERTION.

def versions($name; $numbers):
  $numbers | map({key: "\($name)-\(.)", value: "\($name)-\(.).0-only"}, {key: "\($name)-\(.)+", value: "\($name)-\(.).0-or-later"},
    {key: "\($name)-\(.).0", value: "\($name)-\(.).0-only"}, {key: "\($name)-\(.).0+", value: "\($name)-\(.).0-or-later"}) | from_entries;

def spdx_names:
  versions("GPL"; [1, 2, 3]) + versions("LGPL"; [2, 3]) + versions("AGPL"; [3])
  + {"LGPL-2.1": "LGPL-2.1-only", "LGPL-2.1+": "LGPL-2.1-or-later",
     "Expat": "MIT", "expat": "MIT", "MIT": "MIT", "X11": "X11", "ISC": "ISC", "Zlib": "Zlib", "zlib": "Zlib", "curl": "curl",
     "Apache-2.0": "Apache-2.0", "Apache-2": "Apache-2.0",
     "BSD-2-clause": "BSD-2-Clause", "BSD-2-Clause": "BSD-2-Clause",
     "BSD-3-clause": "BSD-3-Clause", "BSD-3-Clause": "BSD-3-Clause",
     "BSD-4-clause-UC": "BSD-4-Clause-UC", "BSD-4-Clause-UC": "BSD-4-Clause-UC",
     "GPL-2.0-only": "GPL-2.0-only", "GPL-2.0-or-later": "GPL-2.0-or-later",
     "MPL-1.1": "MPL-1.1", "MPL-2.0": "MPL-2.0", "CC0-1.0": "CC0-1.0", "CC0": "CC0-1.0", "Artistic": "Artistic-1.0-Perl",
     "PostgreSQL": "PostgreSQL", "BSL-1.0": "BSL-1.0", "OLDAP-2.8": "OLDAP-2.8", "FSFAP": "FSFAP", "FSFUL": "FSFUL",
     "FSFULLR": "FSFULLR", "Unicode-DFS-2016": "Unicode-DFS-2016", "AFL-2.1": "AFL-2.1", "EPL-1.0": "EPL-1.0"};

# One of Debian's expressions; null if a part of it is not known. Commas change what binds first: those are left alone.
def spdx_expression:
  spdx_names as $names
  | split(" or ") | map(split(" and ") | map($names[gsub("^\\s+|\\s+$"; "")]))
  | if any(.[][]; . == null) then null else map(join(" AND ")) | join(" OR ") end;

# All licences of a package's sources, which all hold for one part or another.
def spdx_licence:
  map(spdx_expression)
  | if length == 0 or any(. == null) then "NOASSERTION"
    else map(if contains(" OR ") then . else split(" AND ")[] end) | unique
      | if length == 1 then .[0] else map(if contains(" OR ") then "(\(.))" else . end) | join(" AND ") end end;
