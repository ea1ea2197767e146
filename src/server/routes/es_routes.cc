// What Elasticsearch's clients and shippers use: _bulk, single documents, and the questions that
// they ask before they start.
#include <array>
#include <utility>

#include "base/hash.h"
#include "server/es/bulk_ingest.h"
#include "server/es/bulk_request.h"
#include "server/http/json_writer.h"
#include "server/ingest/body_format.h"
#include "server/routes/routes.h"

namespace lynxdb::server {
namespace {

constexpr std::array<std::string_view, 3> kBases = {"", "/api/v1/es", "/api/v1/ingest"};

// Clients look for the product's name, and for the media type that they asked for.
Response es_response(const Request& request, int status, std::string body) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  response.content_type = "application/json; charset=utf-8";
  if (request.headers.get("Accept").find("application/vnd.elasticsearch+json") !=
      std::string_view::npos)
    response.content_type = "application/vnd.elasticsearch+json;compatible-with=8";
  response.headers.add("X-Elastic-Product", "Elasticsearch");
  return response;
}

Response es_failure(const Request& request, IngestService& ingest, const Error& error) {
  const Response plain = ingest.failure(error);
  const std::string_view type = plain.status == 429   ? "es_rejected_execution_exception"
                                : plain.status == 503 ? "unavailable_shards_exception"
                                                      : "illegal_argument_exception";
  Response response =
      es_response(request, plain.status, es_error_json(plain.status, type, error.message));
  if (const auto retry = plain.headers.find("Retry-After"))
    response.headers.add("Retry-After", *retry);
  return response;
}

// --- Storing
// ---------------------------------------------------------------------------------------

// How the outcomes of a request's items are told.
using Answer = std::function<Response(const Request&, const std::vector<BulkItem>&,
                                      const std::vector<BulkOutcome>&, std::int64_t took_ms)>;

// One request on its way; kept until the store has answered.
struct BulkWork {
  ExchangePtr exchange;
  IngestService::Body body;  // Documents are borrowed from it.
  std::vector<BulkItem> items;
  std::vector<BulkOutcome> outcomes;
  std::vector<std::size_t> rows;
  Answer answer;
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();

  void respond() const {
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - started);
    exchange->respond(answer(exchange->request(), items, outcomes, took.count()));
  }
};
using BulkWorkPtr = std::shared_ptr<BulkWork>;

Result<> store(IngestService& ingest, const BulkWorkPtr& work) {
  const Request& request = work->exchange->request();
  BulkBatch batch = parse_bulk(work->items, TRY(ingest.parser_options(request)), work->outcomes);
  for (const BulkOutcome& outcome : work->outcomes)
    if (!outcome.error_type.empty()) ++ingest.counters().failed_events;
  if (batch.items.empty()) {
    work->respond();
    return {};
  }
  work->rows = std::move(batch.items);
  batch.events.batch_id = TRY(IngestService::batch_id(request));
  batch.events.content_crc = base::crc32c(request.path, base::crc32c(work->body.view()));
  ingest.give_ids(batch.events);
  const event::ColumnPtr ids = *batch.events.batch.find(event::kId);
  ingest.append(std::move(batch.events), [&ingest, work, ids](const Result<Ingested>& stored) {
    if (!stored.has_value())
      return work->exchange->respond(es_failure(work->exchange->request(), ingest, stored.error()));
    ingest.run_soon([work, ids, stored = *stored] {
      apply_stored(work->items, work->rows, *ids, stored, work->outcomes);
      work->respond();
    });
  });
  return {};
}

// Reads the items of a body, which it may put into another form; an error is answered with 400.
using ReadItems = Result<std::vector<BulkItem>> (*)(const Request&, IngestService::Body& body);

