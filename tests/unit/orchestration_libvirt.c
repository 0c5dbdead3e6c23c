/* SPDX-License-Identifier: Apache-2.0 */
/* The libvirt driver on test:///default: what it defines, finds, and takes away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/stat.h>

#include "orchestration/command.h"
#include "orchestration/libvirt/connection.h"
#include "orchestration/libvirt/domain.h"
#include "orchestration/libvirt/machine.h"
#include "orchestration/libvirt/seed.h"
#include "orchestration_text.h"

static const char text[] = "name: edge\n"
			   "driver: libvirt\n"
			   "connect: test:///default\n"
			   "image: image.qcow2\n"
			   "accelerator: tcg\n"
			   "vcpus: 3\n"
			   "replicas: 2\n"
			   "storage: .\n"
			   "day0: day0.yaml\n"
			   "insecure: true\n"
			   "management: {bridge: br-mgmt, addresses: [127.0.0.2/8, 127.0.0.3/8], gateway: 127.0.0.1}\n"
			   "dataplane:\n"
			   "- {name: west, bridge: br-west, addresses: [10.0.0.1/8, [10.0.0.2/8, \"fd00::2/64\"]]}\n"
			   "- {name: east, mtu: 1600}\n";

static const struct driver_ops *const ops = &libvirt_driver;
static struct error error;
static struct spec spec;

static int begin(void **state)
{
	const char *const image[] = {"qemu-img", "create", "-q", "-f", "qcow2", "image.qcow2", "1M", NULL};

	enter_folder(state);
	return command_run(image, NULL, NULL, NULL, &error) || read_spec(&spec, text, &error);
}

static int end(void **state)
{
	spec_free(&spec);
	return leave_folder(state);
}

static struct driver *open_test(void)
{
	struct driver *driver;

	memset(&error, 0, sizeof(error));
	driver = ops->open("test:///default", NULL, &error);
	assert_non_null(driver);
	return driver;
}

static struct instance replica(uint32_t number, char letter, enum instance_role role)
{
	return (struct instance){.vnf = "edge", .replica = number, .letter = letter, .role = role};
}

static size_t count_of(const char *whole, const char *part)
{
	size_t count = 0;

	while ((whole = strstr(whole, part))) {
		count++;
		whole++;
	}
	return count;
}

static void the_domain_is_what_xdp_wants(void **state)
{
	struct instance instance = replica(1, 'a', ROLE_ACTIVE);
	char *xml = ops->xml(&spec, &instance, &error), mac[DOMAIN_MAC], device[16];

	(void)state;
	assert_non_null(xml);
	assert_non_null(strstr(xml, "<domain type=\"qemu\">"));
	assert_non_null(strstr(xml, "<name>edge-1a</name>"));
	assert_non_null(strstr(xml, "address=\"127.0.0.3/8\""));
	assert_int_equal(count_of(xml, "<interface"), 3);
	assert_int_equal(count_of(xml, "queues=\"6\""), 3);
	assert_int_equal(count_of(xml, "<guest csum=\"off\" tso4=\"off\" tso6=\"off\" ecn=\"off\" ufo=\"off\"/>"), 3);
	assert_non_null(strstr(xml, "<source bridge=\"br-west\"/>"));
	assert_non_null(strstr(xml, "<mtu size=\"1600\"/>"));
	assert_non_null(strstr(xml, "org.qemu.guest_agent.0"));
	assert_null(strstr(xml, "<link"));
	assert_int_equal(domain_device(xml, domain_mac(&instance, 2, mac), device, sizeof(device)), 0);
	assert_string_equal(device, "edge-1-east");
	assert_int_equal(domain_device(xml, domain_mac(&instance, 1, mac), device, sizeof(device)), -1);
	free(xml);
}

static void a_standby_has_its_networks_unplugged(void **state)
{
	struct instance active = replica(0, 'a', ROLE_ACTIVE), standby = replica(0, 'b', ROLE_STANDBY);
	char *xml = ops->xml(&spec, &standby, &error), *interface, one[DOMAIN_MAC], other[DOMAIN_MAC];

	(void)state;
	assert_int_equal(count_of(xml, "<link state=\"down\"/>"), 2);
	/* An upgrade keeps the ports' MACs, and has two management NICs at a time. */
	assert_string_equal(domain_mac(&active, 1, one), domain_mac(&standby, 1, other));
	assert_string_not_equal(domain_mac(&active, 0, one), domain_mac(&standby, 0, other));
	assert_string_not_equal(domain_mac(&active, 1, one), domain_mac(&active, 2, other));
	interface = domain_interface_xml(xml, domain_mac(&standby, 1, one), true);
	assert_non_null(strstr(interface, one));
	assert_non_null(strstr(interface, "<link state=\"up\"/>"));
	assert_int_equal(count_of(interface, "<interface"), 1);
	free(interface);
	assert_null(domain_interface_xml(xml, "02:00:00:00:00:00", true));
	free(xml);
}

