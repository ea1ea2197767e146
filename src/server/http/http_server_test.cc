// What the listener promises: requests are answered in order however they are cut into packets;
// what is not HTTP, too slow, too large or ambiguous ends its own connection with an answer that
// says why, and nobody else notices.
#include "server/http/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <openssl/ssl.h>

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

#include "server/http/body_stream.h"
#include "server/http/compression.h"
#include "server/http/errors.h"
#include "server/testing/raw_client.h"

namespace lynxdb::server {
namespace {

using namespace std::chrono_literals;
using testing::get;
using ::testing::HasSubstr;
using testing::post;
using testing::RawClient;
using testing::RawResponse;

constexpr std::size_t kBodyMax = 100'000;

class HttpServerTest : public ::testing::Test {
 protected:
  HttpServerTest() : front_({"https://ui.example"}) {
    options_.listen = {"127.0.0.1", 0};
    options_.threads = 2;
    options_.read_header_timeout = 300ms;
    options_.idle_timeout = 2s;
    options_.body_grace = 500ms;
    options_.header_bytes_max = 8192;
    add(Method::kGet, "/hello", [](const ExchangePtr& e) { answer(e, "hello"); });
    add(Method::kGet, "/api/v1/things/{name}",
        [](const ExchangePtr& e) { answer(e, e->request().path_parameters.get("name")); });
    add(Method::kPost, "/echo", [](const ExchangePtr& e) { answer(e, e->request().body_view()); });
    add(Method::kGet, "/long", [](const ExchangePtr& e) { answer(e, std::string(5000, 'x')); });
    add(Method::kGet, "/query",
        [](const ExchangePtr& e) { answer(e, e->request().query.get("q")); });
    front_.router().add(
        {Method::kGet, "/slow", [this](const ExchangePtr& e) { keep(e); }, 0, true, false});
    front_.router().add(
        {Method::kGet, "/steady", [this](const ExchangePtr& e) { keep(e); }, 0, false, false});
    front_.router().add(
        {Method::kGet, "/health", [](const ExchangePtr& e) { answer(e, "ok"); }, 0, false, true});
    add(Method::kGet, "/stream", [this](const ExchangePtr& e) { stream(e); });
  }
  ~HttpServerTest() override {
    server_.reset();
    if (maker_.joinable()) maker_.join();
  }

  void add(Method method, std::string pattern, Handler handler) {
    front_.router().add({method, std::move(pattern), std::move(handler), kBodyMax, false, false});
  }
  static void answer(const ExchangePtr& exchange, std::string_view body) {
    Response response;
    response.content_type = kPlainText;
    response.body = body;
    exchange->respond(std::move(response));
  }
  void keep(const ExchangePtr& exchange) {
    exchange->set_on_cancel([this] {
      const std::lock_guard lock(mutex_);
      cancelled_at_ = std::chrono::steady_clock::now();
      changed_.notify_all();
    });
    const std::lock_guard lock(mutex_);
    kept_ = exchange;
    changed_.notify_all();
  }
  void stream(const ExchangePtr& exchange) {
    Response response;
    response.stream = std::make_shared<BodyStream>();
    auto body = response.stream;
    exchange->respond(std::move(response));
    const int pieces = std::atoi(exchange->request().query.get("pieces").data());
    const bool cut = exchange->request().query.find("cut") != nullptr;
    maker_ = std::thread([this, body, pieces, cut] {
      for (int i = 0; i < pieces; ++i) {
        if (!body->write(std::string(1000, 'a')).has_value()) {
          stream_failed_ = true;
          return;
        }
        ++pieces_written_;
      }
      cut ? body->abort() : body->finish();
    });
  }
  ExchangePtr wait_for_kept() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, 5s, [this] { return kept_ != nullptr; });
    return kept_;
  }
  bool wait_for_cancel() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 5s, [this] { return cancelled_at_.has_value(); });
  }

  std::uint16_t port() {
    if (server_ == nullptr) {
      auto started = HttpServer::start(options_, front_);
      LYNXDB_CHECK(started.has_value());
      server_ = std::move(*started);
    }
    return server_->port();
  }
  RawResponse ask(std::string_view request, bool is_head = false) {
    RawClient client(port());
    return client.ask(request, is_head);
  }

  HttpOptions options_;
  Front front_;
  std::mutex mutex_;
  std::condition_variable changed_;
  ExchangePtr kept_;
  std::optional<std::chrono::steady_clock::time_point> cancelled_at_;
  std::thread maker_;
  std::atomic<int> pieces_written_{0};
  std::atomic<bool> stream_failed_{false};
  std::unique_ptr<HttpServer> server_;  // Last: it uses all of the above.
};

