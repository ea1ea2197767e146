#include "server/query/query_result.h"

#include <algorithm>
#include <cstring>
#include <ranges>

#include "base/units.h"
#include "output/output_buffer.h"
#include "output/row_buffer.h"
#include "output/writer.h"
#include "query/spill.h"
#include "server/http/json_writer.h"

namespace lynxdb::server {
namespace {

using event::EventBatch;
using query::ResultType;

constexpr std::size_t kSeparatorSlack = 64U << 20U;  // A last row, on top of the limit.

// Appends the part of `batch` that belongs to the page, and gives its bytes; `seen` rows came
// before.
std::size_t add_to_page(const EventBatch& batch, std::uint64_t seen, std::uint64_t offset,
                        std::uint64_t limit, RowPage& page) {
  const std::uint64_t end = seen + batch.rows();
  const std::uint64_t from = std::max(seen, offset);
  const std::uint64_t to = std::min(end, limit > UINT64_MAX - offset ? UINT64_MAX : offset + limit);
  if (from >= to) return 0;
  const auto size = static_cast<std::size_t>(to - from);
  page.batches.push_back(
      size == batch.rows() ? batch : batch.slice(static_cast<std::size_t>(from - seen), size));
  page.rows += size;
  return page.batches.back().memory_bytes();
}

Result<std::string> event_rows(const RowPage& page) {
  StringSink sink(kAnswerBytesMax + kSeparatorSlack);
  output::OutputBuffer buffer(sink);
  const std::unique_ptr<output::Writer> writer = output::make_ndjson_writer(buffer);
  for (const EventBatch& batch : page.batches) TRY(writer->write(batch));
  TRY(writer->finish());
  TRY(buffer.flush());
  std::string rows = std::move(sink.text());
  if (!rows.empty()) rows.pop_back();
  // Text in JSON has no line ends of its own: each is between two rows.
  std::ranges::replace(rows, '\n', ',');
  return rows;
}

void write_table(const RowPage& page, const std::vector<std::string>& names, std::string& text,
                 JsonWriter& out) {
  out.name("columns").begin_array();
  for (const std::string& name : names) out.string(name);
  out.end_array().name("rows").begin_array();
  std::vector<const event::Column*> columns(names.size());
  for (const EventBatch& batch : page.batches) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      const event::ColumnPtr* column = batch.find(names[i]);
      columns[i] = column == nullptr ? nullptr : column->get();
    }
    for (std::size_t row = 0; row < batch.rows(); ++row) {
      out.begin_array();
      for (const event::Column* column : columns)
        out.value(column == nullptr ? event::ValueView() : column->view(row));
      out.end_array();
      if (text.size() > kAnswerBytesMax + kSeparatorSlack) break;
    }
  }
  out.end_array();
}

std::vector<std::string> columns_of(const query::RunningQuery& running,
                                    const output::SeenColumns& seen) {
  auto fixed = running.columns();
  return fixed ? *std::move(fixed) : seen.names();
}

output::OutputFormat output_format(ResultFormat format) {
  switch (format) {
    case ResultFormat::kCsv:
      return output::OutputFormat::kCsv;
    case ResultFormat::kTsv:
      return output::OutputFormat::kTsv;
    case ResultFormat::kRaw:
      return output::OutputFormat::kRaw;
    case ResultFormat::kJson:
    case ResultFormat::kNdjson:
      break;
  }
  return output::OutputFormat::kNdjson;
}

}  // namespace

Result<> StringSink::write(std::string_view bytes) {
  if (text_.size() + bytes.size() > bytes_max_)
    return Error{ErrorCode::kOutOfBudget,
                 "the answer is larger than " + base::size_text(bytes_max_),
                 "use POST /api/v1/query/stream, or a smaller limit"};
  text_ += bytes;
  return {};
}

