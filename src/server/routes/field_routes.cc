// GET /fields, /fields/{name}/values.
#include <algorithm>
#include <utility>

#include "query/field_summary.h"
#include "server/http/json_writer.h"
#include "server/query/internal_query.h"
#include "server/routes/list_response.h"
#include "server/routes/routes.h"

namespace lynxdb::server {
namespace {

// Fields are summed up over this many of the newest events; more make the numbers estimates.
constexpr std::uint64_t kSampledEvents = 100'000;
constexpr std::size_t kTopValues = 10;
constexpr std::uint64_t kValuesMax = 100;

struct Question {
  std::string from_clause;
  std::string from;
  std::string to;
  std::string prefix;
  std::string name;
  std::uint64_t limit = 10;
  ListPage page;
};

Result<Question> read_question(const Request& request) {
  Question question;
  question.from_clause = TRY(from_clause(request, "source"));
  question.from = request.query.get("from");
  question.to = request.query.get("to");
  question.prefix = request.query.get("prefix");
  question.name = request.path_parameters.get("name");
  // Of one field the limit counts values.
  if (question.name.empty())
    question.page = TRY(read_list_page(request));
  else
    question.limit = TRY(count_parameter(request, "limit", question.limit, kValuesMax));
  return question;
}

Result<std::uint64_t> count_events(QueryContext& context, const Question& question,
                                   const TimeBounds& bounds) {
  const auto running = TRY(context.start_text(question.from_clause + " | stats count", bounds));
  std::uint64_t count = 0;
  while (const std::optional<event::EventBatch> batch = TRY(running->next()))
    count = static_cast<std::uint64_t>((*batch->find("count"))->view(0).as_int());
  return count;
}

std::string field_json(const event::EventBatch& rows, std::size_t row, double scale,
                       const query::FieldSummary& summary) {
  std::string text;
  JsonWriter out(text);
  out.begin_object();
  const auto view = [&](std::string_view name) { return (*rows.find(name))->view(row); };
  const std::string name(view("name").as_string());
  for (const std::string_view key :
       {"name", "type", "count", "coverage", "min", "max", "avg", "p50", "p99"}) {
    if (key == "count")
      out.member(key, static_cast<std::uint64_t>(static_cast<double>(view(key).as_int()) * scale));
    else if (!view(key).is_null())
      out.member(key, view(key));
  }
  out.name("top_values").begin_array();
  for (const auto& [value, count] : summary.frequent_values(name, kTopValues)) {
    out.begin_object().member("value", value);
    out.member("count", static_cast<std::uint64_t>(static_cast<double>(count) * scale));
    out.end_object();
  }
  out.end_array().end_object();
  return text;
}

// A field that only older events have is not in the answer, and nobody shall take it for gone.
std::string sample_hint(std::uint64_t events) {
  return "the fields are those of the newest " + std::to_string(kSampledEvents) + " of " +
         std::to_string(events) +
         " events, and counts are scaled up from these; for older ones, "
         "narrow from and to";
}

Result<Response> list_fields(QueryContext& context, const Question& question) {
  const TimeBounds bounds = TRY(context.time_bounds(question.from, question.to));
  const std::uint64_t events = TRY(count_events(context, question, bounds));
  const bool is_estimate = events > kSampledEvents;
  const auto running = TRY(context.start_text(
      question.from_clause + " | head " + std::to_string(kSampledEvents), bounds));
  query::FieldSummary summary;
  std::uint64_t sampled = 0;
  while (const std::optional<event::EventBatch> batch = TRY(running->next())) {
    summary.add(*batch);
    sampled += batch->rows();
  }
  context.finished(*running);
  const event::EventBatch rows =
      summary.rows([&](const std::string& name) { return name.starts_with(question.prefix); });
  const double scale =
      is_estimate ? static_cast<double>(events) / static_cast<double>(sampled) : 1.0;
  std::vector<std::string> items;
  for (std::size_t row = 0; row < rows.rows(); ++row)
    items.push_back(field_json(rows, row, scale, summary));
  std::vector<std::string> hints = summary.hints();
  if (is_estimate) hints.push_back(sample_hint(events));
  return list_response(
      question.page, "fields", items,
      is_estimate ? R"(,"approximate":true,"sampled_events":)" + std::to_string(sampled) : "",
      context.meta_json(hints));
}

// --- The values of one field
// -----------------------------------------------------------------------

std::string_view type_name(event::Type type) {
  switch (type) {
    case event::Type::kInt:
      return "integer";
    case event::Type::kFloat:
      return "float";
    case event::Type::kBool:
      return "boolean";
    case event::Type::kTimestamp:
      return "datetime";
    default:
      return "string";
  }
}

// The most frequent values seen, and sums over all.
struct ValueCounts {
  using Entry = std::pair<event::Value, std::uint64_t>;

