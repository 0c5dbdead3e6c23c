file(GLOB compile_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/vnf/control/compile*.c)
set(compile_sources ${compile_sources} ${CMAKE_SOURCE_DIR}/vnf/control/program_devices.c
    ${CMAKE_CURRENT_LIST_DIR}/compile_fake.c ${CMAKE_CURRENT_LIST_DIR}/compile_fake_kernel.c)
sluice_test(compile SOURCES ${CMAKE_CURRENT_LIST_DIR}/compile.c ${compile_sources} LIBRARIES sluice_core m)
