// sql_peer duckdb|chdb LIBRARY [--database PATH] [--time N] SQL
//
// Runs one statement, in memory or over a database on disk, and prints its rows, tab-separated.
// With
// --time it runs it once to warm up and N times more, and prints the milliseconds of each of these.
// The peers come as shared libraries from npm; only the few functions of their C interfaces that
// are needed are declared here and looked up when it runs.
#include <dlfcn.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
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

// Prints rows only when they are what was asked for.
using Run = std::function<void(bool print)>;

void run_timed(const Run& run, int times) {
  if (times == 0) return run(true);
  run(false);
  for (int i = 0; i < times; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    run(false);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    std::printf("%.3f\n", took.count());
  }
}

void run_duckdb(const char* path, const char* sql, int times) {
  struct Result {  // duckdb_result: opaque to us, 48 bytes in the C interface.
    std::uint64_t words[16] = {};
  };
  void* database = nullptr;
  void* connection = nullptr;
  char* error = nullptr;
  if (symbol<int(const char*, void**, void*, char**)>("duckdb_open_ext")(
          path == nullptr ? ":memory:" : path, &database, nullptr, &error) != 0)
    fail(error);
  if (symbol<int(void*, void**)>("duckdb_connect")(database, &connection) != 0)
    fail("cannot connect");
  const auto run = [&](bool print) {
    Result result;
    if (symbol<int(void*, const char*, Result*)>("duckdb_query")(connection, sql, &result) != 0)
      fail(symbol<const char*(Result*)>("duckdb_result_error")(&result));
    if (!print) return symbol<void(Result*)>("duckdb_destroy_result")(&result);
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
  };
  run_timed(run, times);
}

void run_chdb(const char* path, const char* sql, int times) {
  std::string name = "clickhouse";
  std::string place = path == nullptr ? "" : std::string("--path=") + path;
  char* arguments[] = {name.data(), place.data()};
  void** connection =
      symbol<void**(int, char**)>("chdb_connect")(path == nullptr ? 1 : 2, arguments);
  if (connection == nullptr) fail("cannot connect");
  const auto run = [&](bool print) {
    void* result = symbol<void*(void*, const char*, std::size_t, const char*, std::size_t)>(
        "chdb_query_n")(*connection, sql, std::strlen(sql), "TSV", 3);
    if (const char* error = symbol<const char*(void*)>("chdb_result_error")(result)) fail(error);
    if (print)
      std::fwrite(symbol<char*(void*)>("chdb_result_buffer")(result), 1,
                  symbol<std::size_t(void*)>("chdb_result_length")(result), stdout);
    symbol<void(void*)>("chdb_destroy_query_result")(result);
  };
  run_timed(run, times);
}

}  // namespace

int main(int argc, char** argv) {
  const char* path = nullptr;
  int times = 0;
  int next = 3;
  for (; next + 2 < argc; next += 2) {
    const std::string flag = argv[next];
    if (flag == "--database") path = argv[next + 1];
    if (flag == "--time") times = std::atoi(argv[next + 1]);
  }
  if (next + 1 != argc)
    fail("usage: sql_peer duckdb|chdb LIBRARY [--database PATH] [--time N] SQL");
  library = dlopen(argv[2], RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) fail(dlerror());
  if (std::strcmp(argv[1], "duckdb") == 0)
    run_duckdb(path, argv[next], times);
  else
    run_chdb(path, argv[next], times);
  std::fflush(stdout);
  std::_Exit(0);  // Shutting the peers down is not what is measured.
}
