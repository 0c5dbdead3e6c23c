#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Resources of a Sluice router, in one commit."""

DOCUMENTATION = r"""
---
module: sluice_config
short_description: Configure a Sluice router
version_added: 0.1.0
author: The Sluice authors
description:
  - Brings resources of a router into a state, in one commit, which packets meet all or nothing. Nothing is committed
    where nothing would change.
  - The router itself works out what would change, before it is asked to do so, and the commit is made on the condition
    that no other came in between. Where one did, the module begins anew, five times at most.
  - It runs C(sluicectl) on the host of the task, and needs nothing else there but Python 3.
requirements:
  - sluicectl of the same version as this collection, on the host that runs the task
options:
  state:
    description:
      - With C(present) the resources are there as they are given. Each is created, or replaced whole where its key is
        taken; fields that are not given are not kept from before. All other resources stay.
      - With C(absent) the resources are not there. Of each only the key counts, so that the same variables or files
        serve for both.
      - With C(replaced) they are there, and they are everything that I(owner) has. What it has on the router and the
        task does not name is deleted, in the same commit, whichever kind it is of and whoever wrote it as that owner.
        Resources of other owners stay; where one of them needs what would go, nothing is done and the error names it.
        A task that names nothing is refused.
      - With C(confirmed) what I(owner) committed with I(confirm) stays. See I(revision).
    type: str
    choices: [present, absent, replaced, confirmed]
    default: present
  resources:
    description:
      - A mapping from kinds of resources to lists of them, as C(sluice-yaml) (5) describes it. Under C(delete) may
        stand, in the same form, resources that are to go in the same commit.
      - Quote what YAML would take for something else than text, such as MAC addresses, and C("off").
    type: dict
  src:
    description:
      - Files with resources, on the host that runs the task. With I(resources) and each other they are one commit.
    type: list
    elements: path
  confirm:
    description:
      - The router undoes the commit after this time (C(120), C(120s), C(2m), C(1h), at most a day), unless it is
        confirmed before, also where nobody can reach it any more. Confirm it by a task with I(state=confirmed) behind
        those that check whether all works.
      - Until then the owner can only confirm it, or commit with I(confirm) again, which begins the time anew.
      - A task that changes nothing begins no time.
    type: str
  revision:
    description:
      - With I(state=confirmed), I(confirm_id) of the task that made the commit. C(0) says that nothing is to be
        confirmed. It is an error where the commit has been undone.
    type: int
  owner:
    description:
      - The owner of what is written. Only its owner can change or delete a resource, so give what is not to be mixed up
        owners of their own. With I(state=replaced) it has to be given.
      - Otherwise as C(sluicectl) has it, C(SLUICE_OWNER) or C(operator).
    type: str
  server:
    description:
      - Address of the router, C(unix:PATH) or C(HOST:PORT). Otherwise C(SLUICE_SERVER), or
        C(unix:/run/sluice/sluice.sock).
    type: str
  tls_ca:
    description: File with the certificate of the authority that signed the server's. Otherwise C(SLUICE_TLS_CA).
    type: path
  tls_cert:
    description: File with the client's own certificate. Otherwise C(SLUICE_TLS_CERT).
    type: path
  tls_key:
    description: File with the key of that certificate. Otherwise C(SLUICE_TLS_KEY).
    type: path
  timeout:
    description: Seconds that one call of the router may take. Otherwise 60.
    type: int
  election_id:
    description: Where redundant controllers share the owner, the number of the election that made this one the leader.
    type: int
  durability:
    description: Whether the commit is on the router's disk before it is answered. Otherwise as the router has it.
    type: str
    choices: [journaled, volatile]
  sluicectl:
    description: The program. Otherwise the one that is found on C(PATH).
    type: path
attributes:
  check_mode:
    description: The router is asked what it would do, by the same checks as if it did.
    support: full
  diff_mode:
    description: At most 1,000 resources are shown.
    support: full
notes:
  - C(man sluice-yaml) has the form of resources, C(man sluicectl) what the router does with them.
"""

EXAMPLES = r"""
- name: A tenant's network is there, and nothing else of the tenant's
  sluice.router.sluice_config:
    state: replaced
    owner: tenant-a
    resources:
      vrf:
        - name: tenant-a
      next_hop:
        - name: api
          gateway: {interface: api0, address: 10.0.20.2}
      next_hop_group:
        - name: api
          members: [{next_hop: api}]
      route:
        - {vrf: tenant-a, prefix: 0.0.0.0/0, next_hop_group: api}

- name: A change that may cut us off
  sluice.router.sluice_config:
    src: /etc/sluice/uplinks.yaml
    confirm: 2m
  register: change

- name: The router can still be reached
  ansible.builtin.wait_for:
    host: 192.0.2.1
    port: 22
    timeout: 60

- name: Then it stays
  sluice.router.sluice_config:
    state: confirmed
    revision: "{{ change.confirm_id }}"

- name: A route goes
  sluice.router.sluice_config:
    state: absent
    resources:
      route: {vrf: tenant-a, prefix: 10.9.0.0/16}
"""

