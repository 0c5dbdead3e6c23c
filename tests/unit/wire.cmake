sluice_test(wire SOURCES ${CMAKE_CURRENT_LIST_DIR}/wire.c LIBRARIES sluice_wire sluice_proto)
sluice_test(wire_pieces SOURCES ${CMAKE_CURRENT_LIST_DIR}/wire_pieces.c LIBRARIES sluice_wire sluice_proto)
