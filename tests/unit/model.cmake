# The protocol of a commit in every interleaving; skipped where there is no spin.
add_test(NAME model COMMAND ${CMAKE_SOURCE_DIR}/tests/model/check.sh)
set_tests_properties(model PROPERTIES LABELS unit SKIP_RETURN_CODE 77 TIMEOUT 600)
