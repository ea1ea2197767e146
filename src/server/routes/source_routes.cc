// GET /sources, /indexes.
#include "server/http/json_writer.h"
#include "server/query/internal_query.h"
#include "server/routes/list_response.h"
#include "server/routes/routes.h"

namespace lynxdb::server {
namespace {

std::string source_json(const event::EventBatch& batch, std::size_t row, double bytes_per_event) {
  const auto view = [&](std::string_view name) { return (*batch.find(name))->view(row); };
  const auto count = static_cast<std::uint64_t>(view("count").as_int());
  const event::ValueView first = view("first");
  const event::ValueView last = view("last");
  const double seconds =
      first.is_null() ? 0 : static_cast<double>(last.as_int() - first.as_int()) / 1e9;
  std::string text;
  JsonWriter out(text);
  out.begin_object().member("name", view("_source")).member("event_count", count);
  out.member("first_event", first).member("last_event", last);
  out.member("rate", seconds > 0 ? static_cast<double>(count) / seconds : 0.0);
  out.member("storage_bytes",
             static_cast<std::uint64_t>(static_cast<double>(count) * bytes_per_event));
  out.end_object();
  return text;
}

struct SourceQuestion {
  std::string from_clause;
  ListPage page;
};

Result<SourceQuestion> read_source_question(const Request& request) {
  return SourceQuestion{TRY(from_clause(request, "pattern")), TRY(read_list_page(request))};
}

Result<Response> list_sources(Api& api, QueryContext& context, const SourceQuestion& question) {
  const auto running = TRY(context.start_text(
      question.from_clause + " | stats count, min(_time) AS first, max(_time) AS last by _source",
      {}));
  // Segments do not know what each source takes: its share is by events.
  const StoreStatus store = api.store.status();
  const double bytes_per_event = store.events == 0 ? 0
                                                   : static_cast<double>(store.storage_bytes) /
                                                         static_cast<double>(store.events);
  std::vector<std::string> items;
  while (const std::optional<event::EventBatch> batch = TRY(running->next()))
    for (std::size_t row = 0; row < batch->rows(); ++row)
      items.push_back(source_json(*batch, row, bytes_per_event));
  context.finished(*running);
  return list_response(question.page, "sources", items, "", context.meta_json({}));
}

void sources(Api& api, const ExchangePtr& exchange) {
  auto question = read_source_question(exchange->request());
  if (!question.has_value()) return exchange->respond(error_response(question.error()));
  api.query.submit(exchange, api.query.limits().sync_timeout,
                   [&api, question = std::move(*question)](QueryContext& context) {
                     Result<Response> response = list_sources(api, context, question);
                     return response.has_value() ? std::move(*response)
                                                 : api.query.failure(response.error());
                   });
}

void write_time(JsonWriter& out, std::string_view name, const std::optional<std::int64_t>& ns) {
  out.member(name, ns ? event::ValueView::timestamp(*ns) : event::ValueView());
}

std::string index_json(const IndexStatus& index, const std::string& retention) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().member("name", index.name).member("event_count", index.events);
  out.member("storage_bytes", index.storage_bytes).member("retention", retention);
  write_time(out, "first_event", index.first_ns);
  write_time(out, "last_event", index.last_ns);
  out.end_object();
  return text;
}

void indexes(Api& api, const ExchangePtr& exchange) {
  const auto page = read_list_page(exchange->request());
  if (!page.has_value()) return exchange->respond(error_response(page.error()));
  const StoreStatus store = api.store.status();
  std::vector<std::string> items;
  for (const IndexStatus& index : store.indexes)
    items.push_back(index_json(index, index.retention.empty() ? store.retention : index.retention));
  exchange->respond(list_response(*page, "indexes", items, "", ""));
}

}  // namespace

void add_source_routes(Router& router, Api& api) {
  router.add({.method = Method::kGet,
              .pattern = "/api/v1/sources",
              .handler = [&api](const ExchangePtr& exchange) { sources(api, exchange); },
              .cancellable = true,
              .parameters = {{"index", "pattern", "limit", "offset"}}});
  router.add({.method = Method::kGet,
              .pattern = "/api/v1/indexes",
              .handler = [&api](const ExchangePtr& exchange) { indexes(api, exchange); },
              .parameters = {{"limit", "offset"}}});
}

}  // namespace lynxdb::server
