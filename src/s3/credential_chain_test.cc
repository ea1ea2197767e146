// Credentials come from the first place that has any, are renewed before they expire, and never
// show up in what people read. Servers are small ones of the tests' own.
#include "s3/credential_chain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "io/fault_file.h"
#include "s3/curl_client.h"
#include "s3/profile_file.h"
#include "s3/sigv4.h"
#include "s3/testing/test_server.h"

namespace lynxdb::s3 {
namespace {

using testing::Connection;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Request;
using testing::TestServer;

constexpr std::int64_t kMinuteNs = 60'000'000'000;
constexpr std::int64_t kNowNs = 1'700'000'000'000'000'000;  // 2023-11-14T22:13:20Z

class CredentialsFrom : public ::testing::Test {
 protected:
  CredentialsFrom() { variables_["AWS_EC2_METADATA_DISABLED"] = "true"; }

  SourceContext context() {
    SourceContext context;
    context.environment = [this](const std::string& name) -> std::optional<std::string> {
      const auto found = variables_.find(name);
      if (found == variables_.end()) return std::nullopt;
      return found->second;
    };
    context.file_system = &disk_;
    context.http = &http_;
    context.region = "eu-west-1";
    return context;
  }
  CredentialChain chain() { return CredentialChain(default_sources(context()), clock_); }
  Credentials get() {
    const auto found = chain().get();
    EXPECT_TRUE(found) << found.error().message;
    return found ? *found : Credentials();
  }
  Error error() {
    const auto found = chain().get();
    EXPECT_FALSE(found);
    return found ? Error{} : found.error();
  }
  void set_keys() {
    variables_["AWS_ACCESS_KEY_ID"] = "ENV";
    variables_["AWS_SECRET_ACCESS_KEY"] = "env-secret";
  }
  void set_files(std::string_view credentials, std::string_view config) {
    variables_["HOME"] = "/home/me";
    disk_.set_contents("/home/me/.aws/credentials", credentials);
    disk_.set_contents("/home/me/.aws/config", config);
  }

