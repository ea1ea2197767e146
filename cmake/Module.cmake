# lynxdb_module(NAME SOURCES ... [TESTS ...] [DEPS modules...] [LIBS targets...])
#
# Declares the module in this folder: library lynxdb_NAME (alias lynxdb::NAME) and, with TESTS, the
# test program NAME_test. DEPS are other modules and must be declared earlier: the order of
# add_subdirectory in src/ is the dependency order, so a cycle cannot be written down. The test
# `layers` compares every include with DEPS.
#
# Sanitizer builds compile several files of a target as one (CMake's unity build), which takes a third
# of the time. Files whose private names clash with those of a neighbour are given to
# lynxdb_compile_alone; the dev build compiles every file alone and so notices a missing include.
set_property(GLOBAL PROPERTY LYNXDB_LAYERS "")

function(lynxdb_compile_alone)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()

function(lynxdb_module name)
  cmake_parse_arguments(arg "" "" "SOURCES;TESTS;DEPS;LIBS" ${ARGN})
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "lynxdb_module(${name}): what is '${arg_UNPARSED_ARGUMENTS}'?")
  endif()
  add_library(lynxdb_${name} STATIC ${arg_SOURCES})
  add_library(lynxdb::${name} ALIAS lynxdb_${name})
  target_link_libraries(lynxdb_${name} PUBLIC lynxdb_options fmt::fmt Threads::Threads ${arg_LIBS})
  foreach(dep IN LISTS arg_DEPS)
    if(NOT TARGET lynxdb_${dep})
      message(FATAL_ERROR "module '${name}' depends on '${dep}', which is not declared before it")
    endif()
    target_link_libraries(lynxdb_${name} PUBLIC lynxdb_${dep})
  endforeach()
  target_precompile_headers(lynxdb_${name} PRIVATE "${CMAKE_SOURCE_DIR}/cmake/pch.h")

  string(REPLACE ";" "," deps "${arg_DEPS}")
  set_property(GLOBAL APPEND PROPERTY LYNXDB_LAYERS "${name}:${deps}")

  if(arg_TESTS)
    lynxdb_test(${name}_test SOURCES ${arg_TESTS} LIBS lynxdb_${name})
  endif()
endfunction()

# lynxdb_test(NAME SOURCES ... [LIBS ...] [TIMEOUT seconds]): one GoogleTest program, one ctest.
function(lynxdb_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;LIBS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE lynxdb_options ${arg_LIBS} GTest::gtest GTest::gmock GTest::gtest_main)
  target_precompile_headers(${name} PRIVATE "${CMAKE_SOURCE_DIR}/cmake/test_pch.h")
  # For tests that read what is beside the code: documents, sample files.
  target_compile_definitions(${name} PRIVATE LYNXDB_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  if(LYNXDB_SANITIZE)
    # Optimising the instrumented code of a test takes longer than the test does.
    target_compile_options(${name} PRIVATE -O0)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  if(LYNXDB_SANITIZE)
    math(EXPR arg_TIMEOUT "4 * ${arg_TIMEOUT}")  # Sanitizers cost that much, and more on busy machines.
  endif()
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT})
endfunction()

# Writes the declared layers for the `layers` test. Called once, after all modules.
function(lynxdb_finish_modules)
  get_property(layers GLOBAL PROPERTY LYNXDB_LAYERS)
  list(JOIN layers "\n" text)
  file(WRITE "${CMAKE_BINARY_DIR}/layers.txt" "${text}\n")
  add_test(NAME layers COMMAND "${CMAKE_SOURCE_DIR}/scripts/check-layers"
    "${CMAKE_BINARY_DIR}/layers.txt" "${CMAKE_SOURCE_DIR}/src")
endfunction()
