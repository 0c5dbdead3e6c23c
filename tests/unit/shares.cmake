# Which member of a pool has which rows of its table.
sluice_test(shares
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/shares.c ${CMAKE_SOURCE_DIR}/vnf/dataplane/service/maglev.c
    ${CMAKE_SOURCE_DIR}/vnf/dataplane/service/rendezvous.c ${CMAKE_SOURCE_DIR}/vnf/dataplane/service/share_members.c)
target_link_libraries(test_shares PRIVATE sluice_failing m)
# Tables are built thousands of times: worth optimising, also in a debug build.
target_compile_options(test_shares PRIVATE -O2)
