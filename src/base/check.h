// Checks of the program itself, on in release builds: a broken invariant ends the process with a
// message instead of going on with wrong data. Not for input, disk or network: those are Result<T>.
#pragma once

namespace lynxdb::base {

// Prints `file:line: check failed: what` to stderr and aborts.
[[noreturn]] void check_failed(const char* file, int line, const char* what);

}  // namespace lynxdb::base

#define LYNXDB_CHECK(condition)                                     \
  do {                                                              \
    if (!(condition)) [[unlikely]]                                  \
      ::lynxdb::base::check_failed(__FILE__, __LINE__, #condition); \
  } while (false)

// For checks whose cost shows in a profile: on in debug builds only.
#ifdef LYNXDB_DEBUG
#define LYNXDB_DCHECK(condition) LYNXDB_CHECK(condition)
#else
#define LYNXDB_DCHECK(condition) \
  do {                           \
  } while (false)
#endif
