// POST /ingest, /ingest/raw.
#include "server/routes/routes.h"

namespace lynxdb::server {

void add_ingest_routes(Router& router, Api& api) {
  const std::size_t body_bytes_max = api.ingest.limits().body_bytes_max;
  const auto add = [&](std::string pattern, bool lines_only) {
    router.add(
        {.method = Method::kPost,
         .pattern = std::move(pattern),
         .handler = [&ingest = api.ingest, lines_only](
                        const ExchangePtr& exchange) { ingest.ingest(exchange, lines_only); },
         .body_bytes_max = body_bytes_max,
         .parameters = {{"source", "sourcetype", "index", "host", "format"}},
         .body_setting = kBodySetting});
  };
  add("/api/v1/ingest", false);
  add("/api/v1/ingest/raw", true);
}

}  // namespace lynxdb::server