  std::map<std::string, std::string> variables_;
  io::FaultFileSystem disk_;
  base::ManualClock clock_{kNowNs};
  CurlClient http_{{}};
};

// --- Environment ---------------------------------------------------------------------------------

TEST_F(CredentialsFrom, TheEnvironmentComeFirst) {
  set_keys();
  set_files("[default]\naws_access_key_id=FILE\naws_secret_access_key=x\n", "");
  EXPECT_EQ(get().access_key_id, "ENV");
  EXPECT_EQ(get().secret_access_key, "env-secret");
  EXPECT_EQ(get().session_token, "");
  variables_["AWS_SESSION_TOKEN"] = "token";
  EXPECT_EQ(get().session_token, "token");
}

TEST_F(CredentialsFrom, HalfAnEnvironmentAreAnError) {
  set_keys();
  variables_.erase("AWS_ACCESS_KEY_ID");
  EXPECT_EQ(error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(error().message, Not(HasSubstr("env-secret")));
}

TEST_F(CredentialsFrom, NowhereSayWhereWasLooked) {
  EXPECT_THAT(error().message, HasSubstr("environment, profile, web identity"));
  EXPECT_THAT(error().suggestion, HasSubstr("AWS_ACCESS_KEY_ID"));
}

// --- Files ---------------------------------------------------------------------------------------

TEST_F(CredentialsFrom, FilesAreThoseOfTheProfile) {
  set_files(
      "# comment\n[default]\naws_access_key_id = D\naws_secret_access_key = d/+=#;x\n"
      "\n[ work ]\r\naws_access_key_id=W\r\naws_secret_access_key=w ; comment\r\n",
      "[profile work]\nregion = eu-north-1\naws_session_token = t\ns3 =\n  region = nested\n");
  EXPECT_EQ(get().access_key_id, "D");
  EXPECT_EQ(get().secret_access_key, "d/+=#;x");
  variables_["AWS_PROFILE"] = "work";
  EXPECT_EQ(get().access_key_id, "W");
  EXPECT_EQ(get().secret_access_key, "w");
  EXPECT_EQ(get().session_token, "t");
  const auto profile = read_profile(disk_, context().environment);
  EXPECT_EQ(profile->settings->at("region"), "eu-north-1");
}

TEST_F(CredentialsFrom, FilesElsewhereAreFound) {
  variables_["AWS_SHARED_CREDENTIALS_FILE"] = "/etc/keys";
  disk_.set_contents("/etc/keys", "[default]\naws_access_key_id=E\naws_secret_access_key=e");
  EXPECT_EQ(get().access_key_id, "E");
}

TEST_F(CredentialsFrom, TheConfigFileCountToo) {
  set_files("", "[default]\naws_access_key_id=C\naws_secret_access_key=c\n");
  EXPECT_EQ(get().access_key_id, "C");
}

TEST_F(CredentialsFrom, AProfileThatIsNotThereAreAnErrorOnlyWhenItWasAskedFor) {
  set_files("[other]\naws_access_key_id=O\naws_secret_access_key=o\n", "");
  EXPECT_THAT(error().message, HasSubstr("no S3 credentials"));
  variables_["AWS_PROFILE"] = "missing";
  EXPECT_THAT(error().message, HasSubstr("\"missing\""));
  variables_["AWS_PROFILE"] = "other";
  EXPECT_EQ(get().access_key_id, "O");
}

TEST_F(CredentialsFrom, AnyBytesInAFileDoNoHarm) {
  for (const char* text :
       {"[", "]", "=", "[default", "[default]\n=\n = \n[", "[]\n\n\0x", "\n\r\n"}) {
    set_files(text, text);
    EXPECT_EQ(error().code, ErrorCode::kInvalidArgument);
  }
}

// --- STS -----------------------------------------------------------------------------------------

std::string assumed_role(std::string_view id, std::int64_t expires_ns) {
  const std::string time = amz_time(expires_ns);  // 20231114T221320Z
  const std::string iso = time.substr(0, 4) + "-" + time.substr(4, 2) + "-" + time.substr(6, 2) +
                          "T" + time.substr(9, 2) + ":" + time.substr(11, 2) + ":" +
                          time.substr(13, 2) + "Z";
  return "<AssumeRoleWithWebIdentityResponse "
         "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleWithWebIdentityResult>"
         "<Credentials><SessionToken>st</SessionToken><SecretAccessKey>sk</SecretAccessKey>"
         "<Expiration>" +
         iso + "</Expiration><AccessKeyId>" + std::string(id) +
         "</AccessKeyId></Credentials></AssumeRoleWithWebIdentityResult>"
         "</AssumeRoleWithWebIdentityResponse>";
}

class WebIdentity : public CredentialsFrom {
 protected:
  WebIdentity() {
    variables_["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/logs";
    variables_["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/var/token";
    disk_.set_contents("/var/token", "jwt-secret\n");
  }
};

TEST_F(WebIdentity, GivesARoleForTheToken) {
  TestServer sts([&](const Request&, Connection& connection) {
    connection.answer(200, assumed_role("ROLE", kNowNs + 60 * kMinuteNs));
    return true;
  });
  variables_["AWS_ENDPOINT_URL_STS"] = sts.url();
  const Credentials role = get();
  EXPECT_EQ(role.access_key_id, "ROLE");
  EXPECT_EQ(role.session_token, "st");
  EXPECT_EQ(role.expires_ns, kNowNs + 60 * kMinuteNs);
  const Request request = sts.requests().at(0);
  EXPECT_EQ(request.target, "/");  // The token is in no URL.
  EXPECT_EQ(request.body,
            "Action=AssumeRoleWithWebIdentity&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Flogs&"
            "RoleSessionName=lynxdb&Version=2011-06-15&WebIdentityToken=jwt-secret");
}

TEST_F(WebIdentity, MayStandInAProfile) {
  TestServer sts([&](const Request&, Connection& connection) {
    connection.answer(200, assumed_role("ROLE", kNowNs + 60 * kMinuteNs));
    return true;
  });
  variables_ = {{"AWS_ENDPOINT_URL_STS", sts.url()}, {"AWS_EC2_METADATA_DISABLED", "true"}};
  set_files("", "[default]\nrole_arn = r\nweb_identity_token_file = /var/token\n");
  EXPECT_EQ(get().access_key_id, "ROLE");
}

TEST_F(WebIdentity, IsRefusedInWordsWithoutTheToken) {
  TestServer sts([&](const Request&, Connection& connection) {
    connection.answer(403,
                      "<ErrorResponse><Error><Code>AccessDenied</Code><Message>Not "
                      "authorized</Message></Error></ErrorResponse>");
    return true;
  });
  variables_["AWS_ENDPOINT_URL_STS"] = sts.url();
  const Error refused = error();
  EXPECT_EQ(refused.code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(refused.message, HasSubstr("AccessDenied: Not authorized"));
  EXPECT_THAT(refused.suggestion, HasSubstr("trust policy"));
  EXPECT_THAT(refused.message, Not(HasSubstr("jwt-secret")));
}

TEST_F(WebIdentity, NamesATokenFileThatIsNotThere) {
  variables_["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/none";
  EXPECT_THAT(error().message, HasSubstr("/none"));
}

// --- Metadata services ---------------------------------------------------------------------------

std::string role_json(std::string_view id, std::string_view expiration) {
  return "{\"Code\":\"Success\",\"AccessKeyId\":\"" + std::string(id) +
         "\",\"SecretAccessKey\":\"sk\",\"Token\":\"st\",\"Expiration\":\"" +
         std::string(expiration) + "\"}";
}

bool instance_metadata(const Request& request, Connection& connection) {
  if (request.target == "/latest/api/token" && request.method == "PUT") {
    connection.answer(200, "imds-token");
  } else if (request.header("x-aws-ec2-metadata-token") != "imds-token") {
    connection.answer(401, "");
  } else if (request.target == "/latest/meta-data/iam/security-credentials/") {
    connection.answer(200, "my-role");
  } else if (request.target == "/latest/meta-data/iam/security-credentials/my-role") {
    connection.answer(200, role_json("EC2", "2023-11-15T04:00:00Z"));
  } else {
    connection.answer(404, "");
  }
  return true;
}

TEST_F(CredentialsFrom, AnEc2InstanceAreItsRolesByImdsV2) {
  TestServer metadata(instance_metadata);
  variables_ = {{"AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata.url()}};
  const Credentials role = get();
  EXPECT_EQ(role.access_key_id, "EC2");
  EXPECT_EQ(role.session_token, "st");
  EXPECT_GT(role.expires_ns, kNowNs);
}

TEST_F(CredentialsFrom, AnInstanceWithoutARoleAreNone) {
  TestServer metadata([](const Request& request, Connection& connection) {
    connection.answer(request.method == "PUT" ? 200 : 404, "x");
    return true;
  });
  variables_ = {{"AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata.url()}};
  EXPECT_THAT(error().message, HasSubstr("no S3 credentials"));
}

TEST_F(CredentialsFrom, NoInstanceAreNone) {
  variables_ = {{"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1"}};
  EXPECT_THAT(error().message, HasSubstr("no S3 credentials"));
}

TEST_F(CredentialsFrom, AContainersAgentNeedItsToken) {
  TestServer agent([](const Request& request, Connection& connection) {
    const bool known = request.header("authorization") == "agent-token";
    connection.answer(known ? 200 : 401, role_json("POD", "2023-11-15T04:00:00Z"));
    return true;
  });
  variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = agent.url() + "/v1/credentials";
  EXPECT_THAT(error().message, HasSubstr("401"));
  variables_["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = "/var/agent";
  disk_.set_contents("/var/agent", "agent-token\n");
  EXPECT_EQ(get().access_key_id, "POD");
  variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://elsewhere.example.com/";
  EXPECT_THAT(error().message, HasSubstr("neither https"));
}

TEST_F(CredentialsFrom, AnAnswerThatIsNoneShowNothingOfIt) {
  for (const char* body : {"", "{", "[]", "{\"Code\":\"Failed\",\"SecretAccessKey\":\"sk\"}",
                           "{\"AccessKeyId\":1}", "<html>sk</html>"}) {
    TestServer agent([&](const Request&, Connection& connection) {
      connection.answer(200, body);
      return true;
    });
    variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = agent.url();
    EXPECT_EQ(error().code, ErrorCode::kParse) << body;
    EXPECT_THAT(error().message, Not(HasSubstr("sk"))) << body;
  }
}

// --- Renewal -------------------------------------------------------------------------------------

// Hands out numbered credentials, or fails.
class FakeSource final : public CredentialSource {
 public:
  explicit FakeSource(const base::Clock& clock) : clock_(clock) {}
  Result<std::optional<Credentials>> fetch() override {
    const int number = ++fetches;
    if (fails) return Error{ErrorCode::kUnavailable, "no answer"};
    Credentials fresh;
    fresh.access_key_id = "K" + std::to_string(number);
    if (lifetime_ns > 0) fresh.expires_ns = clock_.wall_ns() + lifetime_ns;
    return std::optional<Credentials>(fresh);
  }
  std::string name() const override { return "fake"; }

  std::atomic<int> fetches{0};
  std::atomic<bool> fails{false};
  std::int64_t lifetime_ns = 60 * kMinuteNs;

 private:
  const base::Clock& clock_;
};

class Renewal : public ::testing::Test {
 protected:
  Renewal() {
    auto source = std::make_unique<FakeSource>(clock_);
    source_ = source.get();
    std::vector<std::unique_ptr<CredentialSource>> sources;
    sources.push_back(std::move(source));
    chain_ = std::make_unique<CredentialChain>(std::move(sources), clock_);
  }
  std::string id() {
    const auto found = chain_->get();
    return found ? found->access_key_id : found.error().message;
  }
  void minutes(int count) { clock_.advance(std::chrono::minutes(count)); }

  base::ManualClock clock_{kNowNs};
  FakeSource* source_ = nullptr;
  std::unique_ptr<CredentialChain> chain_;
};

TEST_F(Renewal, ComesBeforeTheEnd) {
  EXPECT_EQ(id(), "K1");
  minutes(54);
  EXPECT_EQ(id(), "K1");
  minutes(2);
  EXPECT_EQ(id(), "K2");
}

TEST_F(Renewal, MayFailUntilTheEnd) {
  EXPECT_EQ(id(), "K1");
  source_->fails = true;
  minutes(56);
  EXPECT_EQ(id(), "K1");
  EXPECT_EQ(id(), "K1");
  EXPECT_EQ(source_->fetches, 2);  // Not each time.
  minutes(1);
  EXPECT_EQ(id(), "K1");
  EXPECT_EQ(source_->fetches, 3);
  minutes(4);
  EXPECT_THAT(id(), HasSubstr("no answer"));
  source_->fails = false;
  EXPECT_EQ(id(), "K5");
}

TEST_F(Renewal, FollowsARefusalOnce) {
  source_->lifetime_ns = 0;
  const Credentials first = *chain_->get();
  chain_->refuse(first);
  EXPECT_EQ(id(), "K2");
  chain_->refuse(first);  // Somebody who was slow: those are not in use any more.
  EXPECT_EQ(id(), "K2");
}

TEST_F(Renewal, IsDoneByOneForAll) {
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] { EXPECT_EQ(id(), "K1"); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(source_->fetches, 1);
}

}  // namespace
}  // namespace lynxdb::s3
