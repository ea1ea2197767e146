#include "cli/batch_sender.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <utility>

#include "base/random_id.h"
#include "client/address.h"
#include "client/gzip.h"

namespace lynxdb::cli {
namespace {

using simdjson::dom::element;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

std::string new_batch_id() { return "cli-" + base::random_id(); }

bool is_busy(const client::Response& response) {
  return response.status == 429 || response.status == 503;
}

bool is_lost(ErrorCode code) {
  return code == ErrorCode::kUnavailable || code == ErrorCode::kIo || code == ErrorCode::kTimeout;
}

std::vector<BatchSender::RefusedLine> refused_lines(element list, const LineBatch& batch) {
  std::vector<BatchSender::RefusedLine> lines;
  simdjson::dom::array errors;
  if (list.get(errors) != simdjson::SUCCESS) return lines;
  for (const element error : errors) {
    std::uint64_t index = 0;
    std::string_view code;
    std::string_view message;
    if (error["index"].get(index) != simdjson::SUCCESS || index >= batch.lines()) continue;
    if (error["code"].get(code) != simdjson::SUCCESS) code = "";
    if (error["message"].get(message) != simdjson::SUCCESS) message = "refused";
    lines.push_back({batch.numbers[index], std::string(code), std::string(message)});
  }
  return lines;
}

// What became of the lines: in a success, or in a refusal of all of them. Nullopt when the answer
// is something else.
std::optional<BatchSender::Outcome> outcome_of(const client::Response& response,
                                               const LineBatch& batch) {
  simdjson::dom::parser parser;
  element root;
  element object;
  if (parser.parse(simdjson::padded_string(response.body)).get(root) != simdjson::SUCCESS)
    return std::nullopt;
  const auto found =
      response.ok() ? root["data"].get(object) : root["error"]["details"].get(object);
  BatchSender::Outcome outcome;
  if (found != simdjson::SUCCESS || object["failed"].get(outcome.refused) != simdjson::SUCCESS)
    return std::nullopt;
  if (response.ok() && object["accepted"].get(outcome.accepted) != simdjson::SUCCESS)
    return std::nullopt;
  if (element list; object["errors"].get(list) == simdjson::SUCCESS)
    outcome.lines = refused_lines(list, batch);
  if (simdjson::dom::array hints; root["meta"]["hints"].get(hints) == simdjson::SUCCESS)
    for (const element hint : hints)
      if (std::string_view text; hint.get(text) == simdjson::SUCCESS)
        outcome.hints.emplace_back(text);
  return outcome;
}

LineBatch part_of(const LineBatch& batch, std::size_t first_line, std::size_t end_line,
                  std::size_t begin, std::size_t end) {
  LineBatch part;
  part.body = batch.body.substr(begin, end - begin);
  part.numbers.assign(batch.numbers.begin() + static_cast<std::ptrdiff_t>(first_line),
                      batch.numbers.begin() + static_cast<std::ptrdiff_t>(end_line));
  return part;
}

}  // namespace

BatchSender::BatchSender(client::HttpClient& client, Options options)
    : client_(client),
      options_(std::move(options)),
      // Over a real network bytes cost more than a core's time.
      compress_(!client::is_loopback(client.server())),
      backoff_(base::random_number()) {}

void BatchSender::stop() {
  const base::MutexLock lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

// False when it was stopped.
bool BatchSender::wait(milliseconds time) {
  const Clock::time_point until = Clock::now() + time;
  const base::MutexLock lock(mutex_);
  while (!stopped_)
    if (!changed_.wait_until(mutex_, until)) break;
  return !stopped_;
}

Result<client::Response> BatchSender::deliver(const LineBatch& batch) {
  if (!wait(milliseconds(0))) return Error{ErrorCode::kCancelled, "interrupted"};
  const std::string compressed = compress_ ? client::gzip(batch.body) : std::string();
  client::Request request;
  request.method = "POST";
  request.path = "/api/v1/ingest/raw";
  request.headers = options_.labels;
  request.headers.emplace_back("Content-Type", "text/plain");
  request.headers.emplace_back("X-LynxDB-Batch-Id", batch_id_ ? batch_id_(batch) : new_batch_id());
  if (compress_) request.headers.emplace_back("Content-Encoding", "gzip");
  request.body = compress_ ? std::string_view(compressed) : std::string_view(batch.body);
  const Clock::time_point deadline = Clock::now() + options_.retry_max;
  backoff_.reset();
  while (true) {
    constexpr milliseconds kLeast{1'000};
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now());
    request.total_max = std::max(left, kLeast);
    Result<client::Response> response = client_.send(request);
    const bool again = response.has_value() ? is_busy(*response) : is_lost(response.error().code);
    if (!again) return response;
    const auto asked = response.has_value()
                           ? client::parse_retry_after(response->header("retry-after"))
                           : std::nullopt;
    const milliseconds pause = backoff_.next(asked);
    if (Clock::now() + pause >= deadline) return response;
    client_.pass_on();
    ++retries_;
    if (!wait(pause)) return Error{ErrorCode::kCancelled, "interrupted"};
  }
}

Result<BatchSender::Outcome> BatchSender::send(const LineBatch& batch) {
  const client::Response response = TRY(deliver(batch));
  if (std::optional<Outcome> outcome = outcome_of(response, batch)) return *std::move(outcome);
  if (response.ok())
    return Error{ErrorCode::kCorruption, "the server's answer to a batch cannot be read"};
  if (response.status == 413 && batch.lines() > 1) return send_halves(batch);
  refusal_ = client::read_server_error(response);
  return Error{ErrorCode::kInvalidArgument, refusal_->message, refusal_->suggestion};
}

Result<BatchSender::Outcome> BatchSender::send_halves(const LineBatch& batch) {
  const std::size_t half = batch.lines() / 2;
  std::size_t cut = 0;
  for (std::size_t line = 0; line < half; ++line) cut = batch.body.find('\n', cut) + 1;
  Outcome outcome = TRY(send(part_of(batch, 0, half, 0, cut)));
  const Outcome rest = TRY(send(part_of(batch, half, batch.lines(), cut, batch.body.size())));
  outcome.accepted += rest.accepted;
  outcome.refused += rest.refused;
  outcome.lines.insert(outcome.lines.end(), rest.lines.begin(), rest.lines.end());
  outcome.hints.insert(outcome.hints.end(), rest.hints.begin(), rest.hints.end());
  return outcome;
}

}  // namespace lynxdb::cli
