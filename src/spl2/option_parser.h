// Options `name=value` of commands, and their values.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "spl2/ast.h"
#include "spl2/context.h"

namespace lynxdb::spl2 {

// Does `name =` stand at the cursor?
bool at_option(Context& context);

// Reads `name =`; the name in lower case. nullopt, with an error recorded, if `command` has no such
// option or has it already.
std::optional<std::string> read_option_name(Context& context, std::string_view command,
                                            std::initializer_list<std::string_view> known);

struct OptionValue {
  std::string text;
  bool quoted = false;
  Span span;
};

// A string, or the text up to a space, comma, bracket or `|`. All of these record an error.
std::optional<OptionValue> read_value(Context& context);
// `what`: the number's name in errors.
std::optional<std::uint64_t> read_count(Context& context, std::uint64_t min = 0,
                                        std::string_view what = "the number");
bool read_bool(Context& context, bool& value);
std::optional<std::int64_t> read_duration(Context& context);
std::optional<TimeSpan> read_time_span(Context& context);

}  // namespace lynxdb::spl2
