// A query over a picture whose events several nodes hold gives what it gives over the same events
// in one place: also when nodes are lost before, in and behind the middle of their answers.
#include "gather/picture_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <limits>
#include <map>

#include "event/parse/event_parser.h"
#include "gather/share_runner.h"
#include "scan/store_source.h"
#include "spl2/parser.h"
#include "storage/memtable.h"

namespace lynxdb::gather {
namespace {

using metadata::NodeId;
using storage::TailBatchPtr;

constexpr std::int64_t kStartSeconds = 1'768'473'000;
const storage::RetentionBorder kNoBorder{std::numeric_limits<std::int64_t>::min(), {}};

TailBatchPtr batch_of(std::uint32_t partition, metadata::Offset base, int begin, int step) {
  std::string lines;
  for (int i = 0; i < 500; ++i) {
    const int n = begin + i * step;
    lines += "{\"_time\":" + std::to_string(kStartSeconds + n) + ",\"n\":" + std::to_string(n) +
             ",\"level\":\"" + (n % 5 == 0 ? "error" : "info") + "\",\"host\":\"h" +
             std::to_string(n % 7) + "\"}\n";
  }
  event::ParserOptions options;
  event::EventParser parser(options);
  const auto text =
      std::make_shared<std::string>(lines + std::string(event::EventParser::kPaddingBytes, '\n'));
  auto batch = parser.parse(std::string_view(*text).substr(0, lines.size()), text).batch;
  return storage::make_tail_batch(metadata::PartitionId(partition), base,
                                  std::make_shared<const event::EventBatch>(std::move(batch)));
}

// The frames of one share, worked out at once; perhaps not all of them.
class Stream final : public cluster::ShareStream {
 public:
  Stream(std::vector<std::string> frames, std::optional<Error> failure)
      : frames_(std::move(frames)), failure_(std::move(failure)) {}
  Result<std::optional<std::string>> next() override {
    if (at_ < frames_.size()) return std::optional(frames_[at_++]);
    if (failure_) return *failure_;
    return std::optional<std::string>();
  }
  void cancel() override {}

 private:
  std::vector<std::string> frames_;
  std::optional<Error> failure_;
  std::size_t at_ = 0;
};

class FakeNodes final : public Nodes {
 public:
  // Node 1 is the one that is asked. Each holds a partition.
  FakeNodes() {
    for (std::uint32_t node = 1; node <= 3; ++node)
      tails_[node] = {batch_of(node, 0, static_cast<int>(node), 3),
                      batch_of(node, 500, static_cast<int>(node) + 1500, 3)};
  }

  std::unique_ptr<cluster::ShareStream> run_share(NodeId at, std::uint64_t hold,
                                                  std::string request, Deadline deadline) override {
    std::vector<std::string> frames;
    ++calls;
    requested.push_back(TRY_OR_DIE(decode_share_request(request)));
    const auto frames_until = dies_after.find(at.value());
    const std::size_t most = frames_until == dies_after.end() ? 1U << 20U : frames_until->second;
    const cluster::ShareOutput out{.send =
                                       [&](std::string frame) {
                                         if (frames.size() < most) frames.push_back(frame);
                                         return true;
                                       },
                                   .cancelled = [] { return false; }};
    const auto done =
        runner_.run(tails_.at(static_cast<std::uint32_t>(hold)), request, deadline, out);
    std::optional<Error> failure;
    if (!done) failure = done.error();
    if (frames_until != dies_after.end()) failure = Error{ErrorCode::kUnavailable, "it died"};
    return std::make_unique<Stream>(std::move(frames), failure);
  }

  Result<std::vector<cluster::LeaderTail>> hold_again(metadata::Version,
                                                      const std::vector<cluster::HeldPart>& parts,
                                                      Deadline) override {
    if (nobody_leads) return Error{ErrorCode::kUnavailable, "no node leads it"};
    std::vector<cluster::LeaderTail> tails;
    for (const cluster::HeldPart& part : parts)
      tails.push_back(tail_of(part.partition.value(), successor == 1, successor));
    return tails;
  }
  void release(const cluster::LeaderTail&) override { ++released; }

