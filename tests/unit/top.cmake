# sluicectl top: rates, order and layout; then the command over a real socket.
sluice_test(top SOURCES ${CMAKE_CURRENT_LIST_DIR}/top.c LIBRARIES sluice_top sluice_failing)