RETURN = r"""
revision:
  description: The router's revision after the task.
  returned: success
  type: int
  sample: 812
generation:
  description: The generation of the dataplane that shows the commit to packets.
  returned: when something was committed
  type: int
changes:
  description: What has changed, or would; at most 1,000 resources.
  returned: success
  type: list
  elements: dict
  sample: [{kind: route, key: tenant-a/10.9.0.0/16, outcome: created}]
counts:
  description: How many resources were, or would be, created, replaced, deleted, and were unchanged or absent already.
  returned: success
  type: dict
  sample: {created: 1, replaced: 0, deleted: 0, unchanged: 4, absent: 0}
confirm_id:
  description: The revision by which to confirm what of the owner waits for it; 0 where nothing does.
  returned: success
  type: int
not_programmed:
  description: Resources of the commit that no packet meets yet, with the reason.
  returned: when something was committed
  type: list
  elements: dict
  sample: [{kind: interface, key: api0, reason: the device does not exist}]
errors:
  description:
    - The faults, as the router has them, each with its C(message); C(field) is the field's path, C(resource) the one of
      I(resources) that it is in, and C(file) and C(line) the place in one of I(src).
  returned: failure
  type: list
  elements: dict
  sample: [{resource: "resources.route[0]", field: route.prefix, message: 10.0.0.1/8 has bits set beyond its length}]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.sluice.router.plugins.module_utils import sluicectl

ATTEMPTS = 5


def status(router):
    """The revision, and the confirmation that the owner's commits wait for, or None."""
    answer = router.call("status")
    waiting = [one for one in answer.get("confirmations", []) if one.get("owner") == router.owner()]
    return int(answer.get("revision", 0)), waiting[0] if waiting else None


def refuse_undone(router, asked):
    for one in router.call("history", "--all")["revisions"]:
        if int(one["revision"]) == asked and one["state"] == "undone":
            raise sluicectl.Refused([{"message": "revision %d was undone by revision %d: apply it again" % (
                asked, int(one["undone_by"]))}])


def confirm(module, router):
    asked = module.params["revision"]
    revision, waiting = status(router)
    waits = bool(waiting) and int(waiting["revision"]) <= asked <= int(waiting["last_revision"])
    # Also where it waits no more: it may be undone, and then that is an error.
    if asked and not module.check_mode:
        router.call("confirm", str(asked))
    elif asked and not waits:
        refuse_undone(router, asked)
    return {"changed": waits, "revision": revision, "changes": [], "counts": sluicectl.effect({}), "confirm_id": 0}


def write(module, router):
    state = module.params["state"]
    revision, waiting = status(router)
    command = ["delete" if state == "absent" else "apply", "--yes"]
    if state == "replaced":
        command.append("--prune")
    if module.params["confirm"] is not None:
        command += ["--confirm", module.params["confirm"]]
    if revision:
        command += ["--expected-revision", str(revision)]
    answer = router.call_with_files(*(command + ["--dry-run"]))
    counts = sluicectl.effect(answer)
    changed = counts["created"] + counts["replaced"] + counts["deleted"] > 0
    result = {
        "changed": changed,
        "revision": revision,
        "changes": sluicectl.differences(answer),
        "counts": counts,
        "confirm_id": int(waiting["revision"]) if waiting else 0,
    }
    if module._diff and changed:
        result["diff"] = sluicectl.diff(answer, revision)
    if changed and not module.check_mode:
        commit(module, router, command, result)
    return result


def commit(module, router, command, result):
    done = router.call_with_files(*command)["result"]
    result["revision"] = int(done["revision"])
    result["generation"] = int(done["generation"])
    result["not_programmed"] = [
        {"kind": one.get("kind"), "key": one.get("key"), "reason": one.get("reason")}
        for one in done.get("results", []) if one.get("programmed") == "not_programmed"]
    # Commits that follow each other with a time are confirmed together, by the first.
    if module.params["confirm"] is not None and not result["confirm_id"]:
        result["confirm_id"] = result["revision"]


def check(parameters):
    """What the state takes."""
    confirms = parameters["state"] == "confirmed"
    given = [name for name in ("resources", "src", "confirm") if parameters[name] is not None]
    if confirms and given:
        return "state confirmed takes revision, and not %s" % ", ".join(given)
    if not confirms and parameters["revision"] is not None:
        return "revision is for state confirmed; with %s, confirm has a time" % parameters["state"]
    return None


def run(module):
    fault = check(module.params)
    if fault:
        raise sluicectl.Refused([{"message": fault}])
    router = sluicectl.Sluicectl(module, module.params["resources"], module.params["src"] or ())
    if module.params["state"] == "confirmed":
        return confirm(module, router)
    for _attempt in range(ATTEMPTS - 1):
        try:
            return write(module, router)
        except sluicectl.Refused as refused:
            if not refused.moved_on():
                raise
    return write(module, router)


def main():
    options = {
        "state": {"type": "str", "default": "present", "choices": ["present", "absent", "replaced", "confirmed"]},
        "resources": {"type": "dict"},
        "src": {"type": "list", "elements": "path"},
        "confirm": {"type": "str"},
        "revision": {"type": "int"},
    }
    options.update(sluicectl.CONNECTION_SPEC)
    required = [("state", state, ("resources", "src"), True) for state in ("present", "absent", "replaced")]
    required += [("state", "replaced", ("owner",)), ("state", "confirmed", ("revision",))]
    module = AnsibleModule(argument_spec=options, supports_check_mode=True, required_if=required)
    try:
        result = run(module)
    except sluicectl.Refused as refused:
        module.fail_json(msg=str(refused), errors=refused.faults)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
