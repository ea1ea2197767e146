#include "cli/demo/picture.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "output/number_text.h"
#include "output/utf8.h"

namespace lynxdb::cli {
namespace {

using output::with_thousands_separators;
using simdjson::dom::element;

std::string text_at(element object, const char* name) {
  std::string_view text;
  return object[name].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

std::uint64_t number_at(element object, const char* name) {
  std::uint64_t number = 0;
  return object[name].get(number) == simdjson::SUCCESS ? number : 0;
}

std::string cell_text(element cell) {
  std::string_view text;
  if (cell.get(text) == simdjson::SUCCESS) return std::string(text);
  double number = 0;
  if (cell.type() == simdjson::dom::element_type::DOUBLE && cell.get(number) == simdjson::SUCCESS)
    return fmt::format("{:.1f}", number);
  return simdjson::minify(cell);
}

void add_line(std::string& text, std::string_view line, std::size_t width) {
  line = output::prefix_of_width(line, width);
  while (line.ends_with(' ')) line.remove_suffix(1);
  text.append(line);
  text += '\n';
}

std::string cluster_line(const ClusterPicture& cluster) {
  std::string line = fmt::format("Cluster: {}, {}, {}", cluster.status,
                                 output::counted(cluster.nodes.size(), "node"),
                                 output::counted(cluster.partitions, "partition"));
  if (cluster.leaderless > 0) line += fmt::format(", {} without leader", cluster.leaderless);
  if (cluster.under_replicated > 0)
    line += fmt::format(", {} with too few copies", cluster.under_replicated);
  return line;
}

std::string count_line(const DemoPicture::Count& count) {
  std::string verdict = "no event is lost, none is there twice";
  if (count.found < count.acknowledged)
    verdict = with_thousands_separators(count.acknowledged - count.found) + " are MISSING";
  if (count.found > count.acknowledged)
    verdict = with_thousands_separators(count.found - count.acknowledged) + " are TOO MANY";
  std::string line = fmt::format("Found:   {} of {}: {}", with_thousands_separators(count.found),
                                 with_thousands_separators(count.acknowledged), verdict);
  if (count.age > std::chrono::seconds(2))
    line += fmt::format(" ({} ago)", output::duration_text(count.age));
  return line;
}

// Numbers to the right, as people read them; columns two spaces apart.
void add_table(std::string& text, const TablePicture& table, std::size_t width) {
  std::vector<std::size_t> widths;
  for (const std::string& column : table.columns) widths.push_back(column.size());
  for (const auto& row : table.rows)
    for (std::size_t i = 0; i < std::min(row.size(), widths.size()); ++i)
      widths[i] = std::max(widths[i], row[i].size());
  const auto add_row = [&](const std::vector<std::string>& row) {
    std::string line;
    for (std::size_t i = 0; i < std::min(row.size(), widths.size()); ++i)
      line += i == 0 ? fmt::format("  {:<{}}", row[i], widths[i])
                     : fmt::format("  {:>{}}", row[i], widths[i]);
    add_line(text, line, width);
  };
  add_row(table.columns);
  for (const auto& row : table.rows) add_row(row);
}

TablePicture node_table(const std::vector<NodePicture>& nodes) {
  TablePicture table;
  table.columns = {"node", "state", "leads", "follows", "lag", "metadata", "address"};
  for (const NodePicture& node : nodes)
    table.rows.push_back({node.name, node.state, std::to_string(node.partitions_led),
                          std::to_string(node.partitions_followed), std::to_string(node.lag_events),
                          node.leads_metadata ? "leads" : "", node.url});
  return table;
}

}  // namespace

std::optional<ClusterPicture> read_cluster_picture(std::string_view json) {
  simdjson::dom::parser parser;
  element data;
  if (parser.parse(simdjson::padded_string(json)).at_key("data").get(data) != simdjson::SUCCESS)
    return std::nullopt;
  ClusterPicture picture;
  simdjson::dom::array nodes;
  if (data["nodes"].get(nodes) != simdjson::SUCCESS) return std::nullopt;
  picture.status = text_at(data, "status");
  const std::string meta_leader = text_at(data, "meta_leader");
  if (element partitions; data["partitions"].get(partitions) == simdjson::SUCCESS) {
    picture.partitions = number_at(partitions, "total");
    picture.leaderless = number_at(partitions, "leaderless");
    picture.under_replicated = number_at(partitions, "under_replicated");
  }
  for (const element node : nodes) {
    const std::string name = text_at(node, "node_id");
    picture.nodes.push_back({.name = name,
                             .url = text_at(node, "http_address"),
                             .state = text_at(node, "state"),
                             .leads_metadata = name == meta_leader,
                             .partitions_led = number_at(node, "partitions_led"),
                             .partitions_followed = number_at(node, "partitions_followed"),
                             .lag_events = number_at(node, "lag_events")});
  }
  std::ranges::sort(picture.nodes, {}, &NodePicture::name);
  return picture;
}

std::optional<TablePicture> read_table_picture(std::string_view json) {
  simdjson::dom::parser parser;
  element data;
  simdjson::dom::array columns;
  simdjson::dom::array rows;
  if (parser.parse(simdjson::padded_string(json)).at_key("data").get(data) != simdjson::SUCCESS ||
      data["columns"].get(columns) != simdjson::SUCCESS ||
      data["rows"].get(rows) != simdjson::SUCCESS)
    return std::nullopt;
  TablePicture table;
  for (const element column : columns) table.columns.push_back(cell_text(column));
  for (const element row : rows) {
    simdjson::dom::array cells;
    if (row.get(cells) != simdjson::SUCCESS) return std::nullopt;
    auto& texts = table.rows.emplace_back();
    for (const element cell : cells) texts.push_back(cell_text(cell));
  }
  return table;
}

std::string picture_text(const DemoPicture& picture, std::size_t width) {
  std::string text;
  add_line(text, "", width);
  if (picture.cluster) {
    add_line(text, cluster_line(*picture.cluster), width);
    add_table(text, node_table(picture.cluster->nodes), width);
    add_line(text, "", width);
  }
  if (!picture.trouble.empty()) add_line(text, "Nobody answers: " + picture.trouble, width);
  std::string sent =
      fmt::format("Ingest:  {:.0f} events/s, {} acknowledged", picture.events_per_second,
                  with_thousands_separators(picture.acknowledged));
  if (picture.retries > 0) sent += ", " + fmt::format("{} sent again", picture.retries);
  add_line(text, sent, width);
  if (picture.count) add_line(text, count_line(*picture.count), width);
  add_line(text, "", width);
  if (!picture.query.empty()) {
    add_line(text, "Query:   " + picture.query, width);
    add_line(text, "         " + picture.query_note, width);
    add_table(text, picture.answer, width);
  }
  return text;
}

}  // namespace lynxdb::cli