void ingest_items(IngestService& ingest, const ExchangePtr& exchange, ReadItems read,
                  Answer answer) {
  ingest.submit(exchange, [&ingest, exchange, read, answer = std::move(answer)] {
    auto unpacked = ingest.unpacked(exchange->request());
    if (auto* refusal = std::get_if<Response>(&unpacked))
      return exchange->respond(std::move(*refusal));
    const auto work = std::make_shared<BulkWork>();
    work->exchange = exchange;
    work->body = std::get<IngestService::Body>(std::move(unpacked));
    work->answer = answer;
    auto items = read(exchange->request(), work->body);
    if (!items.has_value())
      return exchange->respond(es_failure(exchange->request(), ingest, items.error()));
    work->items = std::move(*items);
    const Result<> stored = store(ingest, work);
    if (!stored.has_value())
      exchange->respond(es_failure(exchange->request(), ingest, stored.error()));
  });
}

Result<std::vector<BulkItem>> bulk_items(const Request& request, IngestService::Body& body) {
  std::vector<BulkItem> items = TRY(read_bulk(body.view(), request.path_parameters.get("index")));
  if (items.empty()) return Error{ErrorCode::kParse, "request body is required"};
  return items;
}

Response bulk_answer(const Request& request, const std::vector<BulkItem>& items,
                     const std::vector<BulkOutcome>& outcomes, std::int64_t took_ms) {
  return es_response(request, 200, bulk_json(items, outcomes, took_ms));
}

Result<std::vector<BulkItem>> document_item(const Request& request, IngestService::Body& body) {
  const BodyHints json{.content_type = {}, .format = "json", .sourcetype = {}, .lines_only = false};
  if (TRY(plan_body(json, body.view())).is_one_document) body = one_line_body(body);
  std::string_view document = body.view();
  while (document.ends_with('\n') || document.ends_with('\r')) document.remove_suffix(1);
  if (document.find('\n') != std::string_view::npos)
    return Error{ErrorCode::kParse, "the body is not one JSON document"};
  BulkItem item;
  const bool creates = request.path.find("/_create") != std::string::npos ||
                       request.query.get("op_type") == "create";
  item.action = creates ? BulkAction::kCreate : BulkAction::kIndex;
  item.index = request.path_parameters.get("index");
  item.id = request.path_parameters.get("id");
  item.document = document;
  return std::vector<BulkItem>{std::move(item)};
}

Response document_answer(const Request& request, const std::vector<BulkItem>& items,
                         const std::vector<BulkOutcome>& outcomes, std::int64_t /*took_ms*/) {
  const BulkOutcome& outcome = outcomes.front();
  if (!outcome.error_type.empty())
    return es_response(request, outcome.status,
                       es_error_json(outcome.status, outcome.error_type, outcome.reason));
  std::string text;
  JsonWriter out(text);
  out.begin_object().member("_index", items.front().index).member("_id", outcome.id);
  out.member("_version", 1).member("result", outcome.status == 201 ? "created" : "updated");
  out.end_object();
  return es_response(request, outcome.status, std::move(text));
}

// --- Questions
// -------------------------------------------------------------------------------------

std::string product_json(const Api& api) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().member("name", api.node_name).member("cluster_name", "lynxdb");
  out.member("cluster_uuid", api.cluster_id).name("version").begin_object();
  out.member("number", "8.0.0").member("build_flavor", "default").member("build_type", "tar");
  out.member("build_hash", "unknown").member("build_snapshot", false);
  out.member("lucene_version", "9.0.0").member("minimum_wire_compatibility_version", "7.17.0");
  out.member("minimum_index_compatibility_version", "7.0.0").end_object();
  out.member("tagline", "You Know, for Search").member("lynxdb_version", api.version);
  out.end_object();
  return text;
}

// Fixed answers that let shippers get on with it.
struct Probe {
  Method method;
  std::string_view pattern;
  std::string_view answer;
};
constexpr std::string_view kAcknowledged = R"({"acknowledged":true})";
constexpr std::string_view kLicense =
    R"({"license":{"status":"active","uid":"lynxdb","type":"basic","mode":"basic"}})";
