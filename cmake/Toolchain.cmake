# Compiler and linker settings shared by every target.
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
  message(FATAL_ERROR "LynxDB is built with clang-19 (found ${CMAKE_CXX_COMPILER_ID} "
                      "${CMAKE_CXX_COMPILER_VERSION}). Configure through a preset: cmake --preset dev")
endif()

add_library(lynxdb_options INTERFACE)
target_compile_options(lynxdb_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor
  -Wno-gnu-statement-expression-from-macro-expansion -Wno-gnu-statement-expression
  -Wthread-safety -fno-omit-frame-pointer
  # A precompiled header from ccache may be older or newer than the checkout: its content counts.
  "SHELL:-Xclang -fno-pch-timestamp"
  $<$<BOOL:${LYNXDB_WERROR}>:-Werror>)
# NDEBUG is for libraries, whose assertions sit in hot loops; LYNXDB_CHECK is on in every build.
target_compile_definitions(lynxdb_options INTERFACE
  $<$<CONFIG:Debug>:LYNXDB_DEBUG=1> $<$<CONFIG:Release>:NDEBUG>)
target_link_options(lynxdb_options INTERFACE -fuse-ld=lld)
target_include_directories(lynxdb_options INTERFACE "${CMAKE_SOURCE_DIR}/src")

if(LYNXDB_SANITIZE)
  target_compile_options(lynxdb_options INTERFACE
    -fsanitize=${LYNXDB_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(lynxdb_options INTERFACE -fsanitize=${LYNXDB_SANITIZE})
endif()
if(LYNXDB_FUZZ)
  target_compile_options(lynxdb_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # Precompiled headers are cacheable only with this sloppiness (ccache manual, "Precompiled headers").
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
    ${CCACHE_PROGRAM})
endif()
