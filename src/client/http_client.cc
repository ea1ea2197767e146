#include "client/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/check.h"
#include "client/address.h"

namespace lynxdb::client {
namespace {

constexpr std::size_t kHeaderBytesMax = 64U << 10U;

void initialise_curl_once() {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  LYNXDB_CHECK(initialised == CURLE_OK);
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

class HeaderList {
 public:
  HeaderList() = default;
  ~HeaderList() { curl_slist_free_all(list_); }
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;

  void add(const std::string& line) {
    curl_slist* longer = curl_slist_append(list_, line.c_str());
    LYNXDB_CHECK(longer != nullptr);
    list_ = longer;
  }
  curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

}  // namespace

// What one exchange with one server collects.
struct HttpClient::Transfer {
  CURL* easy = nullptr;
  const OnBody* on_body = nullptr;
  std::size_t body_bytes_max = 0;
  Response response;
  std::size_t header_bytes = 0;
  bool answered = false;         // A byte of the answer came.
  std::optional<Error> refused;  // By on_body, or by a limit.
  HeaderList headers;
  std::array<char, CURL_ERROR_SIZE> detail{};

  bool streams() {
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    return *on_body != nullptr && status >= 200 && status < 300;
  }

  bool take_body(std::string_view bytes) {
    if (streams()) {
      Result<> taken = (*on_body)(bytes);
      if (!taken.has_value()) refused = std::move(taken).error();
    } else if (bytes.size() > body_bytes_max - response.body.size()) {
      refused = Error{ErrorCode::kOutOfBudget, "the server's answer is larger than " +
                                                   std::to_string(body_bytes_max) + " bytes"};
    } else {
      response.body.append(bytes);
    }
    return !refused;
  }

  bool take_header(std::string_view line) {
    answered = true;
    header_bytes += line.size();
    if (header_bytes > kHeaderBytesMax) {
      refused = Error{ErrorCode::kOutOfBudget, "the server's answer has endless headers"};
      return false;
    }
    // An interim answer (100 Continue) begins anew.
    if (line.starts_with("HTTP/")) response.headers.clear();
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return true;
    std::string name(line.substr(0, colon));
    for (char& c : name)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    response.headers.emplace_back(std::move(name), trimmed(line.substr(colon + 1)));
    return true;
  }

  static std::size_t on_body_bytes(char* data, std::size_t one, std::size_t count, void* user) {
    const std::size_t size = one * count;
    return static_cast<Transfer*>(user)->take_body({data, size}) ? size : 0;
  }
  static std::size_t on_header_line(char* data, std::size_t one, std::size_t count, void* user) {
    const std::size_t size = one * count;
    return static_cast<Transfer*>(user)->take_header({data, size}) ? size : 0;
  }

  Error error(CURLcode code, const std::string& server) const {
    const std::string why = detail[0] != '\0' ? detail.data() : curl_easy_strerror(code);
    double connected_s = 0;
    curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME, &connected_s);
    if (answered)
      return {code == CURLE_OPERATION_TIMEDOUT ? ErrorCode::kTimeout : ErrorCode::kIo,
              "the answer of " + server + " broke off: " + why};
    if (code == CURLE_OPERATION_TIMEDOUT && connected_s > 0)
      return {ErrorCode::kTimeout, server + " does not answer: " + why};
    const bool untrusted = code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_ISSUER_ERROR;
    return {ErrorCode::kUnavailable, "cannot reach " + server + ": " + why,
            untrusted ? "if you know the server, accept its certificate with --tls-skip-verify"
                      : "is the server running? another one is named with --server URL"};
  }
};

namespace {

template <typename T>
void set(CURL* easy, CURLoption option, T value) {
  LYNXDB_CHECK(curl_easy_setopt(easy, option, value) == CURLE_OK);
}

void set_connection(CURL* easy, const std::string& server, bool skip_verify) {
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(easy, CURLOPT_TCP_NODELAY, 1L);
  set(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  set(easy, CURLOPT_BUFFERSIZE, 256L << 10U);
  if (is_loopback(server)) set(easy, CURLOPT_PROXY, "");
  if (!skip_verify) return;
  set(easy, CURLOPT_SSL_VERIFYPEER, 0L);
  set(easy, CURLOPT_SSL_VERIFYHOST, 0L);
}

void set_request(CURL* easy, const Request& request) {
  set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect_max.count()));
  set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.total_max.count()));
  if (request.compressed_answer) set(easy, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
  if (request.method == "POST" || request.method == "PUT") {
    // From our memory, so that curl can send it again when an idle connection turns out dead.
    set(easy, CURLOPT_POST, 1L);
    set(easy, CURLOPT_POSTFIELDS, request.body.data() == nullptr ? "" : request.body.data());
    set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  }
  set(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

}  // namespace

std::string_view Response::header(std::string_view name) const {
  for (const auto& [known, value] : headers)
    if (known == name) return value;
  return {};
}

HttpClient::HttpClient(Options options)
    : options_((initialise_curl_once(), std::move(options))),
      easy_(curl_easy_init()),
      multi_(curl_multi_init()) {
  LYNXDB_CHECK(easy_ != nullptr && multi_ != nullptr && !options_.servers.empty());
}

HttpClient::~HttpClient() {
  curl_multi_cleanup(multi_);
  curl_easy_cleanup(easy_);
}

void HttpClient::cancel() {
  cancelled_.store(true);
  curl_multi_wakeup(multi_);
}

Result<Response> HttpClient::send(const Request& request, const OnBody& on_body) {
  std::optional<Error> first;
  for (std::size_t tries = 0; tries < options_.servers.size(); ++tries) {
    Result<Response> response = send_to(server(), request, on_body);
    if (response.has_value() || response.error().code != ErrorCode::kUnavailable) return response;
    if (!first) first = std::move(response).error();
    pass_on();
  }
  return *std::move(first);
}

void HttpClient::prepare(const std::string& server, const Request& request, Transfer& transfer) {
  CURL* easy = easy_;
  curl_easy_reset(easy);  // Options only: connections stay.
  set_connection(easy, server, options_.tls_skip_verify);
  set_request(easy, request);
  for (const auto& [name, value] : request.headers) transfer.headers.add(name + ": " + value);
  if (!options_.token.empty()) transfer.headers.add("Authorization: Bearer " + options_.token);
  transfer.headers.add("Expect:");  // No round trip before a body that will be taken anyway.
  set(easy, CURLOPT_HTTPHEADER, transfer.headers.get());
  set(easy, CURLOPT_USERAGENT, options_.user_agent.c_str());
  set(easy, CURLOPT_URL, (server + request.path).c_str());
  set(easy, CURLOPT_PATH_AS_IS, 1L);
  set(easy, CURLOPT_WRITEFUNCTION, &Transfer::on_body_bytes);
  set(easy, CURLOPT_WRITEDATA, &transfer);
  set(easy, CURLOPT_HEADERFUNCTION, &Transfer::on_header_line);
  set(easy, CURLOPT_HEADERDATA, &transfer);
  set(easy, CURLOPT_ERRORBUFFER, transfer.detail.data());
}

Result<Response> HttpClient::send_to(const std::string& server, const Request& request,
                                     const OnBody& on_body) {
  Transfer transfer;
  transfer.easy = easy_;
  transfer.on_body = &on_body;
  transfer.body_bytes_max = request.response_bytes_max;
  prepare(server, request, transfer);
  const auto code = static_cast<CURLcode>(perform());
  set(transfer.easy, CURLOPT_ERRORBUFFER, static_cast<char*>(nullptr));
  if (transfer.refused) return *std::move(transfer.refused);
  if (code == CURLE_ABORTED_BY_CALLBACK) return Error{ErrorCode::kCancelled, "interrupted"};
  if (code != CURLE_OK) return transfer.error(code, server);
  long status = 0;
  curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
  transfer.response.status = static_cast<int>(status);
  return std::move(transfer.response);
}

// Runs the transfer to its end; CURLE_ABORTED_BY_CALLBACK when it was cancelled.
int HttpClient::perform() {
  constexpr int kPollMaxMs = 1000;
  LYNXDB_CHECK(curl_multi_add_handle(multi_, easy_) == CURLM_OK);
  CURLcode code = CURLE_ABORTED_BY_CALLBACK;
  int running = 1;
  while (!cancelled_.load()) {
    const CURLMcode performed = curl_multi_perform(multi_, &running);
    if (performed != CURLM_OK) code = CURLE_OUT_OF_MEMORY;
    if (performed != CURLM_OK || running == 0) break;
    curl_multi_poll(multi_, nullptr, 0, kPollMaxMs, nullptr);
  }
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left))
    if (message->msg == CURLMSG_DONE) code = message->data.result;
  curl_multi_remove_handle(multi_, easy_);
  return code;
}

}  // namespace lynxdb::client
