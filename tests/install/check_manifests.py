#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the pod's manifests, and says how a container of them is run.

    check_manifests.py FILE...                     every fault, a line each
    check_manifests.py --options NAME FILE...      options of run_container.py for that container, a line each

Kubernetes' own kinds are checked against the models of its Python client, which are made of its OpenAPI: unknown fields,
types, and fields that must be there. Of the others what is used here is written down below.
"""

import json
import re
import sys

import jsonschema
import kubernetes.client
import yaml

MODELS = {
    ("v1", "ConfigMap"): "V1ConfigMap",
    ("v1", "Service"): "V1Service",
    ("apps/v1", "Deployment"): "V1Deployment",
}
NETWORK = {  # a CNI network configuration, and IPAM by static or host-local
    "type": "object",
    "required": ["cniVersion", "name", "type"],
    "properties": {
        "cniVersion": {"enum": ["0.3.1", "0.4.0", "1.0.0"]},
        "type": {"enum": ["host-device", "ptp", "bridge", "vlan", "sriov"]},
        "device": {"type": "string", "maxLength": 15},
        "master": {"type": "string", "maxLength": 15},
        "bridge": {"type": "string", "maxLength": 15},
        "ipam": {"type": "object", "required": ["type"], "properties": {"type": {"enum": ["static", "host-local"]}}},
    },
}
METADATA = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "pattern": "^[a-z0-9.-]+$"}}}
OTHERS = {
    ("k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition"): {
        "properties": {
            "metadata": METADATA,
            "spec": {"required": ["config"], "properties": {"config": {"type": "string"}}, "additionalProperties": False},
        },
        "required": ["metadata", "spec"],
    },
    ("kpt.dev/v1", "Kptfile"): {
        "properties": {
            "metadata": METADATA,
            "info": {"type": "object", "required": ["description"]},
            "pipeline": {
                "properties": {"mutators": {"type": "array", "items": {"required": ["image"], "properties": {
                    "image": {"type": "string"}, "configPath": {"type": "string"}}, "additionalProperties": False}}},
                "additionalProperties": False,
            },
        },
        "required": ["metadata"],
    },
    ("workload.nephio.org/v1alpha1", "NFDeployment"): {
        "properties": {
            "metadata": METADATA,
            "spec": {
                "required": ["provider"],
                "properties": {
                    "provider": {"type": "string"},
                    "interfaces": {"type": "array", "items": {"required": ["name"], "properties": {
                        "name": {"type": "string"}, "vlanID": {"type": "integer"},
                        "ipv4": {"required": ["address"]}, "ipv6": {"required": ["address"]}}, "additionalProperties": False}},
                    "networkInstances": {"type": "array", "items": {"required": ["name"]}},
                },
            },
        },
        "required": ["metadata", "spec"],
    },
}
faults = []


def fault(where, what):
    faults.append(f"{where}: {what}")


def check_value(value, kind, where):
    """A value against a type as the client's models name it."""
    if value is None:
        return
    if match := re.fullmatch(r"list\[(.*)\]", kind):
        if not isinstance(value, list):
            return fault(where, f"a list is expected, not {value!r}")
        for number, each in enumerate(value):
            check_value(each, match[1], f"{where}[{number}]")
    elif match := re.fullmatch(r"dict\(str, (.*)\)", kind):
        if not isinstance(value, dict):
            return fault(where, f"a mapping is expected, not {value!r}")
        for key, each in value.items():
            check_value(each, match[1], f"{where}.{key}")
    elif kind == "object":  # a quantity, or a name or number of a port
        if not isinstance(value, (str, int)):
            fault(where, f"a text or a number is expected, not {value!r}")
    elif kind in ("str", "int", "bool", "float"):
        if type(value).__name__ != kind:
            fault(where, f"{kind} is expected, not {value!r}")
    else:
        check_model(value, kind, where)


def check_model(value, kind, where):
    model = getattr(kubernetes.client, kind)
    if not isinstance(value, dict):
        return fault(where, f"a mapping is expected, not {value!r}")
    fields = {json_name: name for name, json_name in model.attribute_map.items()}
    for key, each in value.items():
        if key in fields:
            check_value(each, model.openapi_types[fields[key]], f"{where}.{key}")
        else:
            fault(where, f"{kind} has no field {key}")
    try:
        model(**{fields[key]: each for key, each in value.items() if key in fields})
    except ValueError as error:  # a field that must be there is not
        fault(where, str(error))


