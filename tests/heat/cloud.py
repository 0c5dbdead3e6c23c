# SPDX-License-Identifier: Apache-2.0
"""A stack as if a cloud had created it: Heat's engine resolves every reference, here with values such as Neutron and
Heat give. So nested templates can be validated as strictly as the outer one, and user data be rendered."""

import contextlib
import unittest.mock

from heat.common import exception
from heat.engine import attributes, stk_defn
from heat.engine.resources import stack_resource, template_resource
from heat.engine.resources.openstack.heat import autoscaling_group, value

ADDRESSES = {"management_port": "192.0.2.11", "west_port": "172.16.0.11", "east_port": "198.51.100.11",
             "west_shared": "172.16.0.1", "east_shared": "198.51.100.1"}
CURL = ("curl -i -X POST -H 'X-Auth-Token: gAAAAA' -H 'Content-Type: application/json' -H 'Accept: application/json' "
        "http://192.0.2.1:8004/v1/signal")


def port(resource):
    address = ADDRESSES.get(resource.name, "198.51.100.99")
    network = ".".join(address.split(".")[:3])
    return {"fixed_ips": [{"ip_address": address}], "subnets": [{"cidr": f"{network}.0/24"}]}


GIVEN = {
    "OS::Neutron::Port": port,
    "OS::Heat::WaitConditionHandle": lambda resource: {"curl_cli": CURL},
    "OS::Heat::ScalingPolicy": lambda resource: {
        name: f"http://192.0.2.1:8000/{resource.name}" for name in ("signal_url", "alarm_url")},
    "OS::Heat::Value": lambda resource: {"value": resource.properties[value.Value.VALUE]},
}


def nested(resource):
    """The stack that a resource stands for, strict and created like its parent."""
    child = resource._parse_nested_stack(
        f"{resource.stack.name}-{resource.name}", resource.child_template(), resource.child_params())
    child.strict_validate = True
    return child


def given(resource, attribute):
    if isinstance(resource, autoscaling_group.AutoScalingResourceGroup):
        if attribute == ("current_size",):
            return len(nested(resource))
        return [given(member, attribute[1:]) for member in nested(resource).values()]  # outputs_list
    if isinstance(resource, template_resource.TemplateResource):
        outputs = nested(resource).outputs
        if attribute[0] not in outputs:
            raise exception.InvalidTemplateAttribute(resource=resource.name, key=attribute[0])
        return outputs[attribute[0]].get_value()
    if attribute[0] not in resource.attributes_schema:
        raise exception.InvalidTemplateAttribute(resource=resource.name, key=attribute[0])
    return attributes.select_from_attribute(GIVEN[resource.type()](resource)[attribute[0]], attribute[1:])


@contextlib.contextmanager
def created(stack):
    """While it lasts, the stack's resources, and what is nested in them, have their attributes."""
    known = [stack]

    def stack_of(definition):
        return next(each for each in known if each.defn is definition)

    def parse(self, *arguments, _parse=stack_resource.StackResource._parse_nested_stack, **options):
        child = _parse(self, *arguments, **options)
        known.append(child)
        return child

    def validate(self):
        nested(self).validate()

    def get(definition, name, _get=stk_defn.StackDefinition.__getitem__):
        proxy = _get(definition, name)
        if not isinstance(proxy, Created):
            proxy = definition._resources[name] = Created(name, proxy.t, proxy._resource_data)
            proxy.find = lambda: stack_of(definition)[name]
        return proxy

    with unittest.mock.patch.object(stack_resource.StackResource, "_parse_nested_stack", parse), \
            unittest.mock.patch.object(stack_resource.StackResource, "validate_nested_stack", validate), \
            unittest.mock.patch.object(stk_defn.StackDefinition, "__getitem__", get):
        yield


class Created(stk_defn.ResourceProxy):
    """What template functions see of a resource."""

    action, status = stk_defn.ResourceProxy.CREATE, stk_defn.ResourceProxy.COMPLETE

    def FnGetAtt(self, *attribute):
        return given(self.find(), attribute)

    def FnGetRefId(self):
        return self.name
