#include "server/es/bulk_ingest.h"

#include <algorithm>
#include <memory>

#include "event/parse/label_column.h"
#include "server/http/json_writer.h"
#include "server/http/message.h"
#include "server/ingest/ingest_service.h"

namespace lynxdb::server {
namespace {

constexpr std::size_t kIdBytesMax = 512;  // As Elasticsearch has it.

void fail(BulkOutcome& outcome, int status, std::string_view type, std::string reason) {
  outcome.status = status;
  outcome.error_type = type;
  outcome.reason = std::move(reason);
}

// What does not even begin as an object must not reach the parser: it would skip a blank line, and
// take a first line that begins an array for a body that is one.
bool starts_object(std::string_view document) {
  const std::size_t first = document.find_first_not_of(" \t\r");
  return first != std::string_view::npos && document[first] == '{';
}

bool can_be_stored(const BulkItem& item, BulkOutcome& outcome) {
  if (item.action == BulkAction::kUpdate || item.action == BulkAction::kDelete)
    fail(outcome, 400, "illegal_argument_exception",
         "events cannot be changed: " + std::string(to_string(item.action)) + " is not supported");
  else if (item.index.empty())
    fail(outcome, 400, "action_request_validation_exception", "index is missing");
  else if (item.id.size() > kIdBytesMax)
    fail(outcome, 400, "illegal_argument_exception",
         "id is too long, must be no longer than 512 bytes");
  else if (!starts_object(item.document))
    fail(outcome, 400, "document_parsing_exception", "the document is no JSON object");
  else
    return true;
  return false;
}

// Parses documents and finds out which of them failed. The parser lists a bounded number of errors:
// with more of them the documents are parsed in halves.
class DocumentParser {
 public:
  DocumentParser(const std::vector<BulkItem>& items, event::ParserOptions options,
                 std::vector<BulkOutcome>& outcomes)
      : items_(items), options_(std::move(options)), outcomes_(outcomes) {}

  void parse(std::span<const std::size_t> wanted) {
    if (wanted.empty()) return;
    const auto [lines, size] = lines_of(wanted);
    event::EventParser parser(options_);
    event::ParsedChunk chunk = parser.parse(std::string_view(*lines).substr(0, size), lines);
    if (chunk.counts.errors > chunk.errors.size()) {
      parse(wanted.first(wanted.size() / 2));
      parse(wanted.subspan(wanted.size() / 2));
      return;
    }
    std::vector<bool> failed(wanted.size(), false);
    for (const event::LineError& error : chunk.errors) {
      failed[error.line] = true;
      BulkOutcome& outcome = outcomes_[wanted[error.line]];
      error.code == "EVENT_TOO_LARGE"
          ? fail(outcome, 413, "content_too_long_exception", error.message)
          : fail(outcome, 400, "document_parsing_exception", error.message);
    }
    for (std::size_t i = 0; i < wanted.size(); ++i)
      if (!failed[i]) rows_.push_back(wanted[i]);
    let_go_of_body(chunk.batch, size);
    batches_.push_back(std::move(chunk.batch));
  }

  event::EventBatch batch() const {
    return batches_.size() == 1 ? batches_.front() : event::concat(batches_);
  }
  std::vector<std::size_t>& rows() { return rows_; }

 private:
  std::pair<std::shared_ptr<std::string>, std::size_t> lines_of(
      std::span<const std::size_t> wanted) const {
    auto lines = std::make_shared<std::string>();
    std::size_t size = kBodyPaddingBytes;
    for (const std::size_t item : wanted) size += items_[item].document.size() + 1;
    lines->reserve(size);
    for (const std::size_t item : wanted) {
      lines->append(items_[item].document);
      lines->push_back('\n');
    }
    size = lines->size();
    lines->append(kBodyPaddingBytes, '\0');
    return {std::move(lines), size};
  }

