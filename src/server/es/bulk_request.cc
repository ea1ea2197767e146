#include "server/es/bulk_request.h"

#include <optional>

#include "server/http/json_object.h"

namespace lynxdb::server {
namespace {

// Takes the next line off the front, without its line end.
std::string_view take_line(std::string_view& body) {
  const std::size_t end = std::min(body.find('\n'), body.size());
  std::string_view line = body.substr(0, end);
  body.remove_prefix(std::min(end + 1, body.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

std::optional<BulkAction> action_named(std::string_view name) {
  for (const BulkAction action :
       {BulkAction::kIndex, BulkAction::kCreate, BulkAction::kUpdate, BulkAction::kDelete})
    if (name == to_string(action)) return action;
  return std::nullopt;
}

Error malformed(std::size_t line, const std::string& what) {
  return Error{ErrorCode::kParse,
               "Malformed action/metadata line [" + std::to_string(line) + "], " + what};
}

Result<BulkItem> read_action(std::string_view text, std::size_t line,
                             std::string_view default_index) {
  const auto members = read_json_object(text, RepeatedMember::kLastWins);
  if (!members.has_value()) return malformed(line, "expected a JSON object");
  if (members->size() != 1) return malformed(line, "expected one action");
  const JsonMember& only = members->front();
  const std::optional<BulkAction> action = action_named(only.name);
  if (!action)
    return malformed(
        line, "expected one of [create, delete, index, update] but found [" + only.name + "]");
  const auto metadata = read_json_object(only.json, RepeatedMember::kLastWins);
  if (!metadata.has_value()) return malformed(line, "expected an object of metadata");
  BulkItem item{.action = *action, .index = std::string(default_index), .id = {}, .document = {}};
  for (const JsonMember& member : *metadata) {
    if (member.name == "_index" && !member.value.is_null()) item.index = event::text(member.value);
    if (member.name == "_id" && !member.value.is_null()) item.id = event::text(member.value);
  }
  return item;
}

}  // namespace

std::string_view without_byte_order_mark(std::string_view body) {
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  if (body.starts_with(kMark)) body.remove_prefix(kMark.size());
  return body;
}

std::string_view to_string(BulkAction action) {
  switch (action) {
    case BulkAction::kIndex:
      return "index";
    case BulkAction::kCreate:
      return "create";
    case BulkAction::kUpdate:
      return "update";
    case BulkAction::kDelete:
      break;
  }
  return "delete";
}

Result<std::vector<BulkItem>> read_bulk(std::string_view body, std::string_view default_index) {
  std::vector<BulkItem> items;
  body = without_byte_order_mark(body);
  for (std::size_t line = 1; !body.empty(); ++line) {
    const std::string_view action = take_line(body);
    if (is_blank(action)) continue;
    BulkItem item = TRY(read_action(action, line, default_index));
    if (item.action != BulkAction::kDelete) {
      if (body.empty()) return malformed(line, "its document is missing");
      item.document = take_line(body);
      ++line;
    }
    items.push_back(std::move(item));
  }
  return items;
}

}  // namespace lynxdb::server