def check_document(document, where):
    kind = document.get("apiVersion"), document.get("kind")
    if kind in MODELS:
        check_model(document, MODELS[kind], where)
    elif kind in OTHERS:
        for error in jsonschema.Draft7Validator(OTHERS[kind]).iter_errors(document):
            fault(where, f"{error.json_path}: {error.message}")
    else:
        fault(where, f"of an unknown kind {kind}")
    if kind[1] == "NetworkAttachmentDefinition":
        try:
            jsonschema.validate(json.loads(document["spec"]["config"]), NETWORK)
        except (ValueError, KeyError, jsonschema.ValidationError) as error:
            fault(where, f"spec.config: {str(error).splitlines()[0]}")


def find(documents, kind, name=None):
    return next((each for each in documents if each["kind"] == kind and name in (None, each["metadata"]["name"])), None)


def check_container(container, volumes, where):
    """What a cluster's operators ask of a workload."""
    security = container.get("securityContext", {})
    if security.get("privileged") or not security.get("readOnlyRootFilesystem"):
        fault(where, "is to have a read-only root and no privileges")
    capabilities = security.get("capabilities", {})
    granted = capabilities.get("add", [])
    if capabilities.get("drop") != ["ALL"] or not set(granted) <= {"BPF", "NET_ADMIN", "PERFMON"}:
        fault(where, f"capabilities: {capabilities}")
    if security.get("allowPrivilegeEscalation") != bool(granted):
        fault(where, "allowPrivilegeEscalation is for the container that has capabilities, and for no other")
    for mount in container.get("volumeMounts", []):
        if mount["name"] not in volumes:
            fault(where, f"mounts {mount['name']}, which is no volume of the pod")
    for port in container.get("ports", []):
        if port["containerPort"] < 1024:
            fault(where, f"port {port['containerPort']} takes a privilege")
    if "limits" not in container.get("resources", {}):
        fault(where, "has no limit of memory")


def check_pod(documents):
    deployment = find(documents, "Deployment")
    template = deployment["spec"]["template"]
    pod, where = template["spec"], "Deployment " + deployment["metadata"]["name"]
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    if not pod["securityContext"].get("runAsNonRoot") or not pod["securityContext"].get("runAsUser"):
        fault(where, "runs as root")
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.get(key):
            fault(where, key)
    for container in pod["containers"]:
        check_container(container, volumes, f"{where}: {container['name']}")
    for volume in volumes.values():
        if "hostPath" in volume:
            fault(where, f"volume {volume['name']} is a path of the host")
        if "configMap" in volume and not find(documents, "ConfigMap", volume["configMap"]["name"]):
            fault(where, f"there is no ConfigMap {volume['configMap']['name']}")
    for network in template["metadata"]["annotations"]["k8s.v1.cni.cncf.io/networks"].split(","):
        if not find(documents, "NetworkAttachmentDefinition", network.strip()):
            fault(where, f"there is no network {network.strip()}")
    labels = template["metadata"]["labels"]
    for selector in deployment["spec"]["selector"]["matchLabels"], find(documents, "Service")["spec"]["selector"]:
        if not selector.items() <= labels.items():
            fault(where, f"has not got the labels {selector}")


def options(documents, name):
    """A volume's folder is LAB/volumes/NAME, as the test makes them."""
    pod = find(documents, "Deployment")["spec"]["template"]["spec"]
    container = next(each for each in pod["containers"] if each["name"] == name)
    security = container["securityContext"]
    for capability in security["capabilities"].get("add", []):
        yield from ("--capability", capability)
    if not security["allowPrivilegeEscalation"]:
        yield "--no-new-privileges"
    for mount in container["volumeMounts"]:
        yield from ("--volume", f"LAB/volumes/{mount['name']}:{mount['mountPath']}" + (":ro" if mount.get("readOnly") else ""))
    for variable in container.get("env", []):
        yield from ("--environment", f"{variable['name']}={variable['value']}")
    yield "--"
    yield from container.get("command", [])
    yield from container.get("args", [])


def main():
    arguments = sys.argv[1:]
    name = None
    if arguments[0] == "--options":
        name, arguments = arguments[1], arguments[2:]
    documents = []
    for file in arguments:
        with open(file, encoding="utf-8") as stream:
            found = list(yaml.safe_load_all(stream))
        for document in found:
            check_document(document, f"{file}: {document.get('kind')} {document.get('metadata', {}).get('name')}")
        documents += found
    if name:
        print("\n".join(options(documents, name)))
        return 0
    if not faults and find(documents, "Deployment"):
        check_pod(documents)
    print("\n".join(faults) if faults else f"{len(documents)} resources are right")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