static void the_seed_says_what_the_image_reads(void **state)
{
	struct instance active = replica(1, 'a', ROLE_ACTIVE), standby = replica(1, 'b', ROLE_STANDBY);
	struct metadata metadata;
	char *user, *network, mac[DOMAIN_MAC];

	(void)state;
	machine_plan(&spec, &active, 1, &metadata);
	user = seed_user_data(&spec, &active, &metadata, &error);
	assert_non_null(strstr(user, "#cloud-config\n"));
	assert_non_null(strstr(user, "      address replace 10.0.0.2/8 dev port1\n"
				     "      address replace fd00::2/64 dev port1\n"));
	assert_null(strstr(user, "10.0.0.1/8"));
	assert_non_null(strstr(user, "path: /etc/sluice/day0.yaml"));
	assert_non_null(strstr(user, "      vrf: [{name: x}]\n"));
	free(user);
	user = seed_user_data(&spec, &standby, &metadata, &error);
	assert_null(strstr(user, "day0.yaml"));
	free(user);
	network = seed_network_config(&spec, &active, &metadata, &error);
	assert_non_null(strstr(network, domain_mac(&active, 0, mac)));
	assert_non_null(strstr(network, "addresses: [\"127.0.0.3/8\"]"));
	assert_non_null(strstr(network, "via: \"127.0.0.1\""));
	free(network);
}

static void assert_instances(struct driver *driver, size_t count, struct instance_list *list)
{
	memset(list, 0, sizeof(*list));
	assert_int_equal(ops->find(driver, "edge", list, &error), 0);
	assert_int_equal(list->count, count);
}

static void what_is_made_is_found_and_taken_away(void **state)
{
	struct driver *driver = open_test();
	struct instance first = replica(0, 'a', ROLE_ACTIVE), second = replica(1, 'a', ROLE_ACTIVE);
	struct instance third = replica(0, 'b', ROLE_STANDBY);
	struct instance_list list;
	struct stat status, other;
	virDomainPtr domain;
	char words[160];

	(void)state;
	assert_int_equal(ops->create(driver, &spec, &first, NULL, &error), 0);
	assert_int_equal(ops->create(driver, &spec, &second, NULL, &error), 0);
	assert_string_equal(second.server, "127.0.0.3:50051");
	assert_instances(driver, 2, &list);
	assert_true(list.instance[0].running && list.instance[1].running);
	assert_int_equal(list.instance[1].replica, 1);
	assert_string_equal(list.instance[0].server, "127.0.0.2:50051");
	assert_non_null(strstr(list.instance[0].image, "/image.qcow2"));
	instance_list_free(&list);
	assert_int_equal(stat("edge-0a.qcow2", &status) | stat("edge-1a-seed.iso", &other), 0);
	assert_int_equal((status.st_mode | other.st_mode) & 0777, 0600); /* keys are in both */

	/* A third finds its network without a bridge taken, and leaves nothing. */
	assert_int_equal(ops->create(driver, &spec, &third, NULL, &error), -1);
	assert_non_null(strstr(error.fault[0].message, "cannot be at two instances"));
	memset(&error, 0, sizeof(error));
	assert_int_equal(ops->destroy(driver, &third, &error), 0);
	assert_instances(driver, 2, &list);
	instance_list_free(&list);

	/* libvirt's words come through. */
	domain = connection_domain(driver, &first);
	assert_int_equal(virDomainCreate(domain), -1);
	assert_int_equal(connection_domain_fault(&error, domain), -1);
	assert_string_equal(error.fault[0].field, "edge-0a");
	assert_non_null(strstr(error.fault[0].message, "running"));
	memset(&error, 0, sizeof(error));
	virDomainFree(domain);

	/* One that dies is found dead, and starts again. */
	assert_int_equal(ops->kill(driver, &first, &error), 0);
	assert_false(ops->alive(driver, &first, words));
	assert_instances(driver, 2, &list);
	assert_false(list.instance[0].running);
	assert_int_equal(ops->restart(driver, &spec, &list.instance[0], &error), 0);
	assert_true(ops->alive(driver, &first, words));
	instance_list_free(&list);

	assert_int_equal(ops->destroy(driver, &first, &error) | ops->destroy(driver, &second, &error), 0);
	assert_instances(driver, 0, &list);
	assert_int_not_equal(access("edge-0a.qcow2", F_OK), 0);
	assert_int_not_equal(access("edge-0a-seed.iso", F_OK), 0);
	assert_int_not_equal(access("edge-1a.qcow2", F_OK), 0);
	ops->close(driver);
}

