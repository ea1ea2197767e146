#include "s3/curl_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "s3/uri.h"

namespace lynxdb::s3 {
namespace {

constexpr std::size_t kHeaderBytesMax = 64U << 10U;

void initialise_curl_once() {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  LYNXDB_CHECK(initialised == CURLE_OK);
}

// What callbacks of one transfer write to.
struct Transfer {
  const std::atomic<bool>* cancelled = nullptr;
  HttpResponse response;
  std::size_t body_bytes_max = 0;
  std::size_t header_bytes = 0;
  bool too_long = false;
  // curl's own low-speed limit counts an average, and notices silence late.
  std::chrono::milliseconds stall_max{};
  std::chrono::steady_clock::time_point last_byte = std::chrono::steady_clock::now();
  curl_off_t bytes = 0;
  bool stalled = false;
};

std::size_t on_body(char* data, std::size_t one, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::size_t size = one * count;
  if (size > transfer.body_bytes_max - transfer.response.body.size()) {
    transfer.too_long = true;
    return 0;
  }
  transfer.response.body.append(data, size);
  return size;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = std::min(text.find_first_not_of(kSpace), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

std::size_t on_header(char* data, std::size_t one, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::string_view line(data, one * count);
  transfer.header_bytes += line.size();
  if (transfer.header_bytes > kHeaderBytesMax) {
    transfer.too_long = true;
    return 0;
  }
  // An interim answer (100 Continue) or a resent request begins anew.
  if (line.starts_with("HTTP/")) transfer.response.headers.clear();
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return line.size();
  std::string name(line.substr(0, colon));
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  transfer.response.headers.emplace_back(std::move(name), trimmed(line.substr(colon + 1)));
  return line.size();
}

// Called at least once a second.
int on_progress(void* user, curl_off_t, curl_off_t received, curl_off_t, curl_off_t sent) {
  auto& transfer = *static_cast<Transfer*>(user);
  const auto now = std::chrono::steady_clock::now();
  if (received + sent != transfer.bytes) {
    transfer.bytes = received + sent;
    transfer.last_byte = now;
  }
  transfer.stalled = now - transfer.last_byte > transfer.stall_max;
  return transfer.stalled || transfer.cancelled->load() ? 1 : 0;
}

class HeaderList {
 public:
  explicit HeaderList(const Headers& headers) {
    for (const auto& [name, value] : headers) {
      // "name;" is how curl writes a header without a value.
      add(value.empty() ? name + ";" : name + ": " + value);
    }
    add("Expect:");  // curl would wait a second for a "100 Continue" that many servers never send.
  }
  ~HeaderList() { curl_slist_free_all(list_); }
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;
  curl_slist* get() const { return list_; }

 private:
  void add(const std::string& line) {
    curl_slist* longer = curl_slist_append(list_, line.c_str());
    LYNXDB_CHECK(longer != nullptr);
    list_ = longer;
  }
  curl_slist* list_ = nullptr;
};

bool is_certificate_problem(CURLcode code) {
  return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
         code == CURLE_SSL_ISSUER_ERROR;
}

Error error_of(CURLcode code, const Transfer& transfer, std::string_view detail) {
  if (transfer.cancelled->load()) return {ErrorCode::kCancelled, "stopped"};
  if (transfer.too_long) {
    return {ErrorCode::kCorruption, "the answer is longer than what was asked for"};
  }
  if (transfer.stalled) return {ErrorCode::kTimeout, "the server fell silent"};
  // `detail` names hosts and addresses, never headers or bodies.
  std::string message(detail.empty() ? curl_easy_strerror(code) : detail);
  if (code == CURLE_OPERATION_TIMEDOUT) return {ErrorCode::kTimeout, std::move(message)};
  if (is_certificate_problem(code)) {
    return {ErrorCode::kInvalidArgument, std::move(message),
            "the server's certificate is not trusted: add its authority to the system's "
            "certificates, or name the file in AWS_CA_BUNDLE"};
  }
  return {ErrorCode::kUnavailable, std::move(message)};
}

}  // namespace

class CurlClient::Handle {
 public:
  Handle() : curl_(curl_easy_init()) { LYNXDB_CHECK(curl_ != nullptr); }
  ~Handle() { curl_easy_cleanup(curl_); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  Result<HttpResponse> send(const HttpRequest& request, const Options& options,
                            const std::atomic<bool>& cancelled) {
    Transfer transfer;
    transfer.cancelled = &cancelled;
    transfer.body_bytes_max = request.response_bytes_max;
    transfer.stall_max = request.stall_max;
    const HeaderList headers(request.headers);
    std::array<char, CURL_ERROR_SIZE> detail{};

    curl_easy_reset(curl_);  // Options only: connections and sessions stay.
    set_connection(request, options);
    set_limits(request);
    set_callbacks(transfer);
    set_request(request);
    set(CURLOPT_HTTPHEADER, headers.get());
    set(CURLOPT_ERRORBUFFER, detail.data());
    const CURLcode code = curl_easy_perform(curl_);
    set(CURLOPT_ERRORBUFFER, static_cast<char*>(nullptr));
    if (code != CURLE_OK) return error_of(code, transfer, detail.data());
    long status = 0;
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
    transfer.response.status = static_cast<int>(status);
    return std::move(transfer.response);
  }

 private:
  template <typename T>
  void set(CURLoption option, T value) {
    LYNXDB_CHECK(curl_easy_setopt(curl_, option, value) == CURLE_OK);
  }

  void set_connection(const HttpRequest& request, const Options& options) {
    constexpr long kConnectionIdleMaxS = 30;  // Servers and balancers close idle ones at will.
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_MAXAGE_CONN, kConnectionIdleMaxS);
    set(CURLOPT_TCP_NODELAY, 1L);
    set(CURLOPT_TCP_KEEPALIVE, 1L);
    set(CURLOPT_USERAGENT, "LynxDB");
    if (!options.ca_file.empty()) set(CURLOPT_CAINFO, options.ca_file.c_str());
    const auto url = parse_url(request.url.substr(0, request.url.find('?')));
    if (request.direct || !url || is_loopback(url->host)) set(CURLOPT_PROXY, "");
  }

  void set_limits(const HttpRequest& request) {
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect_max.count()));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.total_max.count()));
  }

  void set_callbacks(Transfer& transfer) {
    set(CURLOPT_WRITEFUNCTION, &on_body);
    set(CURLOPT_WRITEDATA, &transfer);
    set(CURLOPT_HEADERFUNCTION, &on_header);
    set(CURLOPT_HEADERDATA, &transfer);
    set(CURLOPT_XFERINFOFUNCTION, &on_progress);
    set(CURLOPT_XFERINFODATA, &transfer);
    set(CURLOPT_NOPROGRESS, 0L);
  }

  void set_request(const HttpRequest& request) {
    set(CURLOPT_URL, request.url.c_str());
    // Else curl would "resolve" a key with dots, and the signature would not be of that path.
    set(CURLOPT_PATH_AS_IS, 1L);
    if (request.method == "HEAD") {
      set(CURLOPT_NOBODY, 1L);
    } else if (request.method == "PUT" || request.method == "POST") {
      // From our memory, so that curl can send it again when an idle connection turns out dead.
      set(CURLOPT_POST, 1L);
      set(CURLOPT_POSTFIELDS, request.body.data() == nullptr ? "" : request.body.data());
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    }
    set(CURLOPT_CUSTOMREQUEST, request.method == "HEAD" ? nullptr : request.method.c_str());
  }

  CURL* const curl_;
};