  const std::vector<BulkItem>& items_;
  const event::ParserOptions options_;
  std::vector<BulkOutcome>& outcomes_;
  std::vector<event::EventBatch> batches_;
  std::vector<std::size_t> rows_;
};

void write_item(JsonWriter& out, const BulkItem& item, const BulkOutcome& outcome) {
  out.begin_object().name(to_string(item.action)).begin_object();
  out.member("_index", item.index);
  if (outcome.id.empty())
    out.name("_id").null();
  else
    out.member("_id", outcome.id);
  if (outcome.error_type.empty()) {
    out.member("_version", 1).member("result", outcome.status == 201 ? "created" : "updated");
    out.name("_shards").begin_object().member("total", 1).member("successful", 1);
    out.member("failed", 0).end_object().member("status", outcome.status);
  } else {
    out.member("status", outcome.status).name("error").begin_object();
    out.member("type", outcome.error_type).member("reason", outcome.reason).end_object();
  }
  out.end_object().end_object();
}

// Members of the answer.
void write_failure(JsonWriter& out, const EsFailure& failure) {
  const auto write = [&] { out.member("type", failure.type).member("reason", failure.reason); };
  out.name("error").begin_object().name("root_cause").begin_array().begin_object();
  write();
  out.end_object().end_array();
  write();
  out.end_object().member("status", failure.status);
}

}  // namespace

BulkBatch parse_bulk(const std::vector<BulkItem>& items, event::ParserOptions options,
                     std::vector<BulkOutcome>& outcomes) {
  outcomes.assign(items.size(), {});
  std::vector<std::size_t> wanted;
  for (std::size_t i = 0; i < items.size(); ++i) {
    outcomes[i].id = items[i].id;
    if (can_be_stored(items[i], outcomes[i])) wanted.push_back(i);
  }
  options.format = event::Format::kJson;
  options.source.reset();
  if (!options.index) options.index = "main";
  DocumentParser parser(items, std::move(options), outcomes);
  parser.parse(wanted);
  BulkBatch batch;
  if (parser.rows().empty()) return batch;
  batch.events.batch = parser.batch();
  batch.items = std::move(parser.rows());
  event::LabelColumn sources;
  bool has_ids = false;
  for (const std::size_t item : batch.items) {
    sources.append(items[item].index);
    has_ids = has_ids || !items[item].id.empty();
  }
  batch.events.batch.set(event::kSource, sources.finish());
  if (has_ids)
    for (const std::size_t item : batch.items) batch.events.event_ids.push_back(items[item].id);
  return batch;
}

void scope_ids(const std::vector<BulkItem>& items, const std::vector<std::size_t>& rows,
               std::string_view index, IngestBatch& events) {
  for (std::size_t row = 0; row < events.event_ids.size(); ++row) {
    std::string& id = events.event_ids[row];
    const std::string& source = items[rows[row]].index;
    // Lengths first: no two scopes and ids make the same text.
    if (!id.empty())
      id = std::to_string(index.size()) + ":" + std::to_string(source.size()) + ":" +
           std::string(index) + source + id;
  }
}

void apply_stored(const std::vector<BulkItem>& items, const std::vector<std::size_t>& rows,
                  const event::Column& ids, const Ingested& stored,
                  std::vector<BulkOutcome>& outcomes) {
  for (std::size_t row = 0; row < rows.size(); ++row) {
    BulkOutcome& outcome = outcomes[rows[row]];
    if (outcome.id.empty()) outcome.id = ids.view(row).as_string();
  }
  for (const std::uint32_t row : stored.duplicate_rows) {
    BulkOutcome& outcome = outcomes[rows[row]];
    if (items[rows[row]].action == BulkAction::kCreate)
      fail(outcome, 409, "version_conflict_engine_exception",
           "[" + outcome.id + "]: version conflict, document already exists");
    else
      outcome.status = 200;
  }
}

void apply_failure(const EsFailure& failure, std::vector<BulkOutcome>& outcomes) {
  for (BulkOutcome& outcome : outcomes)
    if (outcome.error_type.empty()) fail(outcome, failure.status, failure.type, failure.reason);
}

std::string bulk_json(const std::vector<BulkItem>& items, const std::vector<BulkOutcome>& outcomes,
                      std::int64_t took_ms, const EsFailure* failure) {
  const bool errors = std::ranges::any_of(
      outcomes, [](const BulkOutcome& outcome) { return !outcome.error_type.empty(); });
  std::string text;
  JsonWriter out(text);
  out.begin_object().member("took", took_ms).member("errors", errors);
  if (failure != nullptr) write_failure(out, *failure);
  out.name("items").begin_array();
  for (std::size_t i = 0; i < items.size(); ++i) write_item(out, items[i], outcomes[i]);
  out.end_array().end_object();
  return text;
}

std::string es_error_json(const EsFailure& failure) {
  std::string text;
  JsonWriter out(text);
  out.begin_object();
  write_failure(out, failure);
  out.end_object();
  return text;
}

}  // namespace lynxdb::server
