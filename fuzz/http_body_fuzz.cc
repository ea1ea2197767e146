// Any bytes as a request: chunked framing, compressed bodies, targets, JSON bodies of queries, and
// the decision what a body of events is. Byte 0 chooses the content type and the coding.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "event/parse/event_parser.h"
#include "server/http/chunked_decoder.h"
#include "server/http/compression.h"
#include "server/http/message.h"
#include "server/http/router.h"
#include "server/ingest/body_format.h"
#include "server/query/query_request.h"

namespace {

using namespace lynxdb::server;

constexpr std::size_t kBodyMax = 64U << 10U;

// Cut in two anywhere, a body is the same body.
void check_chunked(std::string_view text) {
  constexpr std::size_t kRoom = 1000;
  ChunkedDecoder whole;
  std::string body;
  std::string_view in = text;
  while (whole.feed(in, body, kRoom) == ChunkedDecoder::State::kMore && !in.empty()) {
  }
  ChunkedDecoder parts;
  std::string again;
  for (std::string_view part : {text.substr(0, text.size() / 2), text.substr(text.size() / 2)}) {
    while (parts.feed(part, again, kRoom) == ChunkedDecoder::State::kMore && !part.empty()) {
    }
  }
  LYNXDB_CHECK(body == again);
  LYNXDB_CHECK(body.size() <= text.size());
}

void check_packed(std::string_view text) {
  for (const ContentCoding coding : {ContentCoding::kGzip, ContentCoding::kDeflate}) {
    const auto unpacked = unpack(text, coding, kBodyMax, kBodyPaddingBytes);
    LYNXDB_CHECK(!unpacked.has_value() || unpacked->size() <= kBodyMax + kBodyPaddingBytes);
  }
}

void check_events(std::uint8_t choice, std::string_view text) {
  constexpr std::string_view kTypes[] = {"application/json", "application/x-ndjson", "text/plain",
                                         ""};
  constexpr std::string_view kFormats[] = {"", "json", "auto", "raw"};
  const BodyHints hints{.content_type = kTypes[choice & 3U],
                        .format = kFormats[(choice >> 2U) & 3U],
                        .sourcetype = "",
                        .lines_only = (choice & 16U) != 0};
  const auto plan = plan_body(hints, text);
  if (!plan.has_value()) return;
  auto body = std::make_shared<std::string>(plan->is_one_document ? compact_document(text)
                                                                  : std::string(text));
  const std::size_t size = body->size();
  body->append(kBodyPaddingBytes, '\0');
  lynxdb::event::ParserOptions options;
  options.format = plan->format;
  options.cut_long_lines = false;
  options.line_bytes_max = 4096;
  lynxdb::event::EventParser parser(options);
  const auto chunk = parser.parse(std::string_view(*body).substr(0, size), body);
  LYNXDB_CHECK(chunk.errors.size() <= 100 && chunk.errors.size() <= chunk.counts.errors);
  LYNXDB_CHECK(!plan->is_one_document || chunk.batch.rows() + chunk.counts.errors <= 1);
}

void check_request(std::string_view text) {
  Request request;
  (void)set_target(text.substr(0, text.find('\n')), request);
  Router router;
  for (const char* pattern : {"/api/v1/query", "/{index}/_doc/{id}"}) {
    Route route;
    route.pattern = pattern;
    router.add(std::move(route));
  }
  (void)router.find(Method::kGet, request.path);
  request.method = Method::kPost;
  request.body = std::make_shared<std::string>(text);
  request.body_bytes = text.size();
  for (const QueryRoute route : {QueryRoute::kQuery, QueryRoute::kStream})
    (void)read_query_request(request, route);
  request.method = Method::kGet;
  (void)read_query_request(request, QueryRoute::kQuery);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  check_chunked(text);
  check_packed(text);
  check_events(data[0], text);
  check_request(text);
  return 0;
}