TEST_F(HttpServerTest, AnswersAndKeepsTheConnection) {
  RawClient client(port());
  for (int i = 0; i < 3; ++i) {
    const RawResponse response = client.ask(get("/hello"));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "hello");
    EXPECT_EQ(response.header("Connection"), "");
    EXPECT_EQ(response.header("X-Request-ID").size(), 32U);
  }
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInOrder) {
  RawClient client(port());
  std::string requests;
  for (int i = 0; i < 50; ++i) requests += post("/echo", std::to_string(i)) + get("/hello");
  client.send(requests);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(client.read_response().body, std::to_string(i));
    EXPECT_EQ(client.read_response().body, "hello");
  }
}

TEST_F(HttpServerTest, ReadsRequestsCutAnywhere) {
  RawClient client(port());
  for (const std::string& request :
       {get("/query?q=a%20b+c"),
        std::string("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "3\r\na b\r\n2;ext=1\r\n c\r\n0\r\nTrailer: x\r\n\r\n")}) {
    for (std::size_t cut = 1; cut < request.size(); ++cut) {
      client.send(request.substr(0, cut));
      if (cut % 7 == 0) std::this_thread::sleep_for(1ms);
      client.send(request.substr(cut));
      ASSERT_EQ(client.read_response().body, "a b c") << cut;
    }
  }
}

TEST_F(HttpServerTest, AnswersHeadWithoutABody) {
  RawClient client(port());
  client.send("HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  const RawResponse response = client.read_response(true);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.header("Content-Length"), "5");
  EXPECT_EQ(client.ask(get("/hello")).body, "hello");
}

TEST_F(HttpServerTest, KnowsHttp10) {
  RawClient client(port());
  const RawResponse response = client.ask("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_THAT(response.head, HasSubstr("HTTP/1.0 200"));
  EXPECT_EQ(response.body, "hello");
  EXPECT_TRUE(client.is_closed_within(1s));
  RawClient stream(port());
  EXPECT_EQ(stream.ask("GET /stream?pieces=3 HTTP/1.0\r\n\r\n").body, std::string(3000, 'a'));
}

TEST_F(HttpServerTest, SaysWhereARouteMightBe) {
  const RawResponse response = ask(get("/helo"));
  EXPECT_EQ(response.status, 404);
  EXPECT_THAT(response.body, HasSubstr("did you mean /hello?"));
  EXPECT_THAT(ask(get("/api/v1/things")).body, HasSubstr("NOT_FOUND"));
}

TEST_F(HttpServerTest, SaysWhichMethodsAPathKnows) {
  const RawResponse response = ask("DELETE /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.header("Allow"), "GET, HEAD");
  EXPECT_EQ(ask(get("/echo")).header("Allow"), "POST");
}

TEST_F(HttpServerTest, TakesOverTheClientsRequestId) {
  EXPECT_EQ(ask(get("/hello", "X-Request-ID: abc-1\r\n")).header("X-Request-ID"), "abc-1");
  EXPECT_EQ(ask(get("/hello", "X-Request-ID: a b\r\n")).header("X-Request-ID").size(), 32U);
}

TEST_F(HttpServerTest, CompressesLongAnswersWhenAsked) {
  const RawResponse packed = ask(get("/long", "Accept-Encoding: br, gzip\r\n"));
  EXPECT_EQ(packed.header("Content-Encoding"), "gzip");
  EXPECT_EQ(*unpack(packed.body, ContentCoding::kGzip, 10'000, 0), std::string(5000, 'x'));
  EXPECT_EQ(ask(get("/long", "Accept-Encoding: gzip;q=0\r\n")).body, std::string(5000, 'x'));
  EXPECT_EQ(ask(get("/hello", "Accept-Encoding: gzip\r\n")).body, "hello");
}

TEST_F(HttpServerTest, AllowsConfiguredOriginsOnly) {
  const RawResponse allowed = ask(get("/hello", "Origin: https://ui.example\r\n"));
  EXPECT_EQ(allowed.header("Access-Control-Allow-Origin"), "https://ui.example");
  EXPECT_EQ(ask(get("/hello", "Origin: https://evil\r\n")).header("Access-Control-Allow-Origin"),
            "");
  const RawResponse preflight =
      ask("OPTIONS /echo HTTP/1.1\r\nHost: x\r\nOrigin: https://ui.example\r\n"
          "Access-Control-Request-Headers: x-source\r\n\r\n");
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.header("Access-Control-Allow-Headers"), "x-source");
}

TEST_F(HttpServerTest, ContinuesWhenExpected) {
  RawClient client(port());
  client.send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_response().status, 100);
  client.send("body");
  EXPECT_EQ(client.read_response().body, "body");
  EXPECT_EQ(ask(post("/echo", "", "Expect: magic\r\n")).status, 417);
}

TEST_F(HttpServerTest, RefusesABodyBeforeItIsSent) {
  RawClient client(port());
  const RawResponse response = client.ask(
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(response.status, 413);
  EXPECT_THAT(response.body, HasSubstr("PAYLOAD_TOO_LARGE"));
}

TEST_F(HttpServerTest, ShowsTheRefusalToAClientThatIsStillSending) {
  RawClient client(port());
  const std::string body(5'000'000, 'x');
  client.send(post("/echo", body));
  EXPECT_EQ(client.read_response().status, 413);
}

TEST_F(HttpServerTest, RefusesChunkedBodiesThatGrowTooLarge) {
  RawClient client(port());
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  client.send(chunk + chunk + chunk);
  EXPECT_EQ(client.read_response().status, 413);
}

TEST_F(HttpServerTest, TakesBodiesUpToTheLimit) {
  EXPECT_EQ(ask(post("/echo", std::string(kBodyMax, 'x'))).body.size(), kBodyMax);
  EXPECT_EQ(ask(post("/echo", std::string(kBodyMax + 1, 'x'))).status, 413);
}

TEST_F(HttpServerTest, RefusesAmbiguousFraming) {
  const std::string start = "POST /echo HTTP/1.1\r\nHost: x\r\n";
  for (const std::string headers :
       {"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        "Content-Length: 4\r\nContent-Length: 4\r\n", "Content-Length: 4\r\nContent-Length: 5\r\n",
        "Content-Length: 4, 4\r\n", "Content-Length: +4\r\n", "Content-Length: -4\r\n",
        "Content-Length: 0x4\r\n", "Content-Length: 4a\r\n", "Content-Length:\r\n",
        "Content-Length: 99999999999999999999999\r\n", "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: xchunked\r\n", "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "Content-Length : 4\r\n",
        "Host: y\r\n"}) {
    SCOPED_TRACE(headers);
    RawClient client(port());
    // Behind the body stands what must not be taken for a request.
    client.send(start + headers + "\r\n4\r\nab\r\n" + get("/hello"));
    const RawResponse response = client.read_response();
    EXPECT_TRUE(response.status == 400 || response.status == 501) << response.status;
    EXPECT_TRUE(client.is_closed_within(4s));
    EXPECT_EQ(client.rest(), "");
  }
}

TEST_F(HttpServerTest, RefusesBadChunks) {
  for (const std::string body :
       {"x\r\n", "-1\r\n", "0x4\r\nabcd\r\n", " 4\r\nabcd\r\n", "4 \r\nabcd\r\n", "4\nabcd\r\n",
        "4\r\nabcdX\r\n", "4\r\nabcd\n0\r\n\r\n", "ffffffffffffffff\r\n", "fffffffffffffffff\r\n",
        "\r\n", ";x\r\n"}) {
    SCOPED_TRACE(body);
    RawClient client(port());
    client.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + body);
    const RawResponse response = client.read_response();
    EXPECT_EQ(response.status, 400);
    EXPECT_TRUE(client.is_closed_within(4s));
  }
}

TEST_F(HttpServerTest, RefusesWhatIsNotHttp) {
  for (const std::string bytes :
       {"\r\n\r\n\r\n", "GET\r\n\r\n", "GET /hello\r\n\r\n", "GET /hello HTTP/9.9\r\n\r\n",
        "GET /hel lo HTTP/1.1\r\nHost: x\r\n\r\n", "GET /hello HTTP/1.1\r\nno colon\r\n\r\n",
        "GET hello HTTP/1.1\r\nHost: x\r\n\r\n", "GET /hello HTTP/1.1\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: x\r\nA: b\x01\r\n\r\n", "\x16\x03\x01\x02\x00\x01\r\n\r\n",
        "GET /hello HTTP/1.1\nHost: x\n\n\r\n"}) {
    SCOPED_TRACE(bytes);
    RawClient client(port());
    client.send(bytes);
    EXPECT_GE(client.read_response().status, 400);
    EXPECT_TRUE(client.is_closed_within(4s));
  }
  EXPECT_EQ(ask(get("/hello")).status, 200);
}

TEST_F(HttpServerTest, RefusesHugeHeads) {
  EXPECT_EQ(ask(get("/hello", "X: " + std::string(9000, 'x') + "\r\n")).status, 431);
  EXPECT_EQ(ask(get("/" + std::string(9000, 'x'))).status, 431);
  std::string many;
  for (int i = 0; i < 2000; ++i) many += "A: b\r\n";
  EXPECT_EQ(ask(get("/hello", many)).status, 431);
}

TEST_F(HttpServerTest, ClosesOnThoseWhoSendTheirHeadSlowly) {
  RawClient client(port());
  const auto start = std::chrono::steady_clock::now();
  const std::string request = get("/hello", "X: " + std::string(500, 'x') + "\r\n");
  for (const char c : request) {
    if (!client.send(std::string_view(&c, 1))) break;
    if (client.is_closed_within(10ms)) break;
  }
  EXPECT_TRUE(client.is_closed_within(1s));
  EXPECT_LT(std::chrono::steady_clock::now() - start, 3s);
}

TEST_F(HttpServerTest, ClosesOnThoseWhoSendNothing) {
  RawClient client(port());
  EXPECT_TRUE(client.is_closed_within(2s));
}

TEST_F(HttpServerTest, ClosesOnThoseWhoSendTheirBodySlowly) {
  RawClient client(port());
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n");
  const auto start = std::chrono::steady_clock::now();
  while (client.send("x") && !client.is_closed_within(20ms)) {
    if (std::chrono::steady_clock::now() - start > 10s) break;
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, 6s);
}

TEST_F(HttpServerTest, ClosesIdleConnections) {
  options_.idle_timeout = 200ms;
  RawClient client(port());
  client.ask(get("/hello"));
  EXPECT_TRUE(client.is_closed_within(2s));
}

TEST_F(HttpServerTest, RefusesConnectionsBeyondTheLimitAndRecovers) {
  options_.connections_max = 3;
  options_.read_header_timeout = 5s;
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<RawClient>(port()));
    EXPECT_EQ(clients.back()->ask(get("/hello")).status, 200);
  }
  RawClient refused(port());
  EXPECT_TRUE(refused.is_closed_within(2s));
  clients.pop_back();
  bool served = false;
  for (int i = 0; i < 100 && !served; ++i) {
    std::this_thread::sleep_for(10ms);
    served = ask(get("/hello")).status == 200;
  }
  EXPECT_TRUE(served);
}

TEST_F(HttpServerTest, SurvivesAFloodOfConnections) {
  options_.connections_max = 50;
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 500; ++i) {
    clients.push_back(std::make_unique<RawClient>(port()));
    clients.back()->send("GET /hel");
  }
  clients.clear();
  bool served = false;
  for (int i = 0; i < 300 && !served; ++i) {
    std::this_thread::sleep_for(10ms);
    served = ask(get("/hello")).status == 200;
  }
  EXPECT_TRUE(served);
}

TEST_F(HttpServerTest, BoundsTheMemoryOfAllBodies) {
  options_.body_pool_bytes = 60'000;
  const RawResponse response = ask(post("/echo", std::string(90'000, 'x')));
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(response.header("Retry-After"), "1");
  EXPECT_EQ(ask(post("/echo", std::string(50'000, 'x'))).status, 200);
  EXPECT_EQ(ask(post("/echo", std::string(50'000, 'x'))).status, 200);
}

// Clients that take any answer for a success send again what got none.
TEST_F(HttpServerTest, HangsUpOnThoseWhoseBodyItCannotTakeAndWhoWouldNotReadTheAnswer) {
  options_.body_pool_bytes = 60'000;
  front_.router().add({.method = Method::kPost,
                       .pattern = "/bulk",
                       .handler = [](const ExchangePtr& e) { answer(e, "taken"); },
                       .body_bytes_max = kBodyMax,
                       .hangs_up = true});
  EXPECT_EQ(ask(post("/bulk", std::string(90'000, 'x'))).status, 0);
  EXPECT_EQ(ask(post("/bulk", std::string(50'000, 'x'))).body, "taken");
}

TEST_F(HttpServerTest, SeesWithinATenthOfASecondThatTheClientLeft) {
  auto client = std::make_unique<RawClient>(port());
  client->send(get("/slow"));
  ASSERT_NE(wait_for_kept(), nullptr);
  const auto left = std::chrono::steady_clock::now();
  client.reset();
  ASSERT_TRUE(wait_for_cancel());
  EXPECT_LT(*cancelled_at_ - left, 100ms * 3);  // 20 ms, and the machine may be busy.
  EXPECT_TRUE(kept_->cancelled());
  answer(kept_, "too late");
}

TEST_F(HttpServerTest, SeesThatAClientWithFurtherRequestsLeft) {
  auto client = std::make_unique<RawClient>(port());
  client->send(get("/slow") + get("/hello"));
  ASSERT_NE(wait_for_kept(), nullptr);
  client.reset();
  EXPECT_TRUE(wait_for_cancel());
}

TEST_F(HttpServerTest, AnswersHalfClosedClients) {
  RawClient client(port());
  client.send(get("/steady"));
  client.shut_down_sending();
  ASSERT_NE(wait_for_kept(), nullptr);
  std::this_thread::sleep_for(120ms);
  answer(kept_, "late");
  EXPECT_EQ(client.read_response().body, "late");
}

TEST_F(HttpServerTest, StreamsWithoutKeepingTheStream) {
  RawClient client(port());
  const RawResponse response = client.ask(get("/stream?pieces=3000"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body.size(), 3'000'000U);
  EXPECT_EQ(client.ask(get("/hello")).body, "hello");
}

TEST_F(HttpServerTest, MakesStreamsWaitForSlowReaders) {
  options_.idle_timeout = 10s;
  RawClient client(port());
  const int small = 4096;
  ::setsockopt(client.descriptor(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  client.send(get("/stream?pieces=100000"));
  std::this_thread::sleep_for(500ms);
  const int written = pieces_written_;
  EXPECT_LT(written, 20'000);
  std::this_thread::sleep_for(200ms);
  EXPECT_LT(pieces_written_ - written, 2'000);
  client.close();
  for (int i = 0; i < 200 && !stream_failed_; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_TRUE(stream_failed_);
}

TEST_F(HttpServerTest, ShowsThatAStreamWasCut) {
  RawClient client(port());
  const RawResponse response = client.ask(get("/stream?pieces=2&cut"));
  EXPECT_EQ(response.status, 0);
  EXPECT_EQ(response.body.size(), 2000U);
}

TEST_F(HttpServerTest, FinishesWhatIsUnderWayWhenItStops) {
  RawClient client(port());
  client.send(get("/steady"));
  ASSERT_NE(wait_for_kept(), nullptr);
  front_.begin_shutdown();
  const RawResponse refused = ask(get("/hello"));
  EXPECT_EQ(refused.status, 503);
  EXPECT_THAT(refused.body, HasSubstr("SHUTTING_DOWN"));
  EXPECT_EQ(ask(get("/health")).status, 200);
  std::thread stopper([this] { server_->stop(5s); });
  std::this_thread::sleep_for(100ms);
  answer(kept_, "done");
  EXPECT_EQ(client.read_response().body, "done");
  stopper.join();
  EXPECT_FALSE(RawClient(server_->port()).connected());
}

TEST_F(HttpServerTest, CancelsWhatIsNotDoneInTime) {
  RawClient client(port());
  client.send(get("/steady"));
  ASSERT_NE(wait_for_kept(), nullptr);
  const auto start = std::chrono::steady_clock::now();
  server_->stop(100ms);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 2s);
  EXPECT_TRUE(kept_->cancelled());
  answer(kept_, "nobody");
}

TEST_F(HttpServerTest, RefusesAnAddressThatIsTaken) {
  options_.listen.port = port();
  const auto second = HttpServer::start(options_, front_);
  ASSERT_FALSE(second.has_value());
  EXPECT_THAT(second.error().message, HasSubstr("cannot listen on 127.0.0.1:"));
}

TEST_F(HttpServerTest, ListensOnEveryAddressOfAName) {
  options_.listen = {"localhost", 0};
  EXPECT_EQ(ask(get("/hello")).status, 200);
  EXPECT_FALSE(server_->addresses().empty());
}

// --- TLS

class HttpsServerTest : public HttpServerTest {
 protected:
  HttpsServerTest() {
    std::string name = (std::filesystem::temp_directory_path() / "lynxdb-tls-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
    files_ = self_signed_certificate(directory_).value();
    options_.tls = load_tls_context(files_).value();
  }
  ~HttpsServerTest() override { std::filesystem::remove_all(directory_); }

  // The answer over TLS, by a client that trusts the certificate of files_.
  std::string ask_securely(std::string_view request) {
    RawClient client(port());
    const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context(::SSL_CTX_new(::TLS_client_method()),
                                                               ::SSL_CTX_free);
    ::SSL_CTX_load_verify_locations(context.get(), files_.certificate.c_str(), nullptr);
    ::SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    const std::unique_ptr<SSL, void (*)(SSL*)> tls(::SSL_new(context.get()), ::SSL_free);
    ::SSL_set1_host(tls.get(), "localhost");
    ::SSL_set_fd(tls.get(), client.descriptor());
    if (::SSL_connect(tls.get()) != 1) return "no handshake";
    ::SSL_write(tls.get(), request.data(), static_cast<int>(request.size()));
    std::string received;
    char buffer[4096];
    int size = 0;
    while ((size = ::SSL_read(tls.get(), buffer, sizeof buffer)) > 0)
      received.append(buffer, static_cast<std::size_t>(size));
    return received;
  }

  std::string directory_;
  CertificateFiles files_;
};

TEST_F(HttpsServerTest, ServesWithItsOwnCertificate) {
  EXPECT_THAT(ask_securely(get("/hello", "Connection: close\r\n")), HasSubstr("hello"));
  const std::string body(90'000, 'b');
  EXPECT_THAT(ask_securely(post("/echo", body, "Connection: close\r\n")), HasSubstr(body));
}

TEST_F(HttpsServerTest, KeepsItsCertificate) {
  const auto again = self_signed_certificate(directory_);
  EXPECT_EQ(certificate_fingerprint(again->certificate).value(),
            certificate_fingerprint(files_.certificate).value());
  EXPECT_EQ(std::filesystem::status(files_.key).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(HttpsServerTest, ClosesOnThoseWhoSpeakPlainHttp) {
  RawClient client(port());
  client.send(get("/hello"));
  EXPECT_TRUE(client.is_closed_within(2s));
  RawClient silent(port());
  EXPECT_TRUE(silent.is_closed_within(2s));
}

TEST_F(HttpsServerTest, TakesNewCertificatesForNewConnections) {
  port();
  const std::string other = directory_ + "/other";
  std::filesystem::create_directory(other);
  files_ = self_signed_certificate(other).value();
  EXPECT_EQ(ask_securely(get("/hello", "Connection: close\r\n")), "no handshake");
  server_->set_tls(load_tls_context(files_).value());
  EXPECT_THAT(ask_securely(get("/hello", "Connection: close\r\n")), HasSubstr("hello"));
}

TEST_F(HttpsServerTest, RefusesFilesThatDoNotFit) {
  EXPECT_FALSE(load_tls_context({files_.key, files_.key}).has_value());
  EXPECT_FALSE(load_tls_context({"/none", files_.key}).has_value());
  const std::string other = directory_ + "/other";
  std::filesystem::create_directory(other);
  EXPECT_FALSE(
      load_tls_context({files_.certificate, self_signed_certificate(other)->key}).has_value());
}

}  // namespace
}  // namespace lynxdb::server
