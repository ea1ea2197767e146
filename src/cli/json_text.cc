// The parts of server_call.h that take JSON apart.
#include <simdjson.h>

#include "cli/exit_code.h"
#include "cli/result_output.h"
#include "cli/server_call.h"
#include "event/value.h"

namespace lynxdb::cli {
namespace {

using simdjson::dom::element;

// An answer that is nested more deeply is shown as JSON from there on.
constexpr int kDepthMax = 16;

std::string shown(element value) {
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) return std::string(text);
  return simdjson::minify(value);
}

bool is_flat(simdjson::dom::array list) {
  for (const element item : list)
    if (item.is_object() || item.is_array()) return false;
  return true;
}

// Control characters of the server must not reach a terminal.
void append_line(std::string& out, std::string_view line) {
  for (const char c : line) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  out += '\n';
}

void outline(element value, int depth, std::string& out);

void outline_member(std::string_view name, element value, int depth, std::string& out) {
  const std::string indent(static_cast<std::size_t>(depth) * 2, ' ');
  simdjson::dom::array list;
  const bool is_list = value.get(list) == simdjson::SUCCESS;
  if (depth >= kDepthMax || (!value.is_object() && (!is_list || is_flat(list)))) {
    append_line(out, indent + std::string(name) + ": " + shown(value));
    return;
  }
  append_line(out, indent + std::string(name) + ":");
  outline(value, depth + 1, out);
}

void outline(element value, int depth, std::string& out) {
  simdjson::dom::object object;
  simdjson::dom::array list;
  const std::string indent(static_cast<std::size_t>(depth) * 2, ' ');
  if (value.get(object) == simdjson::SUCCESS) {
    for (const auto [name, member] : object) outline_member(name, member, depth, out);
  } else if (value.get(list) == simdjson::SUCCESS) {
    std::size_t number = 0;
    for (const element item : list) outline_member(std::to_string(++number), item, depth, out);
  } else {
    append_line(out, indent + shown(value));
  }
}

// {"a":{"b":1}} as {"a.b":1}.
void flatten(element value, const std::string& name, int depth, std::string& out) {
  simdjson::dom::object object;
  if (depth < kDepthMax && value.get(object) == simdjson::SUCCESS) {
    for (const auto [member, below] : object) {
      std::string path = name.empty() ? "" : name + ".";
      path += member;
      flatten(below, path, depth + 1, out);
    }
    return;
  }
  out += out.empty() ? '{' : ',';
  event::append_json_string(name, out);
  out += ":" + std::string(simdjson::minify(value));
}

}  // namespace

std::optional<std::string> json_member(std::string_view object, std::string_view name) {
  simdjson::dom::parser parser;
  element root;
  element member;
  if (parser.parse(simdjson::padded_string(object)).get(root) != simdjson::SUCCESS ||
      root[name].get(member) != simdjson::SUCCESS)
    return std::nullopt;
  return simdjson::minify(member);
}

std::string json_string_member(std::string_view object, std::string_view name) {
  simdjson::dom::parser parser;
  element root;
  std::string_view text;
  if (parser.parse(simdjson::padded_string(object)).get(root) != simdjson::SUCCESS ||
      root[name].get(text) != simdjson::SUCCESS)
    return {};
  return std::string(text);
}

std::vector<std::string> json_elements(std::string_view json) {
  std::vector<std::string> elements;
  simdjson::dom::parser parser;
  element root;
  simdjson::dom::array list;
  if (parser.parse(simdjson::padded_string(json)).get(root) != simdjson::SUCCESS ||
      root.get(list) != simdjson::SUCCESS)
    return elements;
  for (const element item : list) elements.push_back(simdjson::minify(item));
  return elements;
}

std::string json_outline(std::string_view json) {
  simdjson::dom::parser parser;
  element root;
  std::string out;
  if (parser.parse(simdjson::padded_string(json)).get(root) == simdjson::SUCCESS)
    outline(root, 0, out);
  return out;
}

int print_object(const Session& session, const std::string& json) {
  const Result<output::WriterOptions> options = writer_options(session);
  if (!options.has_value()) {
    session.console.error(options.error());
    return kExitUsage;
  }
  const bool for_people = options->terminal && options->format == output::OutputFormat::kAuto;
  const bool as_json = options->format == output::OutputFormat::kAuto ||
                       options->format == output::OutputFormat::kJson ||
                       options->format == output::OutputFormat::kNdjson;
  if (for_people) return print_data(session.console, json_outline(json)) ? kExitOk : kExitFailure;
  if (as_json) return print_data(session.console, json + "\n") ? kExitOk : kExitFailure;
  simdjson::dom::parser parser;
  element root;
  std::string row;
  if (parser.parse(simdjson::padded_string(json)).get(root) == simdjson::SUCCESS)
    flatten(root, "", 0, row);
  return print_rows(session, {row.empty() ? "{}" : row + "}"});
}

}  // namespace lynxdb::cli