  cluster::LeaderTail tail_of(std::uint32_t partition, bool is_own, std::uint32_t leader) const {
    cluster::LeaderTail tail;
    tail.node = NodeId(leader);
    tail.is_own = is_own;
    tail.hold.id = partition;
    tail.hold.parts = {{metadata::PartitionId(partition), {0, 1000}}};
    tail.hold.rows = 1000;
    tail.hold.indexes = {"main"};
    if (is_own) tail.hold.batches = tails_.at(partition);
    return tail;
  }

  std::vector<TailBatchPtr> all() const {
    std::vector<TailBatchPtr> all;
    for (const auto& [node, tail] : tails_) all.insert(all.end(), tail.begin(), tail.end());
    return all;
  }
  scan::SegmentOpener& segments() { return segments_; }

  std::map<std::uint32_t, std::size_t> dies_after;  // Frames of that node's answers.
  std::uint32_t successor = 1;
  bool nobody_leads = false;
  std::atomic<int> calls{0};
  std::atomic<int> released{0};
  std::vector<ShareRequest> requested;

 private:
  static ShareRequest TRY_OR_DIE(Result<ShareRequest> request) {
    LYNXDB_CHECK(request.has_value());
    return *std::move(request);
  }

  std::map<std::uint32_t, std::vector<TailBatchPtr>> tails_;
  scan::SegmentOpener segments_{
      [](const metadata::SegmentEntry&) -> Result<std::shared_ptr<segment::ByteSource>> {
        return Error{ErrorCode::kIo, "there are no segments"};
      }};
  ShareRunner runner_{segments_,
                      {.threads = 1,
                       .memory_bytes = 1U << 30U,
                       .spill_directory = "/tmp",
                       .spill_bytes_max = 1U << 30U}};
};

std::shared_ptr<Picture> picture_of(FakeNodes& nodes, bool partial = false) {
  auto state = std::make_shared<metadata::State>();
  state->version = 5;
  for (std::uint32_t node = 1; node <= 3; ++node) {
    metadata::NodeEntry& entry = state->nodes[NodeId(node)];
    entry.id = NodeId(node);
    entry.name = "node-" + std::to_string(node);
  }
  cluster::ClusterPicture picture{.state = state, .tails = {}, .missing = {}};
  for (std::uint32_t node = 1; node <= 3; ++node)
    picture.tails.push_back(nodes.tail_of(node, node == 1, node));
  storage::ReadView local(state, {}, picture.tails.front().hold.batches, kNoBorder, nullptr);
  return std::make_shared<Picture>(std::move(picture), std::move(local), nodes, nodes.segments(),
                                   PictureOptions{.own_name = "node-1", .partial = partial});
}

using Rows = std::vector<std::string>;

Result<Rows> run(const std::string& text, query::OpenSource open, bool describes_shards) {
  auto parsed = spl2::parse(text);
  query::QueryOptions options;
  options.newest_first = true;
  options.describes_shards = describes_shards;
  options.spill_directory = "/tmp";
  const auto running = TRY(
      query::start(std::make_shared<const spl2::Query>(std::move(std::get<spl2::Query>(parsed))),
                   options, std::move(open)));
  Rows rows;
  while (const auto batch = TRY(running->next())) {
    for (std::size_t row = 0; row < batch->rows(); ++row) {
      std::map<std::string, std::string> cells;
      for (const event::Field& field : batch->fields())
        if (!field.column->view(row).is_null())
          cells[std::string(field.name)] = event::text(field.column->view(row));
      std::string line;
      for (const auto& [name, value] : cells) line += name + "=" + value + " ";
      rows.push_back(line);
    }
  }
  return rows;
}

Result<Rows> over_nodes(const std::string& text, FakeNodes& nodes, bool partial = false) {
  const auto picture = picture_of(nodes, partial);
  return run(
      text,
      [&](const auto& names, const query::ScanRequest& request, query::Execution& execution) {
        return open_picture(picture, names, request, execution);
      },
      true);
}

Rows in_one_place(const std::string& text) {
  FakeNodes nodes;
  auto state = std::make_shared<metadata::State>();
  const storage::ReadView view(state, {}, nodes.all(), kNoBorder, nullptr);
  scan::ScanCounters counters;
  auto rows = run(
      text,
      [&](const auto& names, const query::ScanRequest& request, query::Execution& execution) {
        return scan::open_store_source(view, nodes.segments(), names, request, execution, counters);
      },
      false);
  LYNXDB_CHECK(rows.has_value());
  return *rows;
}

const std::vector<std::string> kTexts = {
    "| stats count, sum(n), dc(host), max(n) by level",
    "| stats count",
    "level=error | eval k=n%3 | stats count by k, host",
    "| timechart span=10m count by level",
    "| top 3 host",
    "| table n, host",
    "level=error | table n",
    "| head 5 | table n",
    "| stats first(n), last(n), list(n) by level",
    "| dedup host | table n, host",
    "level=error | head 3 | append [ | stats count ]",
    "level=nothing | stats count",
};

TEST(PictureSource, GivesWhatOnePlaceGives) {
  for (const std::string& text : kTexts) {
    FakeNodes nodes;
    const auto rows = over_nodes(text, nodes);
    ASSERT_TRUE(rows.has_value()) << text << ": " << rows.error().message;
    EXPECT_EQ(*rows, in_one_place(text)) << text;
    EXPECT_GE(nodes.calls, 2) << text;
    EXPECT_EQ(nodes.released, 3) << text;
  }
}

TEST(PictureSource, ALostNodeIsReplacedByWhoLeadsNextAndNoRowComesTwice) {
  for (const std::uint32_t successor : {1U, 3U}) {
    for (const std::size_t frames : {0U, 1U, 2U}) {
      for (const std::string& text : kTexts) {
        FakeNodes nodes;
        nodes.dies_after[2] = frames;
        nodes.successor = successor;
        const auto rows = over_nodes(text, nodes);
        ASSERT_TRUE(rows.has_value()) << text << ": " << rows.error().message;
        EXPECT_EQ(*rows, in_one_place(text)) << text << " after " << frames;
      }
    }
  }
}

TEST(PictureSource, WhenNobodyLeadsTheQueryEndsUnlessItTakesLess) {
  FakeNodes nodes;
  nodes.dies_after[2] = 0;
  nodes.nobody_leads = true;
  const auto strict = over_nodes("| stats count", nodes);
  ASSERT_FALSE(strict.has_value());
  EXPECT_EQ(strict.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(strict.error().message, ::testing::HasSubstr("node-2 was lost"));

  const auto partial = over_nodes("| stats count", nodes, true);
  ASSERT_TRUE(partial.has_value()) << partial.error().message;
  EXPECT_THAT(*partial, ::testing::ElementsAre("count=2000 "));
}

TEST(PictureSource, OnlyWhatAQueryNeedsTravels) {
  FakeNodes nodes;
  ASSERT_TRUE(over_nodes("level=error | table n", nodes).has_value());
  ASSERT_EQ(nodes.requested.size(), 2U);
  EXPECT_FALSE(nodes.requested.front().scan.all_fields);
  EXPECT_THAT(nodes.requested.front().scan.fields, ::testing::UnorderedElementsAre("level", "n"));
  EXPECT_EQ(nodes.requested.front().scan.filter_text, "search level=error");
  EXPECT_EQ(nodes.requested.front().scan.shard_text, "");

  nodes.requested.clear();
  ASSERT_TRUE(over_nodes("level=error | stats count by host", nodes).has_value());
  EXPECT_EQ(nodes.requested.front().scan.shard_text, "search level=error | stats count by host");
}

TEST(PictureSource, RowsOfOthersStayWithinTheQuerysMemory) {
  FakeNodes nodes;
  const auto picture = picture_of(nodes);
  auto parsed = spl2::parse("| table n, host, _raw");
  query::QueryOptions options;
  options.newest_first = true;
  options.describes_shards = true;
  options.memory_limit_bytes = 4096;
  options.spill_directory = "/tmp";
  const auto running = query::start(
      std::make_shared<const spl2::Query>(std::move(std::get<spl2::Query>(parsed))), options,
      [&](const auto& names, const query::ScanRequest& request, query::Execution& execution) {
        return open_picture(picture, names, request, execution);
      });
  ASSERT_TRUE(running.has_value());
  Result<std::optional<event::EventBatch>> batch = (*running)->next();
  while (batch && *batch) batch = (*running)->next();
  ASSERT_FALSE(batch.has_value());
  EXPECT_EQ(batch.error().code, ErrorCode::kOutOfBudget);
}

}  // namespace
}  // namespace lynxdb::gather