class CurlClient::Lease {
 public:
  explicit Lease(CurlClient& client) : client_(client), handle_(client.take()) {}
  ~Lease() {
    if (handle_) client_.give_back(std::move(handle_));
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  Handle* get() const { return handle_.get(); }

 private:
  CurlClient& client_;
  std::unique_ptr<Handle> handle_;
};

CurlClient::CurlClient(Options options) : options_(std::move(options)) {
  LYNXDB_CHECK(options_.connections_max > 0);
  initialise_curl_once();
}

CurlClient::~CurlClient() {
  const base::MutexLock lock(mutex_);
  LYNXDB_CHECK(in_use_ == 0);
}

Result<HttpResponse> CurlClient::send(const HttpRequest& request) {
  const Lease lease(*this);
  if (lease.get() == nullptr) return Error{ErrorCode::kCancelled, "stopped"};
  return lease.get()->send(request, options_, cancelled_);
}

void CurlClient::cancel() {
  cancelled_.store(true);
  const base::MutexLock lock(mutex_);
  changed_.notify_all();
}

std::unique_ptr<CurlClient::Handle> CurlClient::take() {
  const base::MutexLock lock(mutex_);
  while (in_use_ == options_.connections_max && !cancelled_.load()) changed_.wait(mutex_);
  if (cancelled_.load()) return nullptr;
  ++in_use_;
  if (idle_.empty()) return std::make_unique<Handle>();
  std::unique_ptr<Handle> handle = std::move(idle_.back());
  idle_.pop_back();
  return handle;
}

void CurlClient::give_back(std::unique_ptr<Handle> handle) {
  const base::MutexLock lock(mutex_);
  idle_.push_back(std::move(handle));
  --in_use_;
  changed_.notify_one();
}

}  // namespace lynxdb::s3
