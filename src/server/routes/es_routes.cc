// What Elasticsearch's clients and shippers use: _bulk, single documents, and the questions that
// they ask before they start.
#include <array>
#include <utility>

#include "base/hash.h"
#include "server/es/bulk_ingest.h"
#include "server/es/bulk_request.h"
#include "server/es/probes.h"
#include "server/http/json_writer.h"
#include "server/ingest/body_format.h"
#include "server/routes/routes.h"

namespace lynxdb::server {
namespace {

constexpr std::string_view kEsVersion = "8.0.0";
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

EsFailure es_failure(int status, std::string reason) {
  const std::string_view type = status == 413   ? "content_too_long_exception"
                                : status == 429 ? "es_rejected_execution_exception"
                                : status == 503 ? "unavailable_shards_exception"
                                                : "illegal_argument_exception";
  return {.status = status, .type = type, .reason = std::move(reason)};
}

// `plain`: the same failure as other routes tell it.
Response failure_response(const Request& request, const Response& plain, std::string body) {
  Response response = es_response(request, plain.status, std::move(body));
  if (const auto retry = plain.headers.find("Retry-After"))
    response.headers.add("Retry-After", *retry);
  return response;
}

Response failure_response(const Request& request, IngestService& ingest, const Error& error) {
  const Response plain = ingest.failure(error);
  return failure_response(request, plain, es_error_json(es_failure(plain.status, error.message)));
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
  bool is_bulk = false;
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();

  void respond() const {
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - started);
    exchange->respond(answer(exchange->request(), items, outcomes, took.count()));
  }