constexpr std::array<Probe, 16> kProbes = {{
    {Method::kGet, "/_license", kLicense},
    {Method::kGet, "/_xpack",
     R"({"build":{},"license":{"type":"basic","mode":"basic","status":"active"},"features":{}})"},
    {Method::kGet, "/_cluster/health", R"({"cluster_name":"lynxdb","status":"green"})"},
    {Method::kGet, "/_nodes/http", R"({"nodes":{}})"},
    {Method::kGet, "/_nodes/_all/http", R"({"nodes":{}})"},
    {Method::kGet, "/_template/{name}", "{}"},
    {Method::kPut, "/_template/{name}", kAcknowledged},
    {Method::kGet, "/_index_template/{name}", R"({"index_templates":[]})"},
    {Method::kPut, "/_index_template/{name}", kAcknowledged},
    {Method::kGet, "/_ilm/policy/{name}", "{}"},
    {Method::kPut, "/_ilm/policy/{name}", kAcknowledged},
    {Method::kGet, "/_ingest/pipeline/{name}", "{}"},
    {Method::kPut, "/_ingest/pipeline/{name}", kAcknowledged},
    {Method::kGet, "/_alias/{name}", "{}"},
    {Method::kGet, "/_data_stream/{name}", R"({"data_streams":[]})"},
    {Method::kPut, "/_data_stream/{name}", kAcknowledged},
}};

class EsRoutes {
 public:
  EsRoutes(Router& router, Api& api)
      : router_(router), api_(api), body_bytes_max_(api.ingest.limits().body_bytes_max) {}

  void add_all() {
    for (const std::string_view base : kBases) {
      add_base(std::string(base));
      add_stores(std::string(base));
      for (const Probe& probe : kProbes) add_probe(std::string(base), probe);
    }
    add_bulk(Method::kPost, "/api/v1/ingest/bulk");
  }

 private:
  // `vague`: the path says nothing about being one of ours.
  void add(Method method, std::string pattern, Handler handler, std::size_t body_bytes_max = 0,
           bool vague = true) {
    router_.add({.method = method,
                 .pattern = std::move(pattern),
                 .handler = std::move(handler),
                 .body_bytes_max = body_bytes_max,
                 .vague = vague});
  }

  void add_base(const std::string& base) {
    add(Method::kGet, base.empty() ? "/" : base, [this_api = &api_](const ExchangePtr& exchange) {
      exchange->respond(es_response(exchange->request(), 200, product_json(*this_api)));
    });
    add(Method::kHead, base + "/{index}", [](const ExchangePtr& exchange) {
      exchange->respond(es_response(exchange->request(), 200, ""));
    });
  }

  void add_bulk(Method method, std::string pattern) {
    add(
        method, std::move(pattern),
        [&ingest = api_.ingest](const ExchangePtr& exchange) {
          ingest_items(ingest, exchange, bulk_items, bulk_answer);
        },
        body_bytes_max_, false);
  }

  void add_document(Method method, std::string pattern) {
    add(
        method, std::move(pattern),
        [&ingest = api_.ingest](const ExchangePtr& exchange) {
          ingest_items(ingest, exchange, document_item, document_answer);
        },
        body_bytes_max_);
  }

  void add_stores(const std::string& base) {
    for (const Method method : {Method::kPost, Method::kPut}) {
      add_bulk(method, base + "/_bulk");
      add_bulk(method, base + "/{index}/_bulk");
      add_document(method, base + "/{index}/_doc/{id}");
      add_document(method, base + "/{index}/_create/{id}");
    }
    add_document(Method::kPost, base + "/{index}/_doc");
    add_document(Method::kPost, base + "/{index}/_create");
  }

  void add_probe(const std::string& base, const Probe& probe) {
    add(
        probe.method, base + std::string(probe.pattern),
        [answer = probe.answer](const ExchangePtr& exchange) {
          exchange->respond(es_response(exchange->request(), 200, std::string(answer)));
        },
        kSmallBodyBytes);
  }

  Router& router_;
  Api& api_;
  const std::size_t body_bytes_max_;
};

}  // namespace

void add_es_routes(Router& router, Api& api) { EsRoutes(router, api).add_all(); }

}  // namespace lynxdb::server
