#include "cluster/etcd/etcd_log.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"
#include "cluster/etcd/etcd_client.h"

namespace lynxdb::cluster {
namespace {

constexpr std::uint8_t kEntryVersion = 1;
// Of one answer: at most so many of at most kEntryBytesMax.
constexpr std::int64_t kEntriesRead = 64;
constexpr std::size_t kIndexDigits = 20;
constexpr std::uint64_t kSnapshotBytesMax = std::uint64_t{4} << 30U;
constexpr std::string_view kLogFolder = "log/";

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Error not_ours(const std::string& key) {
  return Error{ErrorCode::kCorruption, "etcd: the value of " + key + " cannot be read",
               "keep these keys to LynxDB alone: another program has written there"};
}

void add_range(auto& operations, std::string key, std::string end = {}, std::int64_t limit = 0) {
  auto& range = *operations.Add()->mutable_request_range();
  range.set_key(std::move(key));
  range.set_range_end(std::move(end));
  range.set_limit(limit);
}

void add_put(auto& operations, std::string key, std::string value, std::int64_t lease = 0) {
  auto& put = *operations.Add()->mutable_request_put();
  put.set_key(std::move(key));
  put.set_value(std::move(value));
  put.set_lease(lease);
}

void add_delete(auto& operations, std::string key, std::string end = {}) {
  auto& range = *operations.Add()->mutable_request_delete_range();
  range.set_key(std::move(key));
  range.set_range_end(std::move(end));
}

etcd::Compare& add_compare(etcd::TxnRequest& request, std::string key,
                           etcd::Compare::CompareTarget target) {
  auto& compare = *request.add_compare();
  compare.set_result(etcd::Compare::EQUAL);
  compare.set_target(target);
  compare.set_key(std::move(key));
  return compare;
}

void require_absent(etcd::TxnRequest& request, std::string key) {
  add_compare(request, std::move(key), etcd::Compare::VERSION).set_version(0);
}

void require_term(etcd::TxnRequest& request, std::string key, std::int64_t term) {
  add_compare(request, std::move(key), etcd::Compare::CREATE).set_create_revision(term);
}

// The questions of a picture, and its answers in their order.
void ask_picture(auto& operations, const std::string& base, std::string from) {
  add_range(operations, base + "head");
  add_range(operations, std::move(from), end_of_prefix(base + std::string(kLogFolder)),
            kEntriesRead);
  add_range(operations, base + "controller");
  add_range(operations, base + "checkpoint");
}

Result<std::optional<Checkpoint>> read_checkpoint(const etcd::RangeResponse& range) {
  if (range.kvs().empty()) return std::optional<Checkpoint>();
  const std::string& key = range.kvs(0).key();
  std::string_view rest = range.kvs(0).value();
  std::uint64_t numbers[4] = {};
  for (std::uint64_t& number : numbers) {
    const auto space = rest.find(' ');
    const auto value = parse_number(rest.substr(0, space));
    if (!value) return not_ours(key);
    number = *value;
    rest = space == std::string_view::npos ? std::string_view() : rest.substr(space + 1);
  }
  if (numbers[1] > UINT32_MAX || numbers[2] > kSnapshotBytesMax) return not_ours(key);
  return std::optional<Checkpoint>(Checkpoint{.index = numbers[0],
                                              .chunks = static_cast<std::uint32_t>(numbers[1]),
                                              .bytes = numbers[2],
                                              .hash = numbers[3]});
}

Result<> read_head(const etcd::RangeResponse& range, LogPicture& picture) {
  if (range.kvs().empty()) return {};
  const auto head = parse_number(range.kvs(0).value());
  if (!head) return not_ours(range.kvs(0).key());
  picture.head = *head;
  return {};
}

}  // namespace

std::string encode_entry(const LogEntry& entry) {
  std::string body;
  base::put_fixed(entry.proposal.high, body);
  base::put_fixed(entry.proposal.low, body);
  body += entry.command;
  std::string bytes;
  base::put_fixed(kEntryVersion, bytes);
  base::put_fixed(base::crc32c(body), bytes);
  return bytes += body;
}

Result<LogEntry> decode_entry(std::string_view bytes) {
  base::ByteReader in(bytes);
  const auto version = in.fixed<std::uint8_t>();
  const auto crc = in.fixed<std::uint32_t>();
  const std::string_view body = in.take(in.remaining());
  base::ByteReader inside(body);
  LogEntry entry;
  entry.proposal.high = inside.fixed<std::uint64_t>();
  entry.proposal.low = inside.fixed<std::uint64_t>();
  if (version != kEntryVersion || in.failed() || inside.failed() || base::crc32c(body) != crc)
    return Error{ErrorCode::kCorruption, "an entry of the log in etcd cannot be read"};
  entry.command = inside.take(inside.remaining());
  return entry;
}

std::string encode_controller(const Controller& controller) {
  return fmt::format("{} {}", controller.incarnation, controller.address);
}

Controller decode_controller(std::int64_t term, std::string_view value) {
  const auto space = value.find(' ');
  Controller controller{.term = term, .address = {}, .incarnation = 0};
  if (space == std::string_view::npos) return controller;
  controller.incarnation = parse_number(value.substr(0, space)).value_or(0);
  controller.address = value.substr(space + 1);
  return controller;
}

EtcdLog::EtcdLog(EtcdClient& client, const std::string& prefix, std::string cluster_id)
    : client_(client), base_(prefix + "/" + std::move(cluster_id) + "/") {}

std::string EtcdLog::log_key(LogIndex index) const {
  return fmt::format("{}{}{:020}", base_, kLogFolder, index);
}

std::string EtcdLog::chunk_key(LogIndex index, std::uint32_t chunk) const {
  return fmt::format("{}snapshot/{:020}/{:06}", base_, index, chunk);
}

// Keys are ordered as bytes: controller, head, log/.
std::string EtcdLog::watched_end() const { return end_of_prefix(base_ + std::string(kLogFolder)); }

std::optional<LogIndex> EtcdLog::index_of(std::string_view key) const {
  if (!key.starts_with(base_)) return std::nullopt;
  key.remove_prefix(base_.size());
  if (!key.starts_with(kLogFolder) || key.size() != kLogFolder.size() + kIndexDigits)
    return std::nullopt;
  return parse_number(key.substr(kLogFolder.size()));
}

Result<std::string> EtcdLog::find_cluster(EtcdClient& client, const std::string& prefix,
                                          Deadline deadline) {
  etcd::TxnRequest request;
  add_range(*request.mutable_success(), prefix + "/cluster");
  const auto reply = TRY(client.txn(request, deadline));
  if (reply.responses().empty() || reply.responses(0).response_range().kvs().empty())
    return std::string();
  return std::string(reply.responses(0).response_range().kvs(0).value());
}

Result<> EtcdLog::create_cluster(EtcdClient& client, const std::string& prefix,
                                 const std::string& cluster_id, const std::string& first_entry,
                                 Deadline deadline) {
  const EtcdLog log(client, prefix, cluster_id);
  etcd::TxnRequest request;
  require_absent(request, prefix + "/cluster");
  add_put(*request.mutable_success(), prefix + "/cluster", cluster_id);
  add_put(*request.mutable_success(), log.log_key(1), first_entry);
  add_put(*request.mutable_success(), log.base_ + "head", "1");
  TRY(client.txn(request, deadline));
  return {};
}

namespace {

Result<LogPicture> read_picture(const EtcdLog& log, const etcd::TxnResponse& reply,
                                std::string_view where) {
  LogPicture picture;
  picture.revision = reply.header().revision();
  if (reply.responses_size() != 4) return not_ours(std::string(where));
  TRY(read_head(reply.responses(0).response_range(), picture));
  for (const etcd::KeyValue& pair : reply.responses(1).response_range().kvs()) {
    const auto index = log.index_of(pair.key());
    if (!index) return not_ours(pair.key());
    picture.entries.emplace_back(*index, pair.value());
  }
  const auto& controller = reply.responses(2).response_range();
  if (!controller.kvs().empty())
    picture.controller =
        decode_controller(controller.kvs(0).create_revision(), controller.kvs(0).value());
  picture.checkpoint = TRY(read_checkpoint(reply.responses(3).response_range()));
  return picture;
}

}  // namespace

Result<LogPicture> EtcdLog::read(LogIndex from, Deadline deadline) {
  etcd::TxnRequest request;
  ask_picture(*request.mutable_success(), base_, log_key(from));
  const auto reply = TRY(client_.txn(request, deadline));
  auto picture = TRY(read_picture(*this, reply, base_));
  picture.done = true;
  return picture;
}

Result<LogPicture> EtcdLog::append(LogIndex index, const std::string& entry, std::int64_t term,
                                   Deadline deadline) {
  etcd::TxnRequest request;
  add_compare(request, base_ + "head", etcd::Compare::VALUE).set_value(std::to_string(index - 1));
  if (term != 0) require_term(request, controller_key(), term);
  add_put(*request.mutable_success(), log_key(index), entry);
  add_put(*request.mutable_success(), base_ + "head", std::to_string(index));
  ask_picture(*request.mutable_failure(), base_, log_key(index));
  const auto reply = TRY(client_.txn(request, deadline));
  if (!reply.succeeded()) return read_picture(*this, reply, base_);
  LogPicture picture;
  picture.done = true;
  picture.revision = reply.header().revision();
  picture.head = index;
  return picture;
}

Result<LogPicture> EtcdLog::campaign(const Controller& candidate, std::int64_t lease,
                                     Deadline deadline) {
  etcd::TxnRequest request;
  require_absent(request, controller_key());
  add_put(*request.mutable_success(), controller_key(), encode_controller(candidate), lease);
  // Answers of both outcomes have one form.
  ask_picture(*request.mutable_success(), base_, log_key(UINT64_MAX));
  ask_picture(*request.mutable_failure(), base_, log_key(UINT64_MAX));
  auto reply = TRY(client_.txn(request, deadline));
  const bool elected = reply.succeeded();
  if (elected && reply.responses_size() > 0)
    reply.mutable_responses()->erase(reply.responses().begin());
  auto picture = TRY(read_picture(*this, reply, base_));
  picture.done = elected;
  return picture;
}

Result<> EtcdLog::end_term(std::int64_t term, Deadline deadline) {
  etcd::TxnRequest request;
  require_term(request, controller_key(), term);
  add_delete(*request.mutable_success(), controller_key());
  TRY(client_.txn(request, deadline));
  return {};
}

Result<metadata::StatePtr> EtcdLog::load(const Checkpoint& checkpoint, Deadline deadline) {
  std::string bytes;
  for (std::uint32_t chunk = 0; chunk < checkpoint.chunks; ++chunk) {
    etcd::TxnRequest request;
    add_range(*request.mutable_success(), chunk_key(checkpoint.index, chunk));
    const auto reply = TRY(client_.txn(request, deadline));
    if (reply.responses().empty() || reply.responses(0).response_range().kvs().empty())
      return Error{ErrorCode::kNotFound, "the snapshot in etcd has been replaced"};
    bytes += reply.responses(0).response_range().kvs(0).value();
    if (bytes.size() > checkpoint.bytes) return not_ours(chunk_key(checkpoint.index, chunk));
  }
  auto state = TRY(metadata::decode_state(bytes));
  if (bytes.size() != checkpoint.bytes || metadata::state_hash(state) != checkpoint.hash)
    return not_ours(chunk_key(checkpoint.index, 0));
  return metadata::StatePtr(std::make_shared<const metadata::State>(std::move(state)));
}

Result<> EtcdLog::put_chunk(LogIndex index, std::uint32_t chunk, std::string bytes,
                            Deadline deadline) {
  etcd::TxnRequest request;
  add_put(*request.mutable_success(), chunk_key(index, chunk), std::move(bytes));
  TRY(client_.txn(request, deadline));
  return {};
}

Result<> EtcdLog::publish(const Checkpoint& next, LogIndex previous, LogIndex trim_to,
                          std::int64_t term, Deadline deadline) {
  etcd::TxnRequest request;
  require_term(request, controller_key(), term);
  auto& steps = *request.mutable_success();
  add_put(steps, base_ + "checkpoint",
          fmt::format("{} {} {} {}", next.index, next.chunks, next.bytes, next.hash));
  add_delete(steps, log_key(0), log_key(trim_to + 1));
  add_delete(steps, base_ + "snapshot/", chunk_key(previous, 0));
  const auto reply = TRY(client_.txn(request, deadline));
  if (reply.succeeded()) return {};
  return Error{ErrorCode::kConflict, "this node leads the metadata no more"};
}

}  // namespace lynxdb::cluster
