// GET /query/explain: what a query will do, and with analyze=true what running it did.
#include <set>

#include "query/explain.h"
#include "query/parse_query.h"
#include "query/pipeline_builder.h"
#include "query/spill.h"
#include "server/http/json_writer.h"
#include "server/query/query_request.h"
#include "server/routes/routes.h"
#include "spl2/parser.h"

namespace lynxdb::server {
namespace {

std::string_view type_name(query::ResultType type) {
  switch (type) {
    case query::ResultType::kAggregate:
      return "aggregate";
    case query::ResultType::kTimechart:
      return "timechart";
    case query::ResultType::kEvents:
      break;
  }
  return "events";
}

void write_strings(JsonWriter& out, std::string_view name, const auto& texts) {
  out.name(name).begin_array();
  for (const auto& text : texts) out.string(text);
  out.end_array();
}

bool scans_everything(const query::PipelineDescription& pipeline) {
  const query::ScanRequest& scan = pipeline.scan;
  return scan.raw_contains.empty() && scan.filters.empty() && scan.rows_wanted == 0 &&
         scan.from_ns == std::numeric_limits<std::int64_t>::min() &&
         scan.to_ns == std::numeric_limits<std::int64_t>::max();
}

void write_parsed(JsonWriter& out, std::string_view text, const spl2::Query& query,
                  const std::vector<query::PipelineDescription>& plan) {
  const query::PipelineDescription& main = plan.back();
  out.name("parsed").begin_object().name("pipeline").begin_array();
  for (const spl2::Command& command : query.main->commands) {
    out.begin_object().member("type", command.name);
    std::string_view written =
        text.substr(std::min<std::size_t>(command.span.offset, text.size()), command.span.length);
    while (written.ends_with(' ') || written.ends_with('\n')) written.remove_suffix(1);
    out.member("text", written);
    out.end_object();
  }
  out.end_array().member("result_type", type_name(main.result_type));
  out.member("estimated_cost", query::estimated_cost(plan));
  out.member("uses_full_scan", scans_everything(main));
  const std::vector<std::string> everything = {"*"};
  write_strings(out, "fields_read", main.scan.all_fields ? everything : main.scan.fields);
  write_strings(out, "fields_produced", main.columns.value_or(everything));
  out.end_object();
}

void write_distributed(JsonWriter& out, const query::PipelineDescription& main) {
  std::vector<std::string> shard;
  std::vector<std::string> coordinator;
  for (const query::StepDescription& step : main.steps) {
    if (step.where.starts_with("shard")) shard.push_back(step.text);
    if (step.where.ends_with("coordinator")) coordinator.push_back(step.text);
  }
  out.name("distributed").begin_object();
  write_strings(out, "shard", shard);
  write_strings(out, "coordinator", coordinator);
  out.end_object();
  out.name("acceleration").begin_object().member("available", false).end_object();
}

void write_errors(JsonWriter& out, const std::vector<spl2::ParseError>& errors) {
  out.name("errors").begin_array();
  for (const spl2::ParseError& error : errors) {
    out.begin_object();
    out.member("position", error.span.offset).member("length", error.span.length);
    out.member("message", error.message).member("suggestion", error.suggestion);
    out.end_object();
  }
  out.end_array();
}

// Runs the query, its rows thrown away.
Result<> execute(JsonWriter& out, QueryContext& context,
                 const std::shared_ptr<const spl2::Query>& query, const TimeBounds& bounds) {
  const auto running = TRY(context.start(query, bounds));
  std::uint64_t rows = 0;
  while (const std::optional<event::EventBatch> batch = TRY(running->next())) rows += batch->rows();
  context.finished(*running);
  out.name("execution").begin_object().member("rows", rows);
  out.member("memory_peak_bytes", running->memory_peak_bytes()).name("steps").begin_array();
  for (const query::StepProfile& step : running->profile()) {
    out.begin_object().member("text", step.text).member("where", step.where);
    out.member("rows_in", step.rows_in).member("rows_out", step.rows_out);
    out.member("busy_ms", static_cast<double>(step.busy_ns) / 1e6).end_object();
  }
  out.end_array().name("meta").raw(context.meta_json({})).end_object();
  return {};
}

// A plan that cannot be made is an error of the query, as one that does not parse.
Result<> plan_check(QueryContext& context, const std::shared_ptr<const spl2::Query>& query,
                    const TimeBounds& bounds) {
  query::QueryOptions options;
  options.now_ns = context.now_ns();
  options.from_ns = bounds.from_ns;
  options.to_ns = bounds.to_ns;
  // Nothing is opened, so nothing of this is used.
  query::SpillSpace spill("", 0);
  query::Execution execution(1, spill);
  return query::PipelineBuilder(query, options, nullptr, execution).check();
}

Result<Response> explain_parsed(QueryContext& context, const QueryRequest& request, bool analyze,
                                const std::shared_ptr<const spl2::Query>& query) {
  const TimeBounds bounds = TRY(context.time_bounds(request.from, request.to));
  std::string text;
  JsonWriter out(text);
  out.begin_object();
  if (const Result<> planned = plan_check(context, query, bounds); !planned.has_value()) {
    out.member("is_valid", false);
    const Error& error = planned.error();
    write_errors(out, {{error.span.value_or(query->main->span), error.message, error.suggestion}});
    out.end_object();
    return data_response(text, context.meta_json({}));
  }
  query::QueryOptions options;
  options.now_ns = context.now_ns();
  options.from_ns = bounds.from_ns;
  options.to_ns = bounds.to_ns;
  const auto plan = query::describe(*query, options);
  out.member("is_valid", true);
  write_errors(out, {});
  write_parsed(out, request.text, *query, plan);
  write_distributed(out, plan.back());
  if (analyze) TRY(execute(out, context, query, bounds));
  out.end_object();
  std::vector<std::string> hints;
  for (const spl2::Hint& hint : query->hints) hints.push_back(hint.message);
  return data_response(text, context.meta_json(hints));
}

Response explain_broken(const std::vector<spl2::ParseError>& errors) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().member("is_valid", false);
  write_errors(out, errors);
  out.end_object();
  return data_response(text);
}

void explain(Api& api, const ExchangePtr& exchange) {
  auto request = read_query_request(exchange->request(), QueryRoute::kQuery);
  if (!request.has_value()) return exchange->respond(error_response(request.error()));
  const std::string_view analyze = exchange->request().query.get("analyze");
  const bool runs = analyze == "true" || analyze == "1";
  if (!runs && !analyze.empty() && analyze != "false" && analyze != "0")
    return exchange->respond(validation_error("analyze must be true or false"));
  api.query.submit(
      exchange, api.query.limits().sync_timeout,
      [&api, runs, request = std::move(*request)](QueryContext& context) {
        spl2::ParseOptions options;
        options.query_bytes_max = context.limits().text_bytes_max;
        auto parsed = query::parse_query(request.text, options);
        if (const auto* errors = std::get_if<std::vector<spl2::ParseError>>(&parsed))
          return explain_broken(*errors);
        context.set_partial_results(
            request.partial_results.value_or(context.limits().partial_results));
        Result<Response> response = explain_parsed(
            context, request, runs,
            std::make_shared<const spl2::Query>(std::move(std::get<spl2::Query>(parsed))));
        return response.has_value() ? std::move(*response) : api.query.failure(response.error());
      });
}

}  // namespace

void add_explain_route(Router& router, Api& api) {
  router.add({.method = Method::kGet,
              .pattern = "/api/v1/query/explain",
              .handler = [&api](const ExchangePtr& exchange) { explain(api, exchange); },
              .cancellable = true,
              .parameters = query_parameters("analyze")});
}

}  // namespace lynxdb::server
