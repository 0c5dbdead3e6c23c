add_test(NAME port_number COMMAND ${CMAKE_CURRENT_LIST_DIR}/port_number.sh)
set_tests_properties(port_number PROPERTIES LABELS unit)
