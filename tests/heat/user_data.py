# SPDX-License-Identifier: Apache-2.0
"""The user data that a router's server gets, made by Heat's engine, and what cloud-init makes of it."""

import os
import tempfile
import unittest.mock

from cloudinit import helpers, user_data
from cloudinit.handlers import CONTENT_END, CONTENT_START, cloud_config
from heat.engine.resources.openstack.heat import autoscaling_group, multi_part

import cloud
import engine


def routers(stack):
    """The stacks of sluice-vnf.yaml that are in this one; inside cloud.created()."""
    if "user_data" in stack:
        return [stack]
    found = []
    for _, resource in sorted(stack.items()):
        if isinstance(resource, autoscaling_group.AutoScalingResourceGroup) or resource.type().endswith("sluice-vnf.yaml"):
            found += routers(cloud.nested(resource))
    return found


def render(stack):
    """The MIME message of one router."""
    texts = {"day0": stack["day0"].properties["config"]}
    client = unittest.mock.MagicMock()
    client.show_software_config = lambda context, name: {"config": texts[name]}
    resource = stack["user_data"]
    with unittest.mock.patch.object(multi_part.uuidutils, "is_uuid_like", texts.__contains__), \
            unittest.mock.patch.object(resource, "rpc_client", lambda: client):
        return resource.get_message()


def render_all(*arguments, **options):
    stack = engine.read(*arguments, **options)
    with cloud.created(stack):
        return [render(router) for router in routers(stack)]


def merge(message):
    """The cloud-config text that cloud-init makes of all parts."""
    with tempfile.TemporaryDirectory(prefix="sluice-heat-") as folder:
        paths = helpers.Paths({"cloud_dir": folder, "run_dir": folder})
        handler = cloud_config.CloudConfigPartHandler(paths)
        handler.cloud_fn = os.path.join(folder, "cloud-config")
        handler.handle_part(None, CONTENT_START, None, None, None, None)
        for part in user_data.UserDataProcessor(paths).process(message).walk():
            if part.get_content_type() == "text/cloud-config":
                payload = part.get_payload(decode=True).decode()
                handler.handle_part(None, part.get_content_type(), part.get_filename(""), payload, None, part)
        handler.handle_part(None, CONTENT_END, None, None, None, None)
        with open(handler.cloud_fn) as file:
            return file.read()