/* The orchestrator may die right after it defined a domain, or with half of its files there. */
static void what_a_crash_left_is_found(void **state)
{
	struct instance instance = replica(0, 'a', ROLE_ACTIVE);
	struct driver *driver = open_test();
	char *xml = ops->xml(&spec, &instance, &error);
	virDomainPtr domain = virDomainDefineXML(driver->connection, xml);
	struct instance_list list;

	(void)state;
	assert_non_null(domain);
	virDomainFree(domain);
	free(xml);
	write_text("edge-0a.qcow2", "half");
	assert_instances(driver, 1, &list);
	assert_false(list.instance[0].running);
	assert_int_equal(ops->destroy(driver, &list.instance[0], &error), 0);
	instance_list_free(&list);
	assert_instances(driver, 0, &list);
	assert_int_not_equal(access("edge-0a.qcow2", F_OK), 0);
	ops->close(driver);
}

static void domains_of_others_are_left_alone(void **state)
{
	struct instance instance = replica(0, 'a', ROLE_ACTIVE);
	struct driver *driver = open_test();
	virDomainPtr domain = virDomainDefineXML(driver->connection,
						 "<domain type='test'><name>edge-0a</name><memory>1024</memory><os>"
						 "<type>hvm</type></os></domain>");
	struct instance_list list;

	(void)state;
	assert_non_null(domain);
	assert_instances(driver, 0, &list);
	assert_int_equal(ops->destroy(driver, &instance, &error), -1);
	assert_non_null(strstr(error.fault[0].message, "somebody else's"));
	assert_int_equal(virDomainUndefine(domain), 0);
	virDomainFree(domain);
	ops->close(driver);
}

static void roles_are_kept_in_the_metadata(void **state)
{
	struct metadata metadata = {.role = ROLE_RETIRED, .image = "/a&b <c>", .address = "192.0.2.1/24"}, read;
	char *xml = metadata_xml(&metadata);

	(void)state;
	assert_int_equal(metadata_parse(xml, &read), 0);
	assert_int_equal(read.role, ROLE_RETIRED);
	assert_string_equal(read.image, metadata.image);
	assert_string_equal(read.address, metadata.address);
	assert_int_equal(metadata_parse("<other/>", &read), -1);
	assert_int_equal(metadata_parse("<insta", &read), -1);
	free(xml);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_domain_is_what_xdp_wants),
		cmocka_unit_test(a_standby_has_its_networks_unplugged),
		cmocka_unit_test(the_seed_says_what_the_image_reads),
		cmocka_unit_test(what_is_made_is_found_and_taken_away),
		cmocka_unit_test(what_a_crash_left_is_found),
		cmocka_unit_test(domains_of_others_are_left_alone),
		cmocka_unit_test(roles_are_kept_in_the_metadata),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
