# SPDX-License-Identifier: Apache-2.0
"""Lists stay at the revision of their first page, whoever writes meanwhile."""

import daemon
from daemon import change, delete, discard, route


class Paging(daemon.TestCase):
    def pages(self, kind, size, between=None, **options):
        states, token, revisions = [], "", set()
        while True:
            page = self.state.ListResources(dict(options, kind="RESOURCE_KIND_" + kind, page_size=size,
                                                 page_token=token))
            self.assertLessEqual(len(page.states), size)
            states += page.states
            revisions.add(page.revision)
            token = page.next_page_token
            if not token:
                break
            if between:
                between()
        self.assertEqual(len(revisions), 1)
        return [state.key for state in states], revisions.pop()

    def test_every_size_gives_the_same(self):
        self.apply(*[change("vrf", name=f"vrf-{number:02}") for number in range(23)])
        whole = [f"vrf-{number:02}" for number in range(23)]
        for size in 0, 1, 2, 5, 22, 23, 24, 1000:
            if size:
                self.assertEqual(self.pages("VRF", size)[0], whole)
            else:
                self.assertEqual(self.keys("VRF"), whole)

    def test_pinned_while_another_writes(self):
        self.apply(*discard(), *[route("red", f"10.{number}.0.0/16") for number in range(50)])
        start = self.revision()
        counter = iter(range(1000))
        with self.daemon.client() as other:
            def write():
                number = next(counter)
                self.apply(delete("route", vrf="red", prefix=f"10.{49 - number}.0.0/16"),
                           route("red", f"172.16.{number}.0/24"), client=other)

            keys, revision = self.pages("ROUTE", 7, write)
        self.assertEqual(revision, start)
        self.assertEqual(keys, [f"red/10.{number}.0.0/16" for number in range(50)])
        self.assertGreater(self.revision(), start)

    def test_key_order(self):
        self.apply(*discard(), *discard("blue"), route("red", "2001:db8::/32"), route("red", "10.0.0.0/8"),
                   route("red", "9.0.0.0/8"), route("red", "10.0.0.0/16"), route("blue", "::/0"),
                   route("red", "0.0.0.0/0"))
        self.assertEqual(self.pages("ROUTE", 2)[0], [
            "blue/::/0", "red/0.0.0.0/0", "red/9.0.0.0/8", "red/10.0.0.0/8", "red/10.0.0.0/16", "red/2001:db8::/32"])

    def test_of_one_vrf(self):
        self.apply(*discard(), *discard("blue"), *[route(vrf, f"10.{number}.0.0/16") for number in range(9)
                                                   for vrf in ("red", "blue")],
                   change("interface", name="a", vrf="red"), change("interface", name="b", vrf="blue"),
                   change("flow_classifier", name="a", vrf="red"), change("flow_classifier", name="b", vrf="blue"))
        self.assertEqual(self.pages("ROUTE", 2, vrf="blue")[0], [f"blue/10.{number}.0.0/16" for number in range(9)])
        self.assertEqual(self.pages("INTERFACE", 1, vrf="blue")[0], ["b"])
        self.assertEqual(self.pages("FLOW_CLASSIFIER", 1, vrf="red")[0], ["a"])
        self.assertEqual(self.pages("ROUTE", 2, vrf="nobody")[0], [])

    def test_a_token_is_of_its_list(self):
        self.apply(*[change("vrf", name=f"vrf-{number}") for number in range(5)])
        token = self.state.ListResources({"kind": "RESOURCE_KIND_VRF", "page_size": 2}).next_page_token
        self.assertFails("INVALID_ARGUMENT", self.state.ListResources,
                         {"kind": "RESOURCE_KIND_ROUTE", "page_token": token}, field="page_token")
