#include "cli/remote_fields.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/suggest.h"
#include "cli/exit_code.h"
#include "cli/field_name_match.h"
#include "cli/field_rows.h"
#include "cli/remote_range.h"
#include "cli/server_call.h"
#include "cli/server_failure.h"
#include "client/address.h"

namespace lynxdb::cli {
namespace {

using Parameters = std::vector<std::pair<std::string, std::string>>;
using simdjson::dom::element;

// All columns, so that every row has them.
std::string row_of(element field) {
  constexpr std::array<const char*, 10> kColumns = {
      "name", "type", "count", "coverage", "min", "max", "avg", "p50", "p99", "top_values"};
  std::string row = "{";
  for (const char* column : kColumns) {
    element value;
    row += "\"" + std::string(column) + "\":";
    row += field[column].get(value) == simdjson::SUCCESS ? simdjson::minify(value) : "null";
    row += ",";
  }
  row.back() = '}';
  return row;
}

struct FieldRow {
  std::string name;
  std::string row;
};

std::vector<FieldRow> rows_of(const std::string& data) {
  std::vector<FieldRow> rows;
  simdjson::dom::parser parser;
  element root;
  simdjson::dom::array fields;
  if (parser.parse(simdjson::padded_string(data)).get(root) != simdjson::SUCCESS ||
      root["fields"].get(fields) != simdjson::SUCCESS)
    return rows;
  for (const element field : fields) {
    std::string_view name;
    if (field["name"].get(name) == simdjson::SUCCESS)
      rows.push_back({std::string(name), row_of(field)});
  }
  return rows;
}

Result<Parameters> parameters(const Session& session) {
  Session range = session;  // --source filters here: it is no label that a server would not know.
  range.arguments.source.reset();
  TRY(refuse_input_flags(range));
  Parameters all = TRY(remote_range(session));
  if (session.arguments.source) all.emplace_back("source", *session.arguments.source);
  return all;
}

int print_values(const Session& session, Parameters all) {
  const std::string& name = session.arguments.positionals.front();
  all.emplace_back("limit", "50");
  const CallOutcome outcome = get_from_server(
      session,
      client::with_parameters("/api/v1/fields/" + client::percent_encoded(name) + "/values", all));
  if (!outcome.data) return outcome.exit_code;
  const auto rows = json_elements(json_member(*outcome.data, "values").value_or("[]"));
  if (rows.empty())
    session.console.hint("no event has a field '" + name + "'; lynxdb fields " + name +
                         " shows fields with such a name");
  return print_rows(session, rows);
}

}  // namespace

int run_remote_fields(const Session& session) {
  Result<Parameters> all = parameters(session);
  if (!all.has_value()) return report_failure(session.console, all.error());
  if (session.arguments.values) return print_values(session, *std::move(all));
  if (session.arguments.prefix) all->emplace_back("prefix", *session.arguments.prefix);
  const CallOutcome outcome =
      get_from_server(session, client::with_parameters("/api/v1/fields", *all));
  if (!outcome.data) return outcome.exit_code;
  std::vector<std::string> names;
  const std::vector<FieldRow> found = rows_of(*outcome.data);
  for (const FieldRow& field : found) names.push_back(field.name);
  const auto wanted = wanted_fields(session.arguments, names);
  std::vector<std::string> rows;
  for (const FieldRow& field : found)
    if (wanted(field.name)) rows.push_back(field.row);
  if (const auto sampled = json_member(*outcome.data, "sampled_events"))
    session.console.hint("the fields are those of the newest " + *sampled +
                         " events, and the numbers are estimates; for older ones, narrow "
                         "--from and --to");
  if (rows.empty()) session.console.hint(no_fields_hint(session.arguments, names));
  return print_rows(session, rows, make_field_rows_writer);
}

}  // namespace lynxdb::cli
