# SPDX-License-Identifier: Apache-2.0
# An SPDX 2.3 document out of what sbom.sh has found. The namespace's end, a hash of all the rest, is added by sbom.sh.
include "licences";

def rows: split("\n") | map(select(. != "") | split("\t"));
def element($kind; $text): "SPDXRef-\($kind)-" + ($text | gsub("\\+"; "-plus") | gsub("[^A-Za-z0-9.-]"; "-"));
def package_id: element("Package"; if .repeated then "\(.name)-\(.architecture)" else .name end);

# purl's characters: only what may not stand in a name or a version is escaped.
def escaped: @uri | gsub("%3A"; ":") | gsub("%7E"; "~");
def is_own: .source == "sluice";
def vendor: if is_own then "sluice" else $distribution end;
def purl($name; $version; $architecture):
  "pkg:deb/\(vendor)/\($name | escaped)@\($version | escaped)?arch=\($architecture)"
  + if $codename == "" then "" else "&distro=\($codename)" end;
def reference($locator): {referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: $locator};

def file_element($number): {
  SPDXID: "SPDXRef-File-\($number)",
  fileName: .[1],
  checksums: [{algorithm: "SHA1", checksumValue: .[2]}, {algorithm: "SHA256", checksumValue: .[3]}],
  fileTypes: [.[4]],
  licenseConcluded: "NOASSERTION", licenseInfoInFiles: ["NOASSERTION"], copyrightText: "NOASSERTION"
};

def package_element($licences): {
  SPDXID: .id, name, versionInfo: .version,
  supplier: (if is_own then "Organization: Sluice" else "Organization: \($distribution | ascii_upcase[0:1] + $distribution[1:])" end),
  downloadLocation: "NOASSERTION",
  filesAnalyzed: false,
  sourceInfo: "built from the source package \(.source) \(.source_version)",
  licenseConcluded: "NOASSERTION",
  licenseDeclared: ($licences | spdx_licence),
  copyrightText: "NOASSERTION",
  externalRefs: [reference(purl(.name; .version; .architecture)), reference(purl(.source; .source_version; "source"))]
}
+ if $licences == [] then {} else {licenseComments: "by Debian's names: \($licences | join("; "))"} end
+ if .homepage == "" then {} else {homepage} end
+ if .deb == "" then {} else {packageFileName: .deb, checksums: [{algorithm: "SHA256", checksumValue: .sha256}]} end;

# A package that is described file by file. jq has no hash: $codes are made before.
def with_files($files; $codes):
  if ($files | length) == 0 then . else
    . + {filesAnalyzed: true, primaryPackagePurpose: "INSTALL", licenseInfoFromFiles: ["NOASSERTION"],
      packageVerificationCode: ({packageVerificationCodeValue: $codes[.name]}
        + ($files | map(select(.[4] == "SPDX") | .[1]) | if . == [] then {} else {packageVerificationCodeExcludedFiles: .} end))}
  end;

def relation($from; $type; $to): {spdxElementId: $from, relationshipType: $type, relatedSpdxElement: $to};

($packages | rows | map({name: .[0], version: .[1], architecture: .[2], source: .[3], source_version: .[4], homepage: .[5],
  deb: .[6], sha256: .[7]})) as $bare
| ($bare | group_by(.name) | map(select(length > 1) | {key: .[0].name, value: true}) | from_entries) as $twice
| ($bare | map(.repeated = $twice[.name] | .id = package_id)) as $all
| ($all | group_by(.name) | map({key: .[0].name, value: map(.id)}) | from_entries) as $ids
| ($licences | rows | group_by(.[0]) | map({key: .[0][0], value: map(.[1]) | unique}) | from_entries) as $stated
| ($codes | rows | map({key: .[0], value: .[1]}) | from_entries) as $codes
| ($files | rows) as $files
| ($files | group_by(.[0]) | map({key: .[0][0], value: .}) | from_entries) as $files_of
| ($files | map(select(.[4] != "SPDX")) | to_entries | map(.value + [.key + 1])) as $listed
| ($all | map(select(is_own))[0].version // $all[0].version) as $version
| (if $name == "" then "sluice-root" else $name end) as $title
| (if $input == "root" then [element("Root"; $title)] else $all[:$roots] | map(.id) end) as $described
| {
  spdxVersion: "SPDX-2.3",
  dataLicense: "CC0-1.0",
  SPDXID: "SPDXRef-DOCUMENT",
  name: "\($title)-\($version)",
  # SPDX's own place for who has none.
  documentNamespace: "https://spdx.org/spdxdocs/\($title)-\($version | escaped)-",
  creationInfo: {created: $created, creators: ["Organization: Sluice", "Tool: sluice-sbom"]},
  packages: (
    (if $input != "root" then [] else [{
      SPDXID: $described[0], name: $title, versionInfo: $version, supplier: "Organization: Sluice",
      downloadLocation: "NOASSERTION", filesAnalyzed: false, primaryPackagePurpose: $purpose,
      licenseConcluded: "NOASSERTION", licenseDeclared: "NOASSERTION", copyrightText: "NOASSERTION"}] end)
    + ($all | map(package_element($stated[.name] // []) | with_files($files_of[.name] // []; $codes)))),
  files: ($listed | map(file_element(.[5]))),
  relationships: (
    ($described | map(relation("SPDXRef-DOCUMENT"; "DESCRIBES"; .)))
    + (if $input == "root" then $all | map(relation($described[0]; "CONTAINS"; .id)) else [] end)
    + ($listed | map(relation($ids[.[0]][0]; "CONTAINS"; "SPDXRef-File-\(.[5])")))
    + ($depends | rows | map(. as $edge | $ids[$edge[0]][] as $from | $ids[$edge[1]][] | relation($from; "DEPENDS_ON"; .))))
}
