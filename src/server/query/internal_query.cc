#include "server/query/internal_query.h"

#include <algorithm>
#include <charconv>

#include "base/index_name.h"
#include "server/ingest/ingest_service.h"

namespace lynxdb::server {

std::string spl2_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

Result<std::string> spl2_field(std::string_view name) {
  if (name.empty() || name.find('`') != std::string_view::npos)
    return Error{ErrorCode::kInvalidArgument, "no field name: '" + std::string(name) + "'"};
  return "`" + std::string(name) + "`";
}

Result<std::string> from_clause(const Request& request, std::string_view source_parameter) {
  const std::string_view index = request.query.get("index");
  if (!index.empty() && !base::is_index_name(index))
    return Error{ErrorCode::kInvalidArgument,
                 "'" + std::string(index) + "' is no name of an index"};
  std::string text = "FROM " + (index.empty() ? "*" : spl2_string(index));
  const std::string_view source = request.query.get(source_parameter);
  if (!source.empty()) text += " | search _source=" + spl2_string(source);
  return text;
}

Result<std::uint64_t> count_parameter(const Request& request, std::string_view name,
                                      std::uint64_t otherwise, std::uint64_t max) {
  const std::string* text = request.query.find(name);
  if (text == nullptr) return otherwise;
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), count);
  if (text->empty() || error != std::errc() || end != text->data() + text->size() || count == 0 ||
      count > max)
    return Error{ErrorCode::kInvalidArgument,
                 std::string(name) + " must be a whole number from 1 to " + std::to_string(max)};
  return count;
}

}  // namespace lynxdb::server
