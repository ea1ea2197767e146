// For tests of the engine: the syntax tree of one command, from its text.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "query/execution.h"
#include "query/spill.h"
#include "spl2/parser.h"

namespace lynxdb::query::testing {

// The last command of `FROM main | text`.
inline spl2::Command command_of(const std::string& text) {
  const auto parsed = spl2::parse("FROM main | " + text);
  if (const auto* errors = std::get_if<std::vector<spl2::ParseError>>(&parsed)) {
    ADD_FAILURE() << text << ": " << errors->front().message;
    return {};
  }
  return std::get<spl2::Query>(parsed).main->commands.back();
}

template <typename T>
T parse_as(const std::string& text) {
  spl2::Command command = command_of(text);
  if (T* node = std::get_if<T>(&command.node)) return std::move(*node);
  ADD_FAILURE() << text << " is another command: " << command.name;
  return {};
}

// What a query runs in. Declared before the operators that use it.
struct TestExecution {
  explicit TestExecution(std::size_t memory_bytes = std::size_t{256} << 20U,
                         std::uint64_t disk_bytes = std::uint64_t{1} << 30U)
      : spill(::testing::TempDir() + "/lynxdb-operator-test", disk_bytes),
        execution(memory_bytes, spill) {}

  SpillSpace spill;
  Execution execution;
};

}  // namespace lynxdb::query::testing
