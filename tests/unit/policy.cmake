# The policy engine against a list of rules; and with memory that runs out.
file(GLOB policy_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/vnf/dataplane/policy/*.c
  ${CMAKE_SOURCE_DIR}/vnf/dataplane/fib/*.c ${CMAKE_SOURCE_DIR}/vnf/dataplane/bank/*.c)
set(policy_model ${CMAKE_CURRENT_SOURCE_DIR}/policy_model.c ${CMAKE_CURRENT_SOURCE_DIR}/internet.c
  ${CMAKE_SOURCE_DIR}/vnf/core/address.c ${policy_sources})
foreach(test policy policy_limits policy_classbench)
  sluice_test(${test} SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/${test}.c ${CMAKE_CURRENT_SOURCE_DIR}/classbench.c
    ${policy_model})
  target_compile_definitions(test_${test} PRIVATE
    SLUICE_DATA="${CMAKE_SOURCE_DIR}/../shared/data"
    SLUICE_PREFIXES="${CMAKE_SOURCE_DIR}/../shared/data/internet-prefixes.txt.gz")
  # Packets are compared one by one with every rule: worth optimising, also in a debug build.
  target_compile_options(test_${test} PRIVATE -O2)
endforeach()
target_link_libraries(test_policy_limits PRIVATE sluice_failing)
set_tests_properties(policy_classbench PROPERTIES SKIP_RETURN_CODE 77)
