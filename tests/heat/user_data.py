# SPDX-License-Identifier: Apache-2.0
"""The user data that a router's server gets, made by Heat's engine, and what cloud-init makes of it.

  tests/heat/user_data.py TEMPLATE [ENVIRONMENT...]   prints that of the first router, as Nova would get it
"""

import os
import sys
import tempfile
import unittest.mock

from cloudinit import helpers, user_data
from cloudinit.handlers import CONTENT_END, CONTENT_START, cloud_config
from heat.common import exception
from heat.engine.resources.openstack.heat import multi_part, resource_group
from heat.engine.resources.openstack.heat import autoscaling_group

import cloud
import engine

GROUPS = (resource_group.ResourceGroup, autoscaling_group.AutoScalingResourceGroup)


def routers(stack):
    """The stacks of sluice-vnf.yaml that are in this one; inside cloud.created()."""
    if "user_data" in stack:
        return [stack]
    found = []
    for resource in stack.values():
        if isinstance(resource, GROUPS) or resource.type().endswith("sluice-vnf.yaml"):
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
        os.makedirs(os.path.dirname(paths.get_ipath_cur("cloud_config") or folder), exist_ok=True)
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


if __name__ == "__main__":
    print(render_all(sys.argv[1], sys.argv[2:] or ("site.yaml",))[0])
