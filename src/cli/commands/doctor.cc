// lynxdb doctor: what could be wrong, checked one by one.
#include <curl/curl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <future>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/units.h"
#include "cli/build_info.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/server_call.h"
#include "cli/server_target.h"
#include "config/server_config.h"
#include "event/value.h"
#include "instance/storage_options.h"
#include "io/object_store.h"

namespace lynxdb::cli {
namespace {

namespace fs = std::filesystem;

void declare_flags(FlagSet& /*flags*/, Arguments& /*arguments*/) {}

enum class Verdict : std::uint8_t { kOk, kWarning, kFailed, kSkipped };

struct Check {
  std::string name;
  Verdict verdict = Verdict::kOk;
  std::string detail;
};

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::kOk:
      return "ok";
    case Verdict::kWarning:
      return "warning";
    case Verdict::kFailed:
      return "failed";
    case Verdict::kSkipped:
      break;
  }
  return "skipped";
}

std::string with_hint(const Error& error) {
  return error.suggestion.empty() ? error.message : error.message + " (" + error.suggestion + ")";
}

Check check_binary() {
  const BuildInfo info = build_info();
  return {"binary", Verdict::kOk,
          "v" + std::string(info.version) + " (" + std::string(info.commit) + ")"};
}

// The directory itself, or the nearest one above it that exists: there it would be made.
fs::path existing_part(fs::path path) {
  std::error_code ignored;
  while (!path.empty() && !fs::exists(path, ignored) && path != path.parent_path())
    path = path.parent_path();
  return path;
}

Check check_data_dir(const std::string& directory) {
  if (directory.empty()) return {"data_dir", Verdict::kWarning, "none: everything is in memory"};
  const fs::path there = existing_part(directory);
  std::error_code ignored;
  if (!fs::is_directory(there, ignored))
    return {"data_dir", Verdict::kFailed, there.string() + " is no directory"};
  if (::access(there.c_str(), W_OK | X_OK) != 0)
    return {"data_dir", Verdict::kFailed, there.string() + " is not writable for this user"};
  const bool exists = there == fs::path(directory);
  return {"data_dir", Verdict::kOk, directory + (exists ? "" : " (not there yet, can be made)")};
}

Check check_disk(const config::ServerConfig& config) {
  struct statvfs space{};
  if (config.data_dir.empty()) return {"disk", Verdict::kSkipped, "no data directory"};
  const fs::path there = existing_part(config.data_dir);
  if (::statvfs(there.c_str(), &space) != 0 || space.f_blocks == 0)
    return {"disk", Verdict::kWarning, "cannot see how full " + there.string() + " is"};
  const std::uint64_t used = 100 - 100 * space.f_bavail / space.f_blocks;
  const std::string detail = std::to_string(used) + "% used";
  if (used >= config.storage.disk_full_percent)
    return {"disk", Verdict::kFailed, detail + ": writes are refused"};
  if (used >= config.storage.disk_high_percent)
    return {"disk", Verdict::kWarning, detail + ": writers are told to wait"};
  return {"disk", Verdict::kOk, detail};
}

// Dates of HTTP count seconds.
Check check_clock(std::string_view date) {
  constexpr double kSkewMaxS = 2;
  const std::time_t theirs = curl_getdate(std::string(date).c_str(), nullptr);
  if (date.empty() || theirs < 0) return {"clock", Verdict::kSkipped, "the server tells no time"};
  const double skew = std::difftime(std::time(nullptr), theirs);
  if (std::abs(skew) > kSkewMaxS)
    return {"clock", Verdict::kWarning,
            "this machine and the server differ by " +
                std::to_string(static_cast<long>(std::abs(skew))) + " s"};
  return {"clock", Verdict::kOk, "agrees with the server's"};
}

void check_cluster(client::HttpClient& client, std::vector<Check>& checks) {
  const auto answer =
      client.send({.path = "/api/v1/cluster/status", .total_max = std::chrono::seconds(5)});
  const auto data =
      answer.has_value() && answer->ok() ? json_member(answer->body, "data") : std::nullopt;
  const std::string status = data ? json_string_member(*data, "status") : "";
  if (status.empty()) {
    checks.push_back({"cluster", Verdict::kSkipped, "the server says nothing about one"});
    return;
  }
  const Verdict verdict = status == "healthy"    ? Verdict::kOk
                          : status == "degraded" ? Verdict::kWarning
                                                 : Verdict::kFailed;
  checks.push_back({"cluster", verdict, status});
}

void check_server(const Session& session, std::vector<Check>& checks) {
  Result<client::HttpClient::Options> options = client_options(session);
  if (!options.has_value()) {
    checks.push_back({"server", Verdict::kFailed, with_hint(options.error())});
    return;
  }
  client::HttpClient client(*std::move(options));
  const auto health = client.send({.path = "/health", .total_max = std::chrono::seconds(5)});
  if (!health.has_value()) {
    checks.push_back({"server", Verdict::kFailed, with_hint(health.error())});
    return;
  }
  const std::string status = json_string_member(health->body, "status");
  const std::string reason = json_string_member(health->body, "reason");
  const std::string why = reason.empty() ? "" : ": " + reason;
  if (!health->ok()) {
    checks.push_back({"server", Verdict::kFailed, client.server() + " is unhealthy" + why});
  } else if (status == "degraded") {
    checks.push_back({"server", Verdict::kWarning, client.server() + " is degraded" + why});
  } else {
    checks.push_back({"server", Verdict::kOk, client.server() + " takes requests"});
  }
  checks.push_back(check_clock(health->header("date")));
  check_cluster(client, checks);
}