  // Nothing of it was stored.
  void fail(const Response& plain, const Error& error) {
    const EsFailure failure = es_failure(plain.status, error.message);
    apply_failure(failure, outcomes);
    exchange->respond(failure_response(
        exchange->request(), plain,
        is_bulk ? bulk_json(items, outcomes, 0, &failure) : es_error_json(failure)));
  }
};
using BulkWorkPtr = std::shared_ptr<BulkWork>;

Result<> store(IngestService& ingest, const BulkWorkPtr& work) {
  const Request& request = work->exchange->request();
  const event::ParserOptions options = TRY(ingest.parser_options(request));
  BulkBatch batch = parse_bulk(work->items, options, work->outcomes);
  for (const BulkOutcome& outcome : work->outcomes)
    if (!outcome.error_type.empty()) ++ingest.counters().failed_events;
  if (batch.items.empty()) {
    work->respond();
    return {};
  }
  work->rows = std::move(batch.items);
  batch.events.batch_id = TRY(IngestService::batch_id(request));
  batch.events.content_crc = base::crc32c(request.path, base::crc32c(work->body.view()));
  ingest.give_repeatable_ids(batch.events);
  scope_ids(work->items, work->rows, options.index.value_or(""), batch.events);
  const event::ColumnPtr ids = *batch.events.batch.find(event::kId);
  ingest.append(std::move(batch.events), [&ingest, work, ids](const Result<Ingested>& stored) {
    if (!stored.has_value()) return work->fail(ingest.failure(stored.error()), stored.error());
    ingest.run_soon([work, ids, stored = *stored] {
      apply_stored(work->items, work->rows, *ids, stored, work->outcomes);
      work->respond();
    });
  });
  return {};
}

// Reads the items of a body, which it may put into another form; an error is answered with 400.
using ReadItems = Result<std::vector<BulkItem>> (*)(const Request&, IngestService::Body& body);

// Beyond ingest.max_body_size a body is read only to tell each of its actions that it is too large:
// as much as rsyslog puts into one by default (100 MB), where the limit is ours.
std::size_t refused_body_bytes_max(std::size_t body_bytes_max) { return 11 * body_bytes_max; }

// Before the request was looked at. Some shippers (rsyslog) look at items alone, and take a request
// that has none for stored: each action is told what became of it.
void refuse_items(IngestService& ingest, const ExchangePtr& exchange, ReadItems read, bool is_bulk,
                  const ApiError& refusal) {
  const Response plain = error_response(refusal);
  BulkWork work;
  work.exchange = exchange;
  work.is_bulk = is_bulk;
  auto unpacked =
      ingest.unpacked(exchange->request(), refused_body_bytes_max(ingest.limits().body_bytes_max));
  if (auto* body = std::get_if<IngestService::Body>(&unpacked)) {
    work.body = std::move(*body);
    if (auto items = read(exchange->request(), work.body)) work.items = std::move(*items);
  }
  for (const BulkItem& item : work.items) {
    work.outcomes.emplace_back();
    work.outcomes.back().id = item.id;
  }
  work.fail(plain, Error{ErrorCode::kOverloaded, refusal.message});
}

ApiError body_too_large(std::size_t bytes_max) {
  return ApiError{.status = 413,
                  .code = "PAYLOAD_TOO_LARGE",
                  .message = "the body is larger than " + std::to_string(bytes_max) + " bytes"};
}

void ingest_items(IngestService& ingest, const ExchangePtr& exchange, ReadItems read, Answer answer,
                  bool is_bulk) {
  const auto refuse = [&](const ApiError& refusal) {
    refuse_items(ingest, exchange, read, is_bulk, refusal);
  };
  const auto task = [&ingest, exchange, read, answer = std::move(answer), is_bulk] {
    const std::size_t body_bytes_max = ingest.limits().body_bytes_max;
    if (exchange->request().too_large)
      return refuse_items(ingest, exchange, read, is_bulk, body_too_large(body_bytes_max));
    auto unpacked = ingest.unpacked(exchange->request(), body_bytes_max);
    if (const auto* refusal = std::get_if<ApiError>(&unpacked)) {
      if (refusal->status == 413) return refuse_items(ingest, exchange, read, is_bulk, *refusal);
      const EsFailure failure = es_failure(refusal->status, refusal->message);
      return exchange->respond(
          es_response(exchange->request(), failure.status, es_error_json(failure)));
    }
    const auto work = std::make_shared<BulkWork>();
    work->exchange = exchange;
    work->body = std::get<IngestService::Body>(std::move(unpacked));
    work->answer = answer;
    work->is_bulk = is_bulk;
    auto items = read(exchange->request(), work->body);
    if (!items.has_value())
      return exchange->respond(failure_response(exchange->request(), ingest, items.error()));
    work->items = std::move(*items);
    const Result<> stored = store(ingest, work);
    if (!stored.has_value())
      exchange->respond(failure_response(exchange->request(), ingest, stored.error()));
  };
  ingest.submit(exchange, task, refuse);
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
  std::string_view document = without_byte_order_mark(body.view());
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
    return es_response(
        request, outcome.status,
        es_error_json(
            {.status = outcome.status, .type = outcome.error_type, .reason = outcome.reason}));
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
  out.member("number", kEsVersion).member("build_flavor", "default").member("build_type", "tar");
  out.member("build_hash", "unknown").member("build_snapshot", false);
  out.member("lucene_version", "9.0.0").member("minimum_wire_compatibility_version", "7.17.0");
  out.member("minimum_index_compatibility_version", "7.0.0").end_object();
  out.member("tagline", "You Know, for Search").member("lynxdb_version", api.version);
  out.end_object();
  return text;
}

// Clients that look for other nodes find this one, at the address that they know it by.
std::string nodes_json(const Api& api, const Request& request) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().name("_nodes").begin_object();
  out.member("total", 1).member("successful", 1).member("failed", 0).end_object();
  out.member("cluster_name", "lynxdb").name("nodes").begin_object();
  out.name(api.cluster_id).begin_object().member("name", api.node_name);
  out.member("version", kEsVersion).name("roles").begin_array();
  for (const char* role : {"data", "ingest", "master"}) out.string(role);
  out.end_array().name("http").begin_object();
  out.member("publish_address", request.headers.get("Host")).end_object();
  out.end_object().end_object().end_object();
  return text;
}

