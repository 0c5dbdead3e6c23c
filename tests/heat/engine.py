# SPDX-License-Identifier: Apache-2.0
"""Heat's own engine without a cloud: what it parses and validates here is what a cloud's Heat would.

What only a cloud knows is taken for granted: that its services are there, and that an image, a flavor or a network of
a name exists. The constraints that Heat checks by itself (addresses, prefixes, patterns, ranges) stay."""

import logging
import os

os.environ["EVENTLET_NO_GREENDNS"] = "yes"  # before eventlet is imported: no name is looked up
logging.disable(logging.WARNING)  # Heat tells of every resource type that it has deprecated

from heat.common import context, environment_format, messaging
from heat.engine import environment, resource, resources, stack, template
from heat.engine.clients.os import nova
from heat.engine.resources.openstack.nova import server
from heatclient.common import template_utils
from oslo_config import cfg
from oslo_serialization import jsonutils

import cloud

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
TEMPLATES = ("sluice-vnf.yaml", "sluice-ha.yaml", "sluice-autoscale.yaml", "sluice-chain.yaml")

# What has the form of PEM and no more: Heat does not look inside.
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\nAAAA\n-----END CERTIFICATE-----\n"
KEY = "-----BEGIN PRIVATE KEY-----\nMIIC\nBBBB\n-----END PRIVATE KEY-----\n"
CREDENTIALS = {"certificate": CERTIFICATE, "certificate_key": KEY, "client_ca": CERTIFICATE}


class Exists:
    """Stands for every constraint that asks a cloud whether it has something of this name."""

    def validate(self, value, context):
        return isinstance(value, str) and value != ""

    def error(self, value):
        return f"{value!r} is not the name of anything"


def start():
    cfg.CONF([], project="heat", default_config_files=[])
    messaging.setup("fake://", optional=True)
    resources.initialise()
    constraints = resources.global_env().constraints
    for name, constraint in constraints.items():
        if not constraint.__module__.startswith("heat.engine.constraint."):
            constraints[name] = Exists
    resource.Resource.is_service_available = classmethod(lambda *_: (True, None))
    server.Server._validate_image_flavor = lambda *_: None
    nova.NovaClientPlugin.get_max_microversion = lambda *_: "2.79"  # OpenStack Train's
    nova.NovaClientPlugin.absolute_limits = lambda *_: {"maxServerMeta": 128}  # Nova's default


start()


def read(name, environments=("site.yaml",), parameters=CREDENTIALS, root=ROOT):
    """The stack of a template, with environments and files collected by Heat's own client."""
    folder = os.path.join(root, "heat-templates")
    files, parsed = template_utils.get_template_contents(os.path.join(folder, name))
    more, env = template_utils.process_multiple_environments_and_files(
        [os.path.join(folder, "env", each) for each in environments])
    env.setdefault("parameters", {}).update(parameters)
    environment_format.default_for_missing(env)
    env, files = jsonutils.loads(jsonutils.dumps([env, {**files, **more}]))  # as they arrive at the server
    return stack.Stack(
        context.RequestContext(project_id="project", user_name="user", is_admin=False), "stack",
        template.Template(parsed, files=files, env=environment.Environment(env)), strict_validate=True)


def validate(*arguments, **options):
    """The stack, or an exception that says what Heat finds wrong: before there is anything, as a cloud's Heat does it,
    and then as if all were there, which goes as strictly through the nested templates and the outputs."""
    read(*arguments, **options).validate()
    one = read(*arguments, **options)
    with cloud.created(one):
        one.validate()
        for output in one.outputs.values():
            output.get_value()
    return one
