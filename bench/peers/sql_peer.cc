// sql_peer duckdb|chdb LIBRARY SQL: runs one statement in memory and prints its rows, tab-separated.
// The peers come as shared libraries from npm; only the few functions of their C interfaces that are
// needed are declared here and looked up when it runs.
#include <dlfcn.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

void* library = nullptr;

template <typename Function>
Function* symbol(const char* name) {
  void* address = dlsym(library, name);
  if (address == nullptr) {
    std::fprintf(stderr, "%s\n", dlerror());
    std::exit(1);
  }
  return reinterpret_cast<Function*>(address);
}

[[noreturn]] void fail(const char* message) {
  std::fprintf(stderr, "error: %s\n", message);
  std::exit(1);
}

int run_duckdb(const char* sql) {
  struct Result {  // duckdb_result: opaque to us, 48 bytes in the C interface.
    std::uint64_t words[16] = {};
  };
  void* database = nullptr;
  void* connection = nullptr;
  char* error = nullptr;
  if (symbol<int(const char*, void**, void*, char**)>("duckdb_open_ext")(":memory:", &database, nullptr, &error) != 0) fail(error);
  if (symbol<int(void*, void**)>("duckdb_connect")(database, &connection) != 0) fail("cannot connect");
  Result result;
  if (symbol<int(void*, const char*, Result*)>("duckdb_query")(connection, sql, &result) != 0)
    fail(symbol<const char*(Result*)>("duckdb_result_error")(&result));
  const std::uint64_t rows = symbol<std::uint64_t(Result*)>("duckdb_row_count")(&result);
  const std::uint64_t columns = symbol<std::uint64_t(Result*)>("duckdb_column_count")(&result);
  auto* value = symbol<char*(Result*, std::uint64_t, std::uint64_t)>("duckdb_value_varchar");
  auto* release = symbol<void(void*)>("duckdb_free");
  for (std::uint64_t row = 0; row < rows; ++row) {
    for (std::uint64_t column = 0; column < columns; ++column) {
      char* text = value(&result, column, row);
      std::printf("%s%s", column == 0 ? "" : "\t", text != nullptr ? text : "");
      release(text);
    }
    std::putchar('\n');
  }
  return 0;
}

int run_chdb(const char* sql) {
  char name[] = "clickhouse";
  char* arguments[] = {name};
  void** connection = symbol<void**(int, char**)>("chdb_connect")(1, arguments);
  if (connection == nullptr) fail("cannot connect");
  void* result = symbol<void*(void*, const char*, std::size_t, const char*, std::size_t)>("chdb_query_n")(*connection, sql, std::strlen(sql), "TSV", 3);
  if (const char* error = symbol<const char*(void*)>("chdb_result_error")(result)) fail(error);
  std::fwrite(symbol<char*(void*)>("chdb_result_buffer")(result), 1, symbol<std::size_t(void*)>("chdb_result_length")(result), stdout);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) fail("usage: sql_peer duckdb|chdb LIBRARY SQL");
  library = dlopen(argv[2], RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) fail(dlerror());
  const int code = std::strcmp(argv[1], "duckdb") == 0 ? run_duckdb(argv[3]) : run_chdb(argv[3]);
  std::fflush(stdout);
  std::_Exit(code);  // Shutting the peers down is not what is measured.
}