  void add(const event::EventBatch& batch, const std::string& name, std::size_t limit) {
    const event::Column& values = **batch.find(name);
    const event::Column& counts = **batch.find("count");
    for (std::size_t row = 0; row < batch.rows(); ++row) {
      if (values.is_null(row)) continue;
      const auto count = static_cast<std::uint64_t>(counts.view(row).as_int());
      ++unique;
      total += count;
      const event::Type of_value = values.view(row).type();
      if (type && *type != of_value) type = join(*type, of_value);
      if (!type) type = of_value;
      top.emplace_back(values.value(row), count);
    }
    constexpr std::size_t kSlack = 8192;
    if (top.size() > limit + kSlack) prune(limit);
  }
  // Keeps the first `limit` by count, then value.
  void prune(std::size_t limit) {
    std::ranges::sort(top, [](const Entry& a, const Entry& b) {
      return a.second != b.second ? a.second > b.second : event::sort_compare(a.first, b.first) < 0;
    });
    if (top.size() > limit) top.resize(limit);
  }
  static event::Type join(event::Type a, event::Type b) {
    const auto is_number = [](event::Type t) {
      return t == event::Type::kInt || t == event::Type::kFloat;
    };
    return is_number(a) && is_number(b) ? event::Type::kFloat : event::Type::kString;
  }

  std::vector<Entry> top;
  std::uint64_t unique = 0;
  std::uint64_t total = 0;
  std::optional<event::Type> type;
};

std::string values_json(const ValueCounts& counts, const std::string& name) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().member("field", name);
  out.member("type", type_name(counts.type.value_or(event::Type::kString)));
  out.name("values").begin_array();
  for (const auto& [value, count] : counts.top) {
    out.begin_object().member("value", event::ValueView(value)).member("count", count);
    out.member("percent", 100.0 * static_cast<double>(count) / static_cast<double>(counts.total));
    out.end_object();
  }
  out.end_array().member("unique_count", counts.unique).member("total_count", counts.total);
  out.end_object();
  return text;
}

Result<Response> list_values(QueryContext& context, const Question& question) {
  const TimeBounds bounds = TRY(context.time_bounds(question.from, question.to));
  const std::string field = TRY(spl2_field(question.name));
  const auto running =
      TRY(context.start_text(question.from_clause + " | stats count by " + field, bounds));
  ValueCounts counts;
  while (const std::optional<event::EventBatch> batch = TRY(running->next()))
    counts.add(*batch, question.name, question.limit);
  counts.prune(question.limit);
  context.finished(*running);
  return data_response(values_json(counts, question.name), context.meta_json({}));
}

void answer(Api& api, const ExchangePtr& exchange,
            Result<Response> (*make)(QueryContext&, const Question&)) {
  auto question = read_question(exchange->request());
  if (!question.has_value()) return exchange->respond(error_response(question.error()));
  api.query.submit(exchange, api.query.limits().sync_timeout,
                   [&api, make, question = std::move(*question)](QueryContext& context) {
                     Result<Response> response = make(context, question);
                     return response.has_value() ? std::move(*response)
                                                 : api.query.failure(response.error());
                   });
}

}  // namespace

void add_field_routes(Router& router, Api& api) {
  const auto add = [&](std::string pattern,
                       Result<Response> (*make)(QueryContext&, const Question&),
                       std::vector<std::string_view> parameters) {
    router.add(
        {.method = Method::kGet,
         .pattern = std::move(pattern),
         .handler = [&api, make](const ExchangePtr& exchange) { answer(api, exchange, make); },
         .cancellable = true,
         .parameters = std::move(parameters)});
  };
  add("/api/v1/fields", list_fields,
      {"from", "to", "source", "index", "prefix", "limit", "offset"});
  add("/api/v1/fields/{name}/values", list_values, {"from", "to", "source", "index", "limit"});
}

}  // namespace lynxdb::server