Result<RowPage> read_page(query::RunningQuery& running, std::uint64_t offset, std::uint64_t limit) {
  RowPage page;
  std::uint64_t seen = 0;
  std::size_t bytes = 0;
  const bool counts_all = running.result_type() != ResultType::kEvents;
  output::SeenColumns columns;
  while (true) {
    const std::optional<EventBatch> batch = TRY(running.next());
    if (!batch) break;
    bytes += add_to_page(*batch, seen, offset, limit, page);
    seen += batch->rows();
    if (counts_all) columns.add(*batch);
    if (bytes > kAnswerBytesMax) {
      page.has_more = true;
      page.hints.push_back(
          "the answer was cut after " + std::to_string(page.rows) +
          " rows, at its largest size; POST /api/v1/query/stream has no such limit");
      page.columns = columns_of(running, columns);
      return page;
    }
    if (!counts_all && seen > offset && seen - offset > limit) {
      page.has_more = true;
      return page;
    }
  }
  if (counts_all) page.columns = columns_of(running, columns);
  page.total = seen;
  page.has_more = seen > offset && seen - offset > limit;
  return page;
}

Result<std::string> page_json(const RowPage& page, const query::RunningQuery& running,
                              std::string_view interval) {
  std::string text;
  JsonWriter out(text);
  out.begin_object();
  const bool is_events = running.result_type() == ResultType::kEvents;
  if (is_events) {
    out.member("type", "events").name("events").raw("[" + TRY(event_rows(page)) + "]");
  } else {
    const bool is_timechart = running.result_type() == ResultType::kTimechart;
    out.member("type", is_timechart ? "timechart" : "aggregate");
    if (is_timechart) out.member("interval", interval);
    write_table(page, page.columns, text, out);
  }
  out.name(is_events ? "total" : "total_rows");
  page.total ? out.number(*page.total) : out.null();
  out.member("has_more", page.has_more).end_object();
  return text;
}

Result<std::string> page_text(const RowPage& page, const query::RunningQuery& running,
                              ResultFormat format, const QueryLimits& limits) {
  query::SpillSpace spill(limits.spill_directory, limits.spill_bytes_max);
  StringSink sink(kAnswerBytesMax + kSeparatorSlack);
  output::OutputBuffer buffer(sink);
  output::WriterOptions options;
  options.format = output_format(format);
  options.aggregate_result = running.result_type() != ResultType::kEvents;
  options.columns = running.columns();
  if (options.aggregate_result) options.columns = page.columns;
  const std::unique_ptr<output::Writer> writer = output::make_writer(options, buffer, spill);
  for (const EventBatch& batch : page.batches) TRY(writer->write(batch));
  TRY(writer->finish());
  TRY(buffer.flush());
  return std::move(sink.text());
}

std::string_view content_type_of(ResultFormat format) {
  switch (format) {
    case ResultFormat::kJson:
      return kJson;
    case ResultFormat::kNdjson:
      return kNdjson;
    case ResultFormat::kCsv:
      return "text/csv; charset=utf-8";
    case ResultFormat::kTsv:
      return "text/tab-separated-values; charset=utf-8";
    case ResultFormat::kRaw:
      break;
  }
  return kPlainText;
}

std::string timechart_interval(const spl2::Query& query, const RowPage& page) {
  for (const auto& command : std::views::reverse(query.main->commands)) {
    if (const auto* timechart = std::get_if<spl2::TimechartCommand>(&command.node))
      if (timechart->span) return timechart->span->text;
  }
  // The default span depends on the time range; empty buckets are filled, so two rows show it.
  if (page.batches.empty() || page.batches.front().rows() < 2) return "";
  const event::ColumnPtr* times = page.batches.front().find(event::kTime);
  if (times == nullptr || (*times)->kind() != event::Kind::kTimestamp) return "";
  const std::span<const std::int64_t> ns = (*times)->int_values();
  return ns[1] > ns[0] ? base::duration_text(ns[1] - ns[0]) : "";
}

}  // namespace lynxdb::server
