file(GLOB compile_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/vnf/control/program/compile*.c)
set(compile_sources ${compile_sources} ${CMAKE_SOURCE_DIR}/vnf/control/program/program_devices.c
    ${CMAKE_SOURCE_DIR}/vnf/dataplane/hash.c
    ${CMAKE_CURRENT_LIST_DIR}/compile_fake.c ${CMAKE_CURRENT_LIST_DIR}/compile_fake_kernel.c)
foreach(name compile compile_chains compile_groups)
  sluice_test(${name} SOURCES ${CMAKE_CURRENT_LIST_DIR}/${name}.c ${compile_sources} LIBRARIES sluice_core m)
endforeach()

file(GLOB fib_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/vnf/dataplane/fib*.c)
sluice_test(program
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/program.c ${compile_sources} ${CMAKE_SOURCE_DIR}/vnf/control/program/program.c
          ${CMAKE_SOURCE_DIR}/vnf/control/program/program_routes.c ${fib_sources}
  LIBRARIES sluice_core m -Wl,--wrap=fib_set)
