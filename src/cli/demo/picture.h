// What the live view of a demo shows, as text.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lynxdb::cli {

struct NodePicture {
  std::string name;
  std::string url;
  std::string state;
  bool leads_metadata = false;
  std::uint64_t partitions_led = 0;
  std::uint64_t partitions_followed = 0;
  std::uint64_t lag_events = 0;
};

// One look at the cluster, through one node.
struct ClusterPicture {
  std::string status;  // "healthy", "degraded", "unavailable".
  std::uint64_t partitions = 0;
  std::uint64_t leaderless = 0;
  std::uint64_t under_replicated = 0;
  std::vector<NodePicture> nodes;  // By name.
};

// Of the answer to /api/v1/cluster/status; nullopt when it is none.
std::optional<ClusterPicture> read_cluster_picture(std::string_view json);

// The answer to a query: text cells.
struct TablePicture {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

// Of the answer to /api/v1/query; nullopt when it is none with rows.
std::optional<TablePicture> read_table_picture(std::string_view json);

struct DemoPicture {
  std::optional<ClusterPicture> cluster{};  // Nobody has answered yet: nothing.
  std::string trouble{};                    // Why nobody answers now; "" = somebody does.

  std::uint64_t acknowledged = 0;
  std::uint64_t retries = 0;
  double events_per_second = 0;

  // What was acknowledged when the events were last counted, and how many were there.
  struct Count {
    std::uint64_t acknowledged = 0;
    std::uint64_t found = 0;
    std::chrono::milliseconds age{0};
  };
  std::optional<Count> count{};

  std::string query{};       // The live one...
  std::string query_note{};  // ...who answered and how fast, or why nobody did...
  TablePicture answer{};     // ...and the last answer.
};

// Lines with LF, each cut to `width` columns.
std::string picture_text(const DemoPicture& picture, std::size_t width);

}  // namespace lynxdb::cli