// Put, get and delete, as the server will.
Result<> try_objects(io::ObjectStore& objects) {
  const std::string content = "written by lynxdb doctor";
  std::random_device random;
  const std::string key = "doctor/" + std::to_string(::getpid()) + "-" + std::to_string(random());
  if (auto put = objects.put(key, content); !put) return std::move(put).error().in("put");
  const auto got = objects.get(key, {.offset = 0, .size = content.size()});
  // Also when it cannot be read: what was put must not stay.
  auto removed = objects.remove(std::span(&key, 1));
  if (!got) return Error(got.error()).in("get");
  if (*got != content) return Error{ErrorCode::kCorruption, "get: the object is not what was put"};
  if (!removed) return std::move(removed).error().in("delete");
  return {};
}

Result<> try_object_store(const config::StorageConfig& storage) {
  constexpr std::chrono::seconds kPatience{20};  // Repeated requests included.
  const std::unique_ptr<io::ObjectStore> objects = TRY(instance::open_objects(storage));
  std::promise<void> tried;
  std::thread limit([&, is_tried = tried.get_future()] {
    if (is_tried.wait_for(kPatience) == std::future_status::timeout) objects->cancel();
  });
  Result<> result = try_objects(*objects);
  tried.set_value();
  limit.join();
  if (!result && result.error().code == ErrorCode::kCancelled)
    return Error{ErrorCode::kTimeout,
                 "no answer within " + std::to_string(kPatience.count()) + " s",
                 "check storage.s3_endpoint, and the network"};
  return result;
}

Check check_object_store(const config::ServerConfig& config) {
  const config::StorageConfig& storage = config.storage;
  if (storage.s3_bucket.empty() && storage.object_store.empty())
    return {"s3", Verdict::kSkipped, "no bucket is configured"};
  const std::string where =
      storage.s3_bucket.empty() ? storage.object_store : "bucket " + storage.s3_bucket;
  if (const auto tried = try_object_store(storage); !tried)
    return {"s3", Verdict::kFailed, where + ": " + with_hint(tried.error())};
  return {"s3", Verdict::kOk, where + ": an object was put, read and deleted"};
}

Check check_retention(const config::ServerConfig& config) {
  if (config.retention.count() == 0)
    return {"retention", Verdict::kWarning, "events are kept for ever: the disk fills up"};
  return {"retention", Verdict::kOk,
          "events are kept for " + base::duration_text(config.retention.count())};
}

Check check_completion() {
  const char* home = std::getenv("HOME");
  const std::string user = home == nullptr ? "" : home;
  for (const std::string& path : {std::string("/usr/share/bash-completion/completions/lynxdb"),
                                  std::string("/etc/bash_completion.d/lynxdb"),
                                  std::string("/usr/share/zsh/site-functions/_lynxdb"),
                                  user + "/.local/share/bash-completion/completions/lynxdb",
                                  user + "/.config/fish/completions/lynxdb.fish"}) {
    std::error_code ignored;
    if (fs::exists(path, ignored)) return {"completion", Verdict::kOk, path};
  }
  return {"completion", Verdict::kSkipped, "not installed: see lynxdb completion --help"};
}

std::string row_of(const Check& check) {
  std::string json = "{\"check\":";
  event::append_json_string(check.name, json);
  json += ",\"status\":";
  event::append_json_string(to_string(check.verdict), json);
  json += ",\"detail\":";
  event::append_json_string(check.detail, json);
  return json + "}";
}

void check_configuration(Session& session, std::vector<Check>& checks) {
  std::error_code ignored;
  const auto failed = [&](const Error& error) {
    checks.push_back({"config", Verdict::kFailed, with_hint(error)});
  };
  auto settings = config::Settings::load(session.arguments.config, fs::current_path(ignored));
  if (!settings.has_value()) return failed(settings.error());
  session.settings = *std::move(settings);
  const auto config = config::make_server_config(session.settings, config::this_machine());
  if (!config.has_value()) return failed(config.error());
  const std::string& path = session.settings.config_path();
  checks.push_back({"config", Verdict::kOk, path.empty() ? "no file: defaults" : path});
  checks.push_back(check_data_dir(config->data_dir));
  checks.push_back(check_disk(*config));
  checks.push_back(check_object_store(*config));
  checks.push_back(check_retention(*config));
}

int run(const Session& given) {
  if (!given.arguments.positionals.empty())
    return wrong_arguments(given, kDoctorCommand, "doctor takes no arguments");
  Session session = given;
  std::vector<Check> checks = {check_binary()};
  check_configuration(session, checks);
  check_server(session, checks);
  checks.push_back(check_completion());
  std::vector<std::string> rows;
  bool failed = false;
  for (const Check& check : checks) {
    rows.push_back(row_of(check));
    failed = failed || check.verdict == Verdict::kFailed;
  }
  const int printed = print_rows(session, rows);
  return printed == kExitOk && failed ? static_cast<int>(kExitFailure) : printed;
}

}  // namespace

const Command kDoctorCommand = {"doctor",      "",  "",   "check what could be wrong",
                                declare_flags, run, false};

}  // namespace lynxdb::cli