Response probe_response(const Request& request, const Probe& probe) {
  const bool is_text = probe.pattern.starts_with("/_cat/");
  const bool as_json = request.query.get("format") == "json" ||
                       request.headers.get("Accept").find("json") != std::string_view::npos;
  Response response =
      es_response(request, 200, is_text && as_json ? "[]" : std::string(probe.answer));
  if (is_text && !as_json) response.content_type = "text/plain; charset=UTF-8";
  return response;
}

class EsRoutes {
 public:
  EsRoutes(Router& router, Api& api)
      : router_(router), api_(api), body_bytes_max_(api.ingest.limits().body_bytes_max) {}

  void add_all() {
    for (const std::string_view base : kBases) {
      add_base(std::string(base));
      add_stores(std::string(base));
      add_nodes(std::string(base));
      for (const Probe& probe : es_probes()) add_probe(std::string(base), probe);
    }
    add_bulk(Method::kPost, "/api/v1/ingest/bulk");
  }

 private:
  // Vague: the path says nothing about being one of ours.
  void add(Method method, std::string pattern, Handler handler, std::size_t body_bytes_max = 0) {
    router_.add({.method = method,
                 .pattern = std::move(pattern),
                 .handler = std::move(handler),
                 .body_bytes_max = body_bytes_max,
                 .vague = true});
  }

  void add_base(const std::string& base) {
    add(Method::kGet, base.empty() ? "/" : base, [this_api = &api_](const ExchangePtr& exchange) {
      exchange->respond(es_response(exchange->request(), 200, product_json(*this_api)));
    });
    add(Method::kHead, base + "/{index}", [](const ExchangePtr& exchange) {
      exchange->respond(es_response(exchange->request(), 200, ""));
    });
    // Nothing has to be created: every index is there.
    add(
        Method::kPut, base + "/{index}",
        [](const ExchangePtr& exchange) {
          const Request& request = exchange->request();
          std::string text;
          JsonWriter out(text);
          out.begin_object().member("acknowledged", true).member("shards_acknowledged", true);
          out.member("index", request.path_parameters.get("index")).end_object();
          exchange->respond(es_response(request, 200, std::move(text)));
        },
        kSmallBodyBytes);
  }

  // Some shippers (rsyslog) do not look at the status of an answer: what is refused with 503 while
  // the server stops would be lost to them. A connection that ends makes all of them send again.
  void add_bulk(Method method, std::string pattern) {
    router_.add({.method = method,
                 .pattern = std::move(pattern),
                 .handler =
                     [&ingest = api_.ingest](const ExchangePtr& exchange) {
                       ingest_items(ingest, exchange, bulk_items, bulk_answer, true);
                     },
                 .body_bytes_max = body_bytes_max_,
                 .hangs_up = true,
                 .body_setting = kBodySetting,
                 .refused_body_bytes_max = refused_body_bytes_max(body_bytes_max_)});
  }

  void add_document(Method method, std::string pattern) {
    router_.add({.method = method,
                 .pattern = std::move(pattern),
                 .handler =
                     [&ingest = api_.ingest](const ExchangePtr& exchange) {
                       ingest_items(ingest, exchange, document_item, document_answer, false);
                     },
                 .body_bytes_max = body_bytes_max_,
                 .hangs_up = true,
                 .vague = true,
                 .body_setting = kBodySetting});
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

  void add_nodes(const std::string& base) {
    for (const char* path : {"/_nodes", "/_nodes/{kind}", "/_nodes/{node}/{kind}"})
      add(Method::kGet, base + path, [this_api = &api_](const ExchangePtr& exchange) {
        const Request& request = exchange->request();
        exchange->respond(es_response(request, 200, nodes_json(*this_api, request)));
      });
  }

  void add_probe(const std::string& base, const Probe& probe) {
    add(
        probe.method, base + std::string(probe.pattern),
        [&probe](const ExchangePtr& exchange) {
          exchange->respond(probe_response(exchange->request(), probe));
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
