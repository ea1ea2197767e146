# Run at each build: writes OUTPUT from the commit of SOURCE_DIR, and touches it only when it changes.
execute_process(COMMAND git -C "${SOURCE_DIR}" log -1 "--format=%h;%cs"
  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(failed OR NOT commit)
  set(commit "unknown;unknown")
endif()
list(GET commit 0 hash)
list(GET commit 1 date)
set(text "#include \"cli/build_info.h\"

namespace lynxdb::cli {
BuildInfo build_info() { return {\"${VERSION}\", \"${hash}\", \"${date}\"}; }
}  // namespace lynxdb::cli
")
set(old "")
if(EXISTS "${OUTPUT}")
  file(READ "${OUTPUT}" old)
endif()
if(NOT old STREQUAL text)
  file(WRITE "${OUTPUT}" "${text}")
endif()
