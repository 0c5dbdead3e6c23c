sluice_test(wire SOURCES ${CMAKE_CURRENT_LIST_DIR}/wire.c LIBRARIES sluice_wire sluice_proto)
