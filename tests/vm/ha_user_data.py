#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""ha_user_data.py TLS: what Nova would give to the first router of sluice-ha.yaml as user data, made by Heat's engine.

TLS is a folder with the PEM files. Both shared addresses are those that the tests' networks know the router by; its own
end in .3. In place of Heat, the guest tells a file when it is ready."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../heat"))
import cloud  # noqa: E402
import user_data  # noqa: E402


def read(*path):
    with open(os.path.join(*path)) as file:
        return file.read()


if __name__ == "__main__":
    cloud.ADDRESSES.update(west_port="172.16.0.3", west_shared="172.16.0.1", east_port="10.9.0.3", east_shared="10.9.0.1")
    cloud.CURL = "touch /run/signalled; :"
    print(user_data.render_all("sluice-ha.yaml", parameters={
        "certificate": read(sys.argv[1], "server.crt"), "certificate_key": read(sys.argv[1], "server.key"),
        "client_ca": read(sys.argv[1], "authority.crt")})[0])
