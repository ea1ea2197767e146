// Parsing never crashes, errors lie in the text, and what parses prints to text of the same
// meaning.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "spl2/parser.h"
#include "spl2/printer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lynxdb::spl2;
  // The printer adds quotes, parentheses and default values, so its text may be longer.
  const ParseOptions generous{.query_bytes_max = std::size_t{64} << 20U};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto result = parse(text);
  if (const auto* errors = std::get_if<1>(&result)) {
    LYNXDB_CHECK(!errors->empty() && errors->size() <= 5);
    for (const ParseError& error : *errors) {
      LYNXDB_CHECK(error.span.offset + std::size_t{error.span.length} <= size);
      render_error(text, error);
    }
    return 0;
  }
  const std::string printed = to_text(std::get<Query>(result));
  const auto again = parse(printed, generous);
  const auto* query = std::get_if<Query>(&again);
  LYNXDB_CHECK(query != nullptr);
  LYNXDB_CHECK(to_text(*query) == printed);
  return 0;
}
